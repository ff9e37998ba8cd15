// What the timeline's events do to the page's state. Pure.
import type { StepSpan, TimelineReply } from "../../src/ui/protocol.ts";
import { chooseAndTell, quietly, seekStep, type Turn, withMap } from "../moves.ts";
import type { State } from "../state.ts";
import { without } from "../without.ts";
import { barOfStep } from "./scale.ts";
import { type Brush, movedView, spanOf, type TimelineState, zoomedView } from "./state.ts";

export type TimelineEvent =
  | { readonly type: "timelineResized"; readonly width: number; readonly height: number }
  | { readonly type: "timelineShown"; readonly isShown: boolean }
  | { readonly type: "measured"; readonly measure: TimelineState["measure"] }
  /** About a step that stays where it is; absent: the chosen one. */
  | { readonly type: "timelineZoomed"; readonly by: number; readonly about?: number }
  /** By parts of what is in view: 1 for all of it. */
  | { readonly type: "timelineMoved"; readonly by: number }
  | { readonly type: "timelineFitted" }
  /** Draws the brush, or while comparing the other one. */
  | { readonly type: "brushed"; readonly brush: Brush }
  /** Begins a brush at the chosen step. */
  | { readonly type: "brushBegun" }
  /** Draws the brush further by bars; where there is none, it begins at the chosen step. */
  | { readonly type: "brushExtended"; readonly by: number }
  /** The other brush is let go, or where there is none, the brush. */
  | { readonly type: "brushLetGo" }
  /** Whether what is brushed from now on is what the brush is compared with. */
  | { readonly type: "compared"; readonly isComparing: boolean }
  | { readonly type: "colored"; readonly color: State["map"]["color"] }
  | { readonly type: "played"; readonly isPlaying: boolean }
  | { readonly type: "ticked"; readonly tick: number };

export function reduceTimeline(state: State, event: TimelineEvent): Turn {
  const { timeline } = state;
  switch (event.type) {
    case "timelineResized":
      return quietly(withTimeline(state, { width: event.width, height: event.height }));
    case "timelineShown":
      return quietly(withTimeline(state, { isShown: event.isShown }));
    case "measured":
      return quietly(withTimeline(state, { measure: event.measure }));
    case "timelineZoomed":
      return quietly(zoom(state, event.by, event.about));
    case "timelineMoved":
      return quietly(move(state, event.by));
    case "timelineFitted":
      return quietly({ ...state, timeline: without(timeline, "view") });
    case "brushed":
      return quietly(brush(state, event.brush));
    case "brushBegun":
      return quietly(state.chosen === undefined ? state : brush(state, { anchor: state.chosen, head: state.chosen }));
    case "brushExtended":
      return quietly(extend(state, event.by));
    case "brushLetGo":
      return quietly(letGo(state));
    case "compared":
      return quietly(withTimeline(state, { isComparing: event.isComparing && timeline.brush !== undefined }));
    case "colored":
      return quietly(seekStep(withMap(state, { color: event.color })));
    case "played":
      return event.isPlaying ? play(state) : quietly(stopped(state));
    case "ticked":
      return timeline.tick === event.tick ? playOn(state) : quietly(state);
  }
}

function withTimeline(state: State, change: Partial<TimelineState>): State {
  return { ...state, timeline: { ...state.timeline, ...change } };
}

function replyOf({ slots }: State): TimelineReply | undefined {
  return slots.timeline.shown?.reply;
}

function zoom(state: State, by: number, about: number | undefined): State {
  const reply = replyOf(state);
  if (!reply) return state;
  const { view } = reply;
  const middle = Math.round((view.first + view.last) / 2);
  const isChosenInView = state.chosen !== undefined && view.first <= state.chosen && state.chosen <= view.last;
  return viewed(state, zoomedView(view, by, about ?? (isChosenInView ? (state.chosen ?? middle) : middle), reply));
}

function move(state: State, by: number): State {
  const reply = replyOf(state);
  const { view } = state.timeline;
  if (!reply || !view) return state;
  const steps = Math.sign(by) * Math.max(1, Math.round(Math.abs(by) * (view.last - view.first + 1)));
  return viewed(state, movedView(view, steps, reply));
}

