// What an answer does to the page's state.
import { t } from "../src/common/l10n.ts";
import type { MapBlock, MapPlace, MapQuery, MapReply, MapTarget, PanelState, StepsReply } from "../src/ui/protocol.ts";
import { CELL } from "./map/cell.ts";
import { scrollTo } from "./moves.ts";
import { type Slot, type SlotName, sameQuery } from "./slots.ts";
import { FIRST_LINES, FIRST_RANGES, type State } from "./state.ts";
import { without } from "./without.ts";

/** Room left above and below a place that is brought into view. */
const MARGIN = CELL * 5;

/** Takes an answer in; one to a question that was given up meanwhile, or older than what is shown, changes nothing. */
export function receive(state: State, name: SlotName, id: number, reply: unknown): State {
  const { pending } = state.slots[name];
  if (pending?.id !== id) return state;
  const slot = without(state.slots[name], "pending", "failed");
  const answered = { ...slot, overtaken: 0, shown: { query: pending.query, version: pending.version, reply } };
  if (isOlder(slot.shown, answered.shown)) {
    return { ...state, slots: { ...state.slots, [name]: { ...slot, overtaken: 0 } } };
  }
  const next = { ...state, slots: { ...state.slots, [name]: answered } as State["slots"] };
  switch (name) {
    case "panel":
      return showRecording(next, state.slots.panel.shown?.reply, reply as PanelState);
    case "map":
      return takeMap(steadied(next, state.slots.map.shown, answered.shown as Shown), reply as MapReply);
    case "place":
      // One that was left to be answered, though it was overtaken, tells of another place or zoom.
      return pending.version === state.seek?.serial ? takePlace(next, reply as MapPlace | null) : next;
    case "steps":
      return takeSteps(next, reply as StepsReply);
    default:
      return next;
  }
}

interface Answer {
  readonly query: unknown;
  readonly reply: unknown;
}

function isOlder(shown: Answer | undefined, answer: Answer): boolean {
  if (!shown) return false;
  const [before, now] = [shown, answer].map(({ query, reply }) => ({
    recording: (query as { recording?: string }).recording,
    revision: (reply as { revision?: number } | null)?.revision,
  }));
  if (before.recording !== now.recording || before.revision === undefined || now.revision === undefined) return false;
  return now.revision < before.revision;
}

/** Another recording begins at its own beginning: nothing of the one before is left in sight. */
function showRecording(state: State, before: PanelState | undefined, now: PanelState): State {
  if (before?.shown === now.shown) return state;
  // An inspector has one recording for all its life.
  if (state.isInspector) return { ...state, contentVersion: state.contentVersion + 1 };
  const rest = without(
    state,
    "chosen",
    "inspected",
    "frozen",
    "allBytes",
    "newest",
    "unspoken",
    "seek",
    "sought",
    "place",
  );
  const map = without(state.map, "cursor", "hover", "activated", "anchored");
  const { map: maps, steps, details, table, cell, position, inspect, timeline, brush } = state.slots;
  const slots = {
    ...state.slots,
    map: emptied(maps),
    steps: emptied(steps),
    details: emptied(details),
    table: emptied(table),
    cell: emptied(cell),
    position: emptied(position),
    inspect: emptied(inspect),
    timeline: emptied(timeline),
    brush: emptied(brush),
  };
  // A scroll position kept from before the view was hidden belongs to the recording that it showed.
  const top = before || state.scrollOf !== now.shown ? { scroll: 0, anchor: 0 } : {};
  const list = without(state.list, "wanted");
  return {
    ...rest,
    slots,
    contentVersion: state.contentVersion + 1,
    following: true,
    ranges: FIRST_RANGES,
    lines: FIRST_LINES,
    map: { ...map, ...top },
    timeline: {
      ...without(state.timeline, "view", "brush", "other", "tick"),
      isComparing: false,
      isPlaying: false,
      isUntold: false,
    },
    list: { ...list, first: 0, isAtEnd: true, isChosenSought: true },
    tableFrom: 0,
  };
}

/** Without its answers; a question in flight stays, to be called back. */
function emptied<N extends SlotName>(slot: Slot<N>): Slot<N> {
  return { ...without(slot, "shown", "failed"), overtaken: 0 } as Slot<N>;
}

type Shown = NonNullable<Slot<"map">["shown"]>;

/**
 * Where only the step, or what is known of it, is another one: what is in sight stays where it is, whatever came or went above it. The
 * row of the cursor where that is in sight, else the topmost.
 */
function steadied(state: State, before: Shown | undefined, now: Shown): State {
  const { scroll, height, cursor } = state.map;
  if (
    !before ||
    scroll === 0 ||
    state.seek?.aim === "anchor" ||
    !sameQuery(placing(before.query), placing(now.query))
  ) {
    return state;
  }
  const isInSight = ({ top, height: high }: MapBlock): boolean => top + high > scroll && top < scroll + height;
  const visible = before.reply.blocks.filter(isInSight);
  const holder = visible.find(({ start, end }) => cursor !== undefined && start <= cursor && cursor < end);
  for (const block of holder ? [holder, ...visible] : visible) {
    const same = now.reply.blocks.find(({ start }) => start === block.start);
    if (same) return same.top === block.top ? state : scrollAnywhere(state, scroll + same.top - block.top);
  }
  return state;
}

/** What of a question decides where rows lie, but for the step. */
function placing({ width, zoom, order, filter }: MapQuery): unknown {
  return { width, zoom, order, filter };
}

function takeMap(state: State, { contentHeight, deepest }: MapReply): State {
  const { map } = state;
  const scroll = Math.max(0, Math.min(map.scroll, contentHeight - map.height));
  const zoom = Math.min(map.zoom, deepest);
  if (scroll === map.scroll && zoom === map.zoom) return state;
  return scrollTo({ ...state, map: { ...map, zoom } }, scroll);
}

function takePlace(state: State, place: MapPlace | null): State {
  const { seek } = state;
  if (!seek) return state;
  const rest = without(state, "seek", "sought");
  if (!place) {
    const sought = nowhere(seek.target);
    return seek.aim === "cursor" && sought ? { ...rest, sought } : rest;
  }
  if (seek.aim === "step") return { ...rest, place };
  if (seek.aim === "anchor") return scrollAnywhere(rest, place.y - seek.offset);
  const at = { ...rest, map: { ...rest.map, cursor: place.page } };
  const { scroll, height } = at.map;
  const isInView = place.y >= scroll && place.y + CELL <= scroll + height;
  return isInView ? at : scrollTo(at, place.y < scroll ? place.y - MARGIN : place.y + MARGIN - height);
}

/** The height of the layout at the new zoom is not known before its map has come. */
function scrollAnywhere(state: State, to: number): State {
  const scroll = Math.max(0, to);
  return { ...state, map: { ...state.map, scroll, anchor: scroll } };
}

function nowhere(target: MapTarget): string | undefined {
  if (target.to === "text") return t("Nothing on the map is at or called “{0}”.", target.text);
  if (target.to === "written") return t("The chosen step wrote nothing that the map shows.");
  return undefined;
}

function takeSteps(state: State, { total, kept }: StepsReply): State {
  const { list } = state;
  const first = Math.max(0, Math.min(list.first, total - 1));
  const moved = first === list.first ? state : { ...state, list: { ...list, first } };
  if (kept > 0 || state.chosen === undefined) return moved;
  // All steps were forgotten: the next one is the newest.
  return { ...without(moved, "chosen", "newest", "unspoken"), following: true };
}
