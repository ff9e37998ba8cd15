// What stands in the place of a byte that is none.

/** It is the same before and after a step, and which it is was not kept. */
export const NOT_KEPT = -1;
/** Nobody knows what it was. */
export const NOT_KNOWN = -2;