function viewed(state: State, view: StepSpan | undefined): State {
  const timeline = without(state.timeline, "view");
  return { ...state, timeline: view ? { ...timeline, view } : timeline };
}

function brush(state: State, drawn: Brush): State {
  const { isComparing, brush: here } = state.timeline;
  const isOther = isComparing && here !== undefined;
  return seekStep(withTimeline(state, { ...(isOther ? { other: drawn } : { brush: drawn }), isUntold: true }));
}

function extend(state: State, by: number): State {
  const reply = replyOf(state);
  const { chosen, timeline } = state;
  const edited = timeline.isComparing ? timeline.other : timeline.brush;
  const from = edited ?? (chosen === undefined ? undefined : { anchor: chosen, head: chosen });
  if (!from || !reply) return state;
  const head = Math.max(reply.oldest, Math.min(reply.newest, from.head + by * reply.stepsPerBar));
  return brush(state, { ...from, head });
}

function letGo(state: State): State {
  const { timeline } = state;
  if (timeline.other || timeline.isComparing) {
    return {
      ...state,
      timeline: { ...without(timeline, "other"), isComparing: false, isUntold: timeline.other !== undefined },
    };
  }
  return seekStep({ ...state, timeline: { ...without(timeline, "brush"), isUntold: false } });
}

function stopped(state: State): State {
  return { ...state, timeline: { ...without(state.timeline, "tick"), isPlaying: false } };
}

/** From the chosen step on, and from the beginning where that is the end; within the brush where there is one. */
function play(state: State): Turn {
  const reply = replyOf(state);
  if (!reply || reply.firsts.length === 0) return quietly(state);
  const { first, last } = playedSpan(state, reply);
  const playing = withTimeline(state, { isPlaying: true });
  const { chosen } = state;
  if (chosen !== undefined && first <= chosen && chosen < last) return quietly(playing);
  const start = reply.lasts[barOfStep(reply, first)] ?? reply.lasts[0];
  return chooseAndTell(playing, Math.min(start, last), false);
}

function playOn(before: State): Turn {
  const state = { ...before, timeline: without(before.timeline, "tick") };
  const reply = replyOf(state);
  if (!reply || state.chosen === undefined) return quietly(stopped(state));
  const { last } = playedSpan(state, reply);
  const at = barOfStep(reply, state.chosen);
  // A bar of several steps shows what was written up to its end.
  const next = at < 0 ? undefined : reply.lasts[reply.lasts[at] > state.chosen ? at : at + 1];
  if (next === undefined || state.chosen >= last) return quietly(stopped(state));
  return chooseAndTell(state, Math.min(next, last), false);
}

function playedSpan({ timeline }: State, { view }: TimelineReply): StepSpan {
  return timeline.brush ? spanOf(timeline.brush) : view;
}

/** Plays on once the chosen step's map is there: never faster than the map can follow. */
export function keepPlaying(state: State): Turn {
  const { timeline, slots, chosen } = state;
  if (!timeline.isPlaying || timeline.tick !== undefined || !state.visible) return quietly(state);
  const isShown = state.asTable || slots.map.shown?.query.step === chosen;
  if (!isShown) return quietly(state);
  const tick = state.nextId;
  return { state: { ...withTimeline(state, { tick }), nextId: tick + 1 }, effects: [{ do: "tick", tick }] };
}

/** Tells what was brushed in words, as soon as they are there. */
export function tellBrush(state: State): Turn {
  const { timeline, slots } = state;
  if (!timeline.isUntold || !timeline.brush) return quietly(state);
  const { shown, pending } = slots.brush;
  if (!shown || pending || !isOf(shown.query, timeline)) return quietly(state);
  const { title, facts } = shown.reply;
  return {
    state: withTimeline(state, { isUntold: false }),
    effects: [{ do: "announce", text: [title, ...facts].join("; ") }],
  };
}

function isOf(
  query: { readonly brush: StepSpan; readonly other?: StepSpan },
  { brush: here, other }: TimelineState,
): boolean {
  const same = (a: StepSpan | undefined, b: Brush | undefined): boolean =>
    a && b ? a.first === spanOf(b).first && a.last === spanOf(b).last : a === b;
  return same(query.brush, here) && same(query.other, other);
}
