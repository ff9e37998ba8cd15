// The size of the map's cells.

/** Pixels from one cell to the next; the last of them is the gap between the two. */
export const CELL = 8;
