// What the page wants to know, derived from what it shows: the one place that says which questions are asked.
import type { ChangeItem, ChangeList, InspectQuery, MapQuery, RecordingItem, StepsQuery } from "../src/ui/protocol.ts";
import { cellOfPage } from "./map/geometry.ts";
import type { Wants } from "./slots.ts";
import type { Frozen, State } from "./state.ts";
import { barsIn } from "./timeline/scale.ts";
import { lookOf, spanOf } from "./timeline/state.ts";

/** Steps asked for at once: a screen above the rows in view and one below, so that scrolling finds them there; and of a low list some more. */
const SCREENS = 3;
const LEAST_STEPS = 48;
/** The window moves by so many, that not each row scrolled asks anew. */
const STEPS_GRAIN = 16;
/** Rows of the table at once. */
export const TABLE_PAGE = 100;

export function wants(state: State): Wants {
  // A hidden page shows nothing, so it asks for nothing.
  if (!state.visible) return {};
  const panel = { query: {}, version: state.panelVersion };
  const item = shownItem(state);
  if (!item || !hasContent(item)) return { panel };
  const version = state.contentVersion;
  const { list, chosen } = state;
  const recording = item.id;
  const hasSteps = item.kind !== "scan";
  const steps = stepsQuery(state, recording);
  const map = mapQuery(state, item);
  const cell = wantedCell(state);
  const inspect = inspectQuery(state, recording);
  const inspector = inspect ? { inspect: { query: inspect, version } } : {};
  if (state.isInspector) {
    return {
      panel,
      steps: { query: steps, version },
      ...(chosen === undefined ? {} : { details: { query: { recording, step: chosen, from: 0, count: 1 }, version } }),
      ...inspector,
    };
  }
  const { timeline } = state;
  const look = hasSteps ? lookOf(state.map, timeline) : undefined;
  return {
    panel,
    // While a place is looked for after zooming, the map of the old scroll position would only flash by.
    ...(map && !state.asTable && state.seek?.aim !== "anchor" ? { map: { query: map, version } } : {}),
    ...(map && state.seek
      ? { place: { query: { query: map, target: state.seek.target }, version: state.seek.serial } }
      : {}),
    ...(hasSteps ? { steps: { query: steps, version } } : {}),
    ...(hasSteps && chosen !== undefined
      ? { details: { query: { recording, step: chosen, from: 0, count: state.ranges }, version } }
      : {}),
    ...(chosen !== undefined && list.isChosenSought && isChosenBeyond(state, recording)
      ? { position: { query: { ...steps, step: chosen }, version } }
      : {}),
    ...(cell ? { cell: { query: { recording, ...cell, ...stepOf(state), ...(look ? { look } : {}) }, version } } : {}),
    ...(hasSteps && timeline.isShown && timeline.width > 0
      ? {
          timeline: {
            query: {
              recording,
              ...(timeline.view ? { view: timeline.view } : {}),
              bars: barsIn(timeline.width),
              measure: timeline.measure,
            },
            version,
          },
        }
      : {}),
    ...(hasSteps && look?.brush
      ? {
          brush: {
            query: { recording, brush: look.brush, ...(look.other ? { other: look.other } : {}), count: state.ranges },
            version,
          },
        }
      : {}),
    ...(hasSteps ? inspector : {}),
    ...(state.asTable
      ? {
          table: {
            query: {
              recording,
              ...stepOf(state),
              ...(look?.brush ? { look } : {}),
              from: state.tableFrom,
              count: TABLE_PAGE,
            },
            version,
          },
        }
      : {}),
  };
}

/** The recording that is shown, as the panel's state last told of it. */
export function shownItem({ slots }: State): RecordingItem | undefined {
  const panel = slots.panel.shown?.reply;
  return panel?.recordings.find(({ id }) => id === panel.shown);
}

/** What the chosen step changed; undefined where that is not told, or has not come yet. */
export function shownChanges({ slots, chosen }: State): ChangeList | undefined {
  const { shown } = slots.details;
  return chosen !== undefined && shown?.query.step === chosen ? shown.reply?.changes : undefined;
}

