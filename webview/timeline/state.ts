// The timeline as a value: what is in view of it, what is brushed, and whether it plays.
import type { MapLook, Measure, StepSpan, TimelineReply } from "../../src/ui/protocol.ts";
import type { MapState } from "../state.ts";

/** Several steps in a row, by their numbers: from where it was begun to where it was drawn to, which may lie before it. */
export interface Brush {
  readonly anchor: number;
  readonly head: number;
}

export interface TimelineState {
  readonly isShown: boolean;
  /** Pixels that there are for bars. */
  readonly width: number;
  readonly height: number;
  readonly measure: Measure;
  /** What is in view; absent: all steps. */
  readonly view?: StepSpan;
  readonly brush?: Brush;
  /** Steps that those of the brush are compared with. */
  readonly other?: Brush;
  /** Whether what is brushed next is what the brush is compared with. */
  readonly isComparing: boolean;
  readonly isPlaying: boolean;
  /** The tick that is waited for before playing goes on. */
  readonly tick?: number;
  /** The brush was changed and has not been told in words yet. */
  readonly isUntold: boolean;
}

export const FIRST_TIMELINE: TimelineState = {
  isShown: true,
  width: 0,
  height: 0,
  measure: "pages",
  isComparing: false,
  isPlaying: false,
  isUntold: false,
};

/** Pixels of a bar with the gap behind it, at least and at most. */
export const LEAST_BAR = 3;
export const MOST_BAR = 16;
/** Steps in view at least: nearer there is nothing more to see. */
const LEAST_VIEW = 8;

export function spanOf({ anchor, head }: Brush): StepSpan {
  return anchor <= head ? { first: anchor, last: head } : { first: head, last: anchor };
}

/** What the map is asked to show; absent for what it shows by itself. */
export function lookOf({ color }: MapState, { brush, other }: TimelineState): MapLook | undefined {
  if (color === "step" && !brush) return undefined;
  return {
    color,
    ...(brush ? { brush: spanOf(brush) } : {}),
    ...(brush && other ? { other: spanOf(other) } : {}),
  };
}

export type Ends = Pick<TimelineReply, "oldest" | "newest">;

/** The view with twice as many steps, or half of them, about a step that stays where it is. */
export function zoomedView(view: StepSpan, by: number, about: number, { oldest, newest }: Ends): StepSpan | undefined {
  const length = view.last - view.first + 1;
  const wanted = Math.max(LEAST_VIEW, Math.round(length * 2 ** -by));
  if (wanted >= newest - oldest + 1) return undefined;
  const share = (Math.max(view.first, Math.min(view.last, about)) - view.first) / length;
  return within({ first: Math.round(about - share * wanted), last: 0 }, wanted, { oldest, newest });
}

/** The view moved by so many steps, as far as there are any. */
export function movedView({ first, last }: StepSpan, by: number, ends: Ends): StepSpan {
  return within({ first: first + by, last: 0 }, last - first + 1, ends);
}

/** The view moved as little as brings a step into it. */
export function viewWith(view: StepSpan, step: number): StepSpan {
  const by = step < view.first ? step - view.first : step > view.last ? step - view.last : 0;
  return by === 0 ? view : { first: view.first + by, last: view.last + by };
}

function within({ first }: StepSpan, length: number, { oldest, newest }: Ends): StepSpan {
  const from = Math.max(oldest, Math.min(first, newest - length + 1));
  return { first: from, last: from + length - 1 };
}
