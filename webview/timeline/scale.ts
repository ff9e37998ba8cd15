// Where the timeline's bars lie, and which bar lies where. Pure: painting and pointing are two readings of one reply.
import type { StepSpan, TimelineReply } from "../../src/ui/protocol.ts";
import { LEAST_BAR, MOST_BAR } from "./state.ts";

export type Placed = Pick<TimelineReply, "firsts" | "lasts">;

/** Pixels from one bar to the next; a whole number of them where there is room, so that all bars are of one width. */
export function barWidth({ firsts }: Placed, width: number): number {
  if (firsts.length === 0) return MOST_BAR;
  return Math.max(1, Math.min(MOST_BAR, Math.floor(width / firsts.length)));
}

/** How many bars there is room for. */
export function barsIn(width: number): number {
  return Math.max(1, Math.floor(width / LEAST_BAR));
}

/** The bar at a point; the first or the last one for points beside them. -1 where there are none. */
export function barAt(placed: Placed, width: number, x: number): number {
  const bars = placed.firsts.length;
  if (bars === 0) return -1;
  return Math.max(0, Math.min(bars - 1, Math.floor(x / barWidth(placed, width))));
}

/** The bar that holds a step; the nearest one behind it else, and -1 where there is none. */
export function barOfStep({ lasts }: Placed, step: number): number {
  let low = 0;
  let high = lasts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lasts[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low < lasts.length ? low : -1;
}

/** Pixels of the bars that a span reaches over; undefined where none of it is in view. */
export function placeOfSpan(
  placed: Placed,
  width: number,
  { first, last }: StepSpan,
): { readonly left: number; readonly right: number } | undefined {
  const from = barOfStep(placed, first);
  if (from < 0 || placed.firsts[from] > last) return undefined;
  const behind = barOfStep(placed, last);
  const to = behind < 0 ? placed.lasts.length - 1 : placed.firsts[behind] > last ? behind - 1 : behind;
  const bar = barWidth(placed, width);
  return { left: from * bar, right: (to + 1) * bar };
}
