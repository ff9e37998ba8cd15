// The page as a value: what is shown, chosen and scrolled to, and what was asked. Events change it; nothing else does.
import type {
  Changed,
  InspectedRange,
  MapColor,
  MapFilter,
  MapOrder,
  MapPlace,
  MapTarget,
  Measure,
  StepSpan,
} from "../src/ui/protocol.ts";
import type { CellRange } from "./map/geometry.ts";
import type { SlotEffect, SlotName, Slots } from "./slots.ts";
import type { TimelineEvent } from "./timeline/reduce.ts";
import { FIRST_TIMELINE, type TimelineState } from "./timeline/state.ts";

export interface State {
  readonly slots: Slots;
  readonly nextId: number;
  /** Whether the page can be seen. */
  readonly visible: boolean;
  /** Rises when the list of recordings, or what is said of them, changes. */
  readonly panelVersion: number;
  /** Rises when the shown recording changes. */
  readonly contentVersion: number;
  /** Number of the chosen step. */
  readonly chosen?: number;
  /** Number of the newest step, so far as it is known. */
  readonly newest?: number;
  /** Whether the newest step becomes the chosen one. */
  readonly following: boolean;
  /** The step that came last and has not been told in words yet. */
  readonly unspoken?: number;
  /** How many ranges of the chosen step are listed at most. */
  readonly ranges: number;
  /** What the inspector shows; absent: the step's first change. Further steps show it, too. */
  readonly inspected?: Inspected;
  /** What it shows whatever step is chosen. */
  readonly frozen?: Frozen;
  /** Whether lines of bytes without changes show; absent: as there is room. */
  readonly allBytes?: boolean;
  /** The page is an inspector alone, in an editor of its own. */
  readonly isInspector: boolean;
  /** How many lines of bytes show at most. */
  readonly lines: number;
  readonly map: MapState;
  readonly timeline: TimelineState;
  /** A place on the map that is looked for. */
  readonly seek?: Seek;
  /** Where the chosen step wrote most; the map goes there where it shows none of it. */
  readonly place?: MapPlace;
  /** What came of looking for a place, where it is worth a word. */
  readonly sought?: string;
  readonly list: ListState;
  /** The mappings as a table in the map's place. */
  readonly asTable: boolean;
  readonly tableFrom: number;
  /** Whose scroll position was kept from before the view was hidden. */
  readonly scrollOf?: string;
}

/** Addresses [start, end) in bytes. */
export interface Inspected {
  readonly start: number;
  readonly end: number;
  /** How it is called by whoever picked it. */
  readonly words?: string;
  /** It need not be a change of the step. */
  readonly isPicked?: boolean;
}

/** At its step, or where that is absent as the memory is now. */
export interface Frozen extends InspectedRange {
  /** Instead of a step, several: before the first and after the last. */
  readonly brush?: StepSpan;
}

export interface MapState {
  /** Pixels of the map's box. */
  readonly width: number;
  readonly height: number;
  /** 0 for the overview; each step halves the pages a cell stands for. */
  readonly zoom: number;
  /** Pixels from the layout's top to the box's. */
  readonly scroll: number;
  /** The scroll position that was asked for; with its overscan it covers `scroll`. */
  readonly anchor: number;
  readonly order: MapOrder;
  readonly filter: MapFilter;
  /** What its colours and signs tell. */
  readonly color: MapColor;
  /** A page, or a part of one, in the cell that the keyboard is on. */
  readonly cursor?: number;
  readonly hasFocus: boolean;
  /** What the map was zoomed about last: a page that stayed so many pixels below the box's top. */
  readonly anchored?: { readonly page: number; readonly offset: number };
  /** The cell under the pointer. */
  readonly hover?: CellRange;
  /** A page in the cell that was activated: the steps that wrote it are waited for. */
  readonly activated?: number;
}

export interface Seek {
  readonly target: MapTarget;
  /** "cursor": it goes there; "step": brings what the step wrote into view where it is not; "anchor": keeps its distance to the box's top. */
  readonly aim: "cursor" | "step" | "anchor";
  /** Of an anchor: pixels from the box's top. */
  readonly offset: number;
  readonly serial: number;
}

export interface ListState {
  /** Position of the first row in view, and how many fit. */
  readonly first: number;
  readonly rows: number;
  readonly isAtEnd: boolean;
  readonly text: string;
  readonly writingOnly: boolean;
  /** The chosen step is to be brought into view as soon as its position is known. */
  readonly isChosenSought: boolean;
  /** A position whose step is to be chosen as soon as it is known. */
  readonly wanted?: number;
  /** Where to scroll; each time with a higher serial. */
  readonly goTo?: { readonly position: number; readonly serial: number };
}

