// What the inspector's keys and buttons do to the page's state.
import { chooseAndTell, quietly, type Turn } from "../moves.ts";
import { FIRST_LINES, type Frozen, type Inspected, type State } from "../state.ts";
import { inspectedRange } from "../wants.ts";
import { without } from "../without.ts";

/** Looks at something else: what was frozen is let go. */
export function look(state: State, inspected: Inspected): State {
  return { ...without(state, "frozen", "allBytes"), inspected, lines: FIRST_LINES };
}

/** Frozen it stays as it is; let go it follows the chosen step again. */
export function freeze(state: State, isFrozen: boolean): State {
  const range = inspectedRange(state);
  if (!isFrozen) return without(state, "frozen");
  return range ? { ...state, frozen: range } : state;
}

/** To the writer before or behind: that step is chosen, or where it is frozen, is shown in the inspector alone. */
export function moveInHistory(state: State, by: -1 | 1): Turn {
  const reply = state.slots.inspect.shown?.reply;
  const step = by < 0 ? reply?.earlier : reply?.later;
  if (step === undefined) return quietly(state);
  const { frozen, timeline } = state;
  if (frozen) return quietly({ ...state, frozen: { ...without(frozen, "brush"), step } satisfies Frozen });
  // One step is looked at from there on, and no longer several.
  return chooseAndTell({ ...kept(state), timeline: without(timeline, "brush", "other") }, step, false);
}

/** A change of the step is gone from the list of another: the bytes stay what is looked at. */
function kept(state: State): State {
  const range = inspectedRange(state);
  if (!range || state.inspected?.isPicked) return state;
  return { ...state, inspected: { start: range.start, end: range.end, isPicked: true } };
}
