// A connection to a debug adapter whose every request ends: with an answer, by a deadline, or because nobody wants it any more.
import { answered } from "../common/deadline.ts";
import { type AdapterPort, DapError } from "../debuggers/adapter-port.ts";

export interface Patience {
  /** How long a request may take, milliseconds. */
  readonly milliseconds: number;
  readonly signal?: AbortSignal;
  /** Is told what is waited for, as the middle of a sentence; undefined when nothing is any more. */
  waiting(what: string | undefined): void;
}

/**
 * The same port with deadlines.
 * @returns a port whose requests throw DapError where the adapter refuses, DeadlineError where it does not answer, Cancelled.
 */
export function patientPort(port: AdapterPort, { milliseconds, signal, waiting }: Patience): AdapterPort {
  return {
    debugType: port.debugType,
    onEvent: listener => port.onEvent(listener),
    async request(command, args) {
      const what = `the debugger (${port.debugType})'s answer to '${command}'`;
      waiting(what);
      try {
        return await answered(port.request(command, args), {
          what: `The debugger (${port.debugType}), asked for '${command}',`,
          milliseconds,
          signal,
        });
      } catch (error) {
        throw error instanceof Error ? error : new DapError(command, String(error));
      } finally {
        waiting(undefined);
      }
    },
  };
}