export type Event =
  | TimelineEvent
  | { readonly type: "changed"; readonly changed: Changed }
  /** A step chosen from outside the page. */
  | { readonly type: "selected"; readonly recording: string; readonly step: number }
  | { readonly type: "replied"; readonly slot: SlotName; readonly id: number; readonly reply: unknown }
  | { readonly type: "failed"; readonly slot: SlotName; readonly id: number; readonly message: string }
  | { readonly type: "retried" }
  | { readonly type: "visible"; readonly visible: boolean }
  | { readonly type: "resized"; readonly width: number; readonly height: number }
  | { readonly type: "scrolled"; readonly to: number }
  /** About a page of a cell that stays `offset` pixels below the box's top. */
  | {
      readonly type: "zoomed";
      readonly by: number;
      readonly about?: { readonly page: number; readonly offset: number };
    }
  | { readonly type: "ordered"; readonly order: MapOrder }
  | { readonly type: "filtered"; readonly filter: Partial<MapFilter> }
  | { readonly type: "hovered"; readonly cell?: CellRange }
  | { readonly type: "focused"; readonly hasFocus: boolean }
  | { readonly type: "sought"; readonly target: MapTarget }
  /** Enter or a double click on the cell that holds a page. */
  | { readonly type: "activated"; readonly page?: number }
  | { readonly type: "tabled"; readonly asTable: boolean }
  | { readonly type: "tablePaged"; readonly from: number }
  | { readonly type: "listScrolled"; readonly first: number; readonly rows: number }
  | { readonly type: "listFiltered"; readonly text?: string; readonly writingOnly?: boolean }
  | { readonly type: "chose"; readonly step: number; readonly reveal: boolean }
  /** By rows from the chosen step; infinite for the first and the last. */
  | { readonly type: "choiceMoved"; readonly by: number }
  | { readonly type: "followed"; readonly following: boolean }
  | { readonly type: "moreRanges" }
  /** A change of the chosen step. */
  | { readonly type: "inspected"; readonly start: number; readonly end: number }
  /** Anything else: a cell of the map, a variable, an address. */
  | ({ readonly type: "picked" } & Omit<Inspected, "isPicked">)
  | { readonly type: "frozen"; readonly isFrozen: boolean }
  /** To the step before the one that is shown, or behind it, that wrote what the inspector shows. */
  | { readonly type: "historyMoved"; readonly by: -1 | 1 }
  | { readonly type: "allBytes"; readonly all: boolean }
  | { readonly type: "moreLines" };

export type Effect =
  | SlotEffect
  /** The note goes to the step's line, and stays there when further steps come where `stay`. */
  | {
      readonly do: "tell chosen";
      readonly recording: string;
      readonly step: number;
      readonly reveal: boolean;
      readonly stay: boolean;
    }
  /** Comes back as "ticked" after the time for which a step shows while playing. */
  | { readonly do: "tick"; readonly tick: number }
  /** Says it to screen readers. */
  | { readonly do: "announce"; readonly text: string };

/** What survives hiding the view. */
export interface Kept {
  /** The recording that was shown. */
  readonly recording?: string;
  readonly zoom: number;
  readonly scroll: number;
  readonly order: MapOrder;
  readonly filter: MapFilter;
  readonly writingOnly: boolean;
  readonly asTable: boolean;
  readonly color?: MapColor;
  readonly timeline?: { readonly isShown: boolean; readonly measure: Measure };
  /** Of an inspector in an editor of its own. */
  readonly inspected?: Inspected;
  readonly frozen?: Frozen;
}

/** Ranges of a step listed at first. */
export const FIRST_RANGES = 100;

/** Lines of bytes shown at first. */
export const FIRST_LINES = 32;

const NOTHING_ASKED = { overtaken: 0 };

/** @param inspected what an inspector alone shows; absent: the page is the panel. */
export function initialState(kept?: Partial<Kept>, inspected?: InspectedRange): State {
  const scroll = kept?.scroll ?? 0;
  return {
    slots: {
      panel: NOTHING_ASKED,
      map: NOTHING_ASKED,
      place: NOTHING_ASKED,
      cell: NOTHING_ASKED,
      steps: NOTHING_ASKED,
      position: NOTHING_ASKED,
      details: NOTHING_ASKED,
      inspect: NOTHING_ASKED,
      timeline: NOTHING_ASKED,
      brush: NOTHING_ASKED,
      table: NOTHING_ASKED,
    },
    nextId: 1,
    visible: true,
    panelVersion: 0,
    contentVersion: 0,
    following: true,
    isInspector: inspected !== undefined,
    ...(inspected ? { inspected: kept?.inspected ?? { ...inspected, isPicked: true } } : {}),
    ...(inspected && kept?.frozen ? { frozen: kept.frozen } : {}),
    ranges: FIRST_RANGES,
    lines: FIRST_LINES,
    map: {
      width: 0,
      height: 0,
      zoom: kept?.zoom ?? 0,
      scroll,
      anchor: scroll,
      order: kept?.order ?? "address",
      filter: kept?.filter ?? { writtenOnly: false, foldLibraries: false, text: "" },
      color: kept?.color ?? "step",
      hasFocus: false,
    },
    timeline: { ...FIRST_TIMELINE, ...kept?.timeline },
    list: {
      first: 0,
      rows: 10,
      isAtEnd: true,
      text: "",
      writingOnly: kept?.writingOnly ?? false,
      isChosenSought: true,
    },
    asTable: kept?.asTable ?? false,
    tableFrom: 0,
    ...(kept?.recording === undefined ? {} : { scrollOf: kept.recording }),
  };
}

/** The part of the state that is kept while the view is hidden. */
export function keptOf(state: State): Kept {
  const { map, list, asTable, slots, isInspector, inspected, frozen } = state;
  const { zoom, scroll, order, filter, color } = map;
  const { isShown, measure } = state.timeline;
  const timeline = { isShown, measure };
  const recording = slots.panel.shown?.reply.shown;
  const inspector = isInspector ? { ...(inspected ? { inspected } : {}), ...(frozen ? { frozen } : {}) } : {};
  const view = { zoom, scroll, order, filter, writingOnly: list.writingOnly, asTable, color, timeline, ...inspector };
  return recording === undefined ? view : { ...view, recording };
}
