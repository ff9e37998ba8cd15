// How much work the kernel does, counted so that a long call can be interrupted and resumed: the simulator runs in the thread of its
// host, which must have its turn every few milliseconds, whatever a program calls.

import type { Wait } from "./waiting.ts";

/** Work done, in units of about 0.2 microseconds: a page fault counts 1, a full page table that is walked 64. */
export class Work {
  done = 0;
  /** Calls are interrupted once so much is done; Infinity where nobody waits. */
  limit = Number.POSITIVE_INFINITY;

  get isSpent(): boolean {
    return this.done >= this.limit;
  }
}

/**
 * A call that may be interrupted wherever it yields; nothing then depends on what it has read before. Where it yields what it waits
 * for, it goes on once that is over.
 */
export type Resumable<T> = Generator<Wait | undefined, T, undefined>;

/** Runs a call to its end at once: one that never waits. */
export function finished<T>(call: Resumable<T>): T {
  for (;;) {
    const { done, value } = call.next();
    if (done) return value;
    if (value) throw new Error("nobody is there who could wait");
  }
}
