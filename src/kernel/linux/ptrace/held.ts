// The processes whose threads all stand for us, and the order of whatever is done by ptrace: one piece of work after another.
import type { Tracee } from "./tracee.ts";

/** Threads by their numbers, of each process that stands; all of them in a trap. */
export const held = new Map<number, Map<number, Tracee>>();

let last: Promise<unknown> = Promise.resolve();

/** One at a time: a thread may have one tracer only, and two calls of ours would meet in it. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => {});
  return result;
}

/** Settles when no thread is on the way of a call. */
export async function callsDone(): Promise<void> {
  await last;
}