/** The change whose bytes show: the one that was picked, what lies there in another step, else the first of the program's own. */
export function inspectedChange(state: State): ChangeItem | undefined {
  const changes = shownChanges(state);
  if (!changes) return undefined;
  const all = [...changes.items, ...changes.bookkeeping];
  const { inspected } = state;
  if (inspected?.isPicked) return undefined;
  if (!inspected) return all[0];
  const { start, end } = inspected;
  return (
    all.find(each => each.start === start && each.end === end) ??
    all.find(each => each.start < end && start < each.end) ??
    all[0]
  );
}

/** What the inspector shows: addresses [start, end), how that is called where the page knows, and at which step. */
export function inspectedRange(state: State): Frozen | undefined {
  const { frozen, inspected } = state;
  if (frozen) return frozen;
  if (inspected?.isPicked) {
    const { start, end, words } = inspected;
    return { start, end, ...(words === undefined ? {} : { words }), ...whenOf(state) };
  }
  const change = inspectedChange(state);
  if (!change) return undefined;
  // What a change came to is one step's; of several the bytes tell it.
  const words = state.timeline.brush ? change.words : `${change.words}: ${change.what}`;
  return { start: change.start, end: change.end, words, ...whenOf(state) };
}

function inspectQuery(state: State, recording: string): InspectQuery | undefined {
  const range = inspectedRange(state);
  if (!range) return undefined;
  const { start, end, step, brush } = range;
  const { allBytes } = state;
  return {
    recording,
    ...(brush ? { brush } : step === undefined ? {} : { step }),
    start,
    end,
    count: state.lines,
    ...(allBytes === undefined ? {} : { all: allBytes }),
  };
}

/** Whether there is anything to draw: memory that was never armed has none. */
export function hasContent({ kind, arming, stepCount }: RecordingItem): boolean {
  return kind !== "live" || arming !== undefined || stepCount > 0;
}

/** The brushed steps, where there are any, else the chosen one. */
function whenOf(state: State): Pick<Frozen, "step" | "brush"> {
  const { brush } = state.timeline;
  return brush ? { brush: spanOf(brush) } : stepOf(state);
}

function stepOf({ chosen }: State): { step?: number } {
  return chosen === undefined ? {} : { step: chosen };
}

function mapQuery(state: State, { id: recording, kind }: RecordingItem): MapQuery | undefined {
  const { width, height, anchor, zoom, order, filter } = state.map;
  if (width <= 0 || height <= 0) return undefined;
  const box = { width, height, scroll: anchor, overscan: overscanOf(height) };
  const which = { recording, ...stepOf(state), ...box, zoom };
  // A process scan has no steps that could have written: what asks for those would leave nothing of it.
  if (kind === "scan") return { ...which, order: "address", filter: { ...filter, writtenOnly: false } };
  const look = lookOf(state.map, state.timeline);
  return { ...which, order, filter, ...(look ? { look } : {}) };
}

/** How much is laid out above and below the box: half of it is used up before new cells are asked for. */
export function overscanOf(height: number): number {
  return Math.max(200, height);
}

/** The end of the list while it is followed, and the part in view else. */
function stepsQuery({ list, following }: State, recording: string): StepsQuery {
  const { first, rows, text, writingOnly } = list;
  const isTail = list.isAtEnd || (following && list.isChosenSought);
  const count = Math.max(LEAST_STEPS, rows * SCREENS);
  const above = Math.floor((count - rows) / 2);
  const from = isTail ? -count : Math.max(0, Math.floor((first - above) / STEPS_GRAIN) * STEPS_GRAIN);
  return { recording, from, count, text, writingOnly };
}

/** Whether the list that came does not hold the chosen step; while none has come, nobody knows. */
function isChosenBeyond({ slots, chosen, contentVersion, list }: State, recording: string): boolean {
  const { shown } = slots.steps;
  if (!shown || shown.query.recording !== recording || shown.version !== contentVersion) return false;
  if (shown.query.text !== list.text || shown.query.writingOnly !== list.writingOnly) return false;
  return !shown.reply.items.some(({ number }) => number === chosen);
}

/** The activated cell, else the one under the pointer, else the keyboard's. */
function wantedCell(state: State): { start: number; end: number } | undefined {
  const { hover, cursor, hasFocus, activated } = state.map;
  if (activated === undefined && hover) return { start: hover.start, end: hover.end };
  const page = activated ?? (hasFocus ? cursor : undefined);
  const shown = state.slots.map.shown;
  if (page === undefined || !shown) return undefined;
  const cell = cellOfPage(shown.reply.blocks, page);
  return cell && { start: cell.start, end: cell.end };
}
