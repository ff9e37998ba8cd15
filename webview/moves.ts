// Moves that several events and answers make: choosing a step, looking for a place, scrolling.
import { type Effect, FIRST_LINES, FIRST_RANGES, type MapState, type Seek, type State } from "./state.ts";
import { viewWith } from "./timeline/state.ts";
import { overscanOf, shownItem } from "./wants.ts";
import { without } from "./without.ts";

/** What comes of an event: the state after it, and what is to be done. */
export interface Turn {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function quietly(state: State): Turn {
  return { state, effects: [] };
}

/** Chooses a step, and brings its row and what it wrote into view. */
export function choose(state: State, step: number): State {
  if (state.chosen === step) return { ...state, list: { ...state.list, isChosenSought: true } };
  const { view } = state.timeline;
  const chosen = {
    ...state,
    chosen: step,
    following: step === state.newest,
    ranges: FIRST_RANGES,
    lines: FIRST_LINES,
    list: { ...without(state.list, "wanted"), isChosenSought: true },
    timeline: view ? { ...state.timeline, view: viewWith(view, step) } : state.timeline,
  };
  return seekStep(chosen);
}

/** A choice of the user's: the extension shows its line note, and its line where `reveal`. */
export function chooseAndTell(state: State, step: number, reveal: boolean): Turn {
  const recording = shownItem(state)?.id;
  if (recording === undefined) return quietly(state);
  const chosen = choose(state, step);
  return { state: chosen, effects: [{ do: "tell chosen", recording, step, reveal, stay: !chosen.following }] };
}

/** Looks for what the chosen step wrote, to bring it into view. */
export function seekStep(state: State): State {
  return seek(state, { target: { to: "chosen step" }, aim: "step", offset: 0 });
}

/** Looks for a place on the map, in place of any that is looked for already. */
export function seek(state: State, wanted: Omit<Seek, "serial">): State {
  const rest = without(state, "sought", "place");
  // Without a chosen step there is nowhere to go.
  if (wanted.aim === "step" && state.chosen === undefined) return rest;
  return { ...rest, nextId: state.nextId + 1, seek: { ...wanted, serial: state.nextId } };
}

/** Scrolls within the layout; cells are asked for anew once half of what was laid out beyond the box is used up. */
export function scrollTo(state: State, to: number): State {
  const { map, slots } = state;
  const contentHeight = slots.map.shown?.reply.contentHeight;
  const most = contentHeight === undefined ? to : contentHeight - map.height;
  const scroll = Math.max(0, Math.min(to, most));
  const isCovered = Math.abs(scroll - map.anchor) <= overscanOf(map.height) / 2;
  return withMap(state, { scroll, anchor: isCovered ? map.anchor : scroll });
}

export function withMap(state: State, change: Partial<MapState>): State {
  return { ...state, map: { ...state.map, ...change } };
}
