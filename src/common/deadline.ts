// Waiting for somebody else's answer, but not for ever: every wait has a deadline, a way to cancel it, and words for both.
import type { Emitter } from "./emitter.ts";

/** Nobody answered in time; the message says who was asked for what, and for how long. */
export class DeadlineError extends Error {
  constructor(what: string, milliseconds: number) {
    super(`${what} has not answered for ${seconds(milliseconds)}`);
    this.name = "DeadlineError";
  }
}

/** The one who asked for it wants it no more. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}

export interface Wait {
  /** Who is asked for what, as the beginning of a sentence: "lldb-dap, asked for 'evaluate',". */
  readonly what: string;
  /** How long to wait, milliseconds. */
  readonly milliseconds: number;
  /** Ends the wait at once. */
  readonly signal?: AbortSignal | undefined;
  /** With each sign of life the time begins anew. */
  readonly signs?: Emitter<void> | undefined;
}

/**
 * The answer, if it comes in time. The request itself goes on where it can't be called back; its late answer is dropped, a late
 * refusal too.
 * @throws {DeadlineError} it did not come in time; {Cancelled} the signal was given.
 */
export function answered<T>(answer: Promise<T>, { what, milliseconds, signal, signs }: Wait): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      hearing?.dispose();
    };
    const onAbort = (): void => {
      finish();
      reject(new Cancelled());
    };
    const onTime = (): void => {
      finish();
      reject(new DeadlineError(what, milliseconds));
    };
    let timer = setTimeout(onTime, milliseconds);
    const hearing = signs?.listen(() => {
      clearTimeout(timer);
      timer = setTimeout(onTime, milliseconds);
    });
    answer.then(
      value => {
        finish();
        resolve(value);
      },
      error => {
        finish();
        reject(error);
      },
    );
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 100) / 10} s`;
}
