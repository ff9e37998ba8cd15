// How high the timeline's parts are: its bars, the lanes of its threads, its numbers. Pure.
import type { TimelineReply } from "../../src/ui/protocol.ts";

/** Pixels above the bars for the chosen step's sign, of a thread's lane, and of the numbers below the bars. */
export const HEAD = 7;
export const LANE = 4;
const AXIS = 13;
/** Bars need so much; lanes and numbers are left out where there is less. */
const LEAST_BARS = 18;
/** Of a bar that is not empty. */
const LEAST_PART = 2;

export interface Heights {
  readonly bars: number;
  readonly lanes: number;
  readonly axis: number;
}

/** How a height is shared out. */
export function heightsOf({ threads, ran }: Pick<TimelineReply, "threads" | "ran">, height: number): Heights {
  const others = ran.some(bits => bits >= 1 << threads.length) ? 1 : 0;
  const wanted = threads.length > 1 ? (threads.length + others) * LANE + 2 : 0;
  const axis = height - HEAD - AXIS >= LEAST_BARS ? AXIS : 0;
  const lanes = height - HEAD - axis - wanted >= LEAST_BARS ? wanted : 0;
  return { bars: Math.max(1, height - HEAD - axis - lanes), lanes, axis };
}

/** The height of a bar, by the logarithm: a step that wrote two pages shows beside one that wrote ten thousand. */
export function barHeight(value: number, most: number, height: number): number {
  if (value <= 0) return 0;
  return Math.max(LEAST_PART, Math.round((Math.log2(1 + value) / Math.log2(1 + most)) * height));
}

/** The whole of each bar. */
export function totalsOf({ firsts, groups, values }: TimelineReply): Float64Array {
  const totals = new Float64Array(firsts.length);
  for (let bar = 0; bar < totals.length; bar += 1) {
    for (let part = 0; part < groups.length; part += 1) totals[bar] += values[bar * groups.length + part];
  }
  return totals;
}
