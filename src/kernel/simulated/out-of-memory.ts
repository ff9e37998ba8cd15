// The machine has no more memory.
import { Errno } from "../errno.ts";

/** An allocation that can't be made; where a call can fail it becomes ENOMEM, and an access of the program's own ends the program. */
export class OutOfMemory extends Error {
  constructor() {
    super("the simulated machine has no more memory");
    this.name = "OutOfMemory";
  }
}

/** What a call answers, which is -ENOMEM where it runs out of memory in its midst. */
export function orNoMemory(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if (error instanceof OutOfMemory) return -Errno.ENOMEM;
    throw error;
  }
}
