// Everything the panel's page and the extension say to each other, declared once; both sides import this file.
//
// The page pulls: it is told only *that* something changed (ChangedNotification) and asks for what it draws, by request and reply.
// It keeps no copy of the history; what a step costs on the wire follows the part that is visible, not the memory.
// Carried by JSON-RPC over postMessage (src/common/rpc.ts); typed arrays cross as they are.
import { NotificationType, RequestType } from "../common/rpc.ts";
import type { MappingKind } from "../memory/mapping.ts";
import type { PageNoteKind } from "../memory/page-note.ts";
import { NOT_KEPT, NOT_KNOWN } from "../recording/contents/byte-state.ts";
import type { PageClass, Recording } from "../recording/recording.ts";
import type { Doubt, Motion, SourceLocation, Thread } from "../recording/step.ts";
import type { Bars, Measure } from "../recording/timeline.ts";
import type { SessionStatus } from "../session/status.ts";
import type { ArmingWay } from "../tracker/reports.ts";

export type { Doubt, Measure, SourceLocation };

// ── The panel as a whole ─────────────────────────────────────────────────────────────────────────────────────────────

export interface PanelState {
  /** What can be shown: runs of debug sessions, newest first, then process scans and files. */
  readonly recordings: readonly RecordingItem[];
  /** The shown recording's id; absent: there is none, and the page says how to begin. */
  readonly shown?: string;
  /** Why native programs can't be watched on this computer, in a sentence or two; simulated ones can, anywhere. */
  readonly missing?: string;
  /** What went wrong last, until it is dismissed or another session begins. */
  readonly problem?: string;
  /** One recording is all there is: in an editor of its own, or in a report, where no VS Code is either. */
  readonly alone?: "editor" | "report";
  /** Whether there is an editor of bytes to open memory in. */
  readonly hasHexEditor?: boolean;
}

export interface RecordingItem {
  readonly id: string;
  readonly kind: Recording["kind"];
  /** "sample", "sample, run 1 (ended)", "scan of redis-server (4711)". */
  readonly title: string;
  readonly pid?: number;
  readonly stepCount: number;
  /** How many of the oldest steps were forgotten. */
  readonly forgotten: number;
  /** Of a debug session's present run only. */
  readonly status?: SessionStatus;
  /** The debug type of its session: "lldb-dap", …; absent for scans and files. */
  readonly debugType?: string;
  /** What arming came to; absent where it never was armed. */
  readonly arming?: {
    readonly mappings: number;
    readonly pages: number;
    readonly microseconds: number;
    readonly notArmed: number;
    /** Pages that may change without a report, since devices write there; absent where there are none. */
    readonly unseen?: number;
  };
  /** Of a process scan: pages by class, and what the scan took. */
  readonly classes?: readonly { readonly name: PageClass["name"]; readonly pages: number }[];
  readonly microseconds?: number;
}

export const StateRequest = new RequestType<Record<string, never>, PanelState>("state");

/** Which recording is meant; a request about one that is gone is refused. */
export interface RecordingRef {
  readonly recording: string;
}

// ── The map ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface MapQuery extends RecordingRef {
  /** The chosen step; absent: none. */
  readonly step?: number;
  /** Pixels of the map's box. */
  readonly width: number;
  readonly height: number;
  /** Pixels from the layout's top to the box's, and how much to lay out above and below the box, for smooth scrolling. */
  readonly scroll: number;
  readonly overscan: number;
  /** 0 for the overview; each step halves the pages a cell stands for. */
  readonly zoom: number;
  readonly order: MapOrder;
  readonly filter: MapFilter;
  /** Absent: the chosen step, and the steps before it as they fade. */
  readonly look?: MapLook;
}

/** What the map's colours and signs tell. */
export interface MapLook {
  readonly color: MapColor;
  /** Several steps at once, in the place of the chosen one. */
  readonly brush?: StepSpan;
  /** Other steps, which those of the brush are compared with: only here, only there, both. */
  readonly other?: StepSpan;
}

/**
 * "step": what the chosen step (or any of the brush) wrote. Of all steps up to the chosen one, or of the brush: "last": how long ago
 * the last of them wrote; "first": how long ago the first did; "count": how many did; "kind": what the memory is for; "thread": the
 * last one's thread.
 */
export const MAP_COLORS = ["step", "last", "first", "count", "kind", "thread"] as const;
export type MapColor = (typeof MAP_COLORS)[number];

/** Steps by their numbers, both ends included. */
export interface StepSpan {
  readonly first: number;
  readonly last: number;
}

/** By address, or mappings that the chosen step wrote first. */
export type MapOrder = "address" | "written first";

export interface MapFilter {
  /** Only mappings that some step wrote. */
  readonly writtenOnly: boolean;
  /** Mappings of one library as one row, where the chosen step wrote none of them. */
  readonly foldLibraries: boolean;
  /** Only mappings whose name holds this text; "" for all. */
  readonly text: string;
}

export interface MapReply {
  /** The recording's revision that the reply shows. */
  readonly revision: number;
  /** Pixels of the whole layout. */
  readonly contentHeight: number;
  /** Cells in a row of cells. */
  readonly columns: number;
  /** The zoom beyond which every cell is one page. */
  readonly deepest: number;
  /** How many rows (mappings) there are after the filter, and before it. */
  readonly rowCount: number;
  readonly allRows: number;
  /** The blocks in the visible part with its overscan, top to bottom. */
  readonly blocks: readonly MapBlock[];
  /** Where on the whole layout the chosen step wrote, for the scrollbar: pairs of top and height in pixels, at most a few hundred. */
  readonly marks: Float32Array;
  /** What the signs from CLASS_FIRST on stand for, in order: threads, or kinds of memory; absent where the map shows none. */
  readonly classes?: readonly string[];
}

/**
 * One row of the map: a mapping (or a folded library) with the visible part of its cells. Pixels from the layout's top left. A cell
 * that is less than a page is told in parts of a page: 1/64 is a line of 64 bytes, 1/4096 a byte.
 */
export interface MapBlock {
  /** First page, and one past the last. */
  readonly start: number;
  readonly end: number;
  readonly top: number;
  readonly height: number;
  readonly cellsLeft: number;
  readonly cellsTop: number;
  readonly pagesPerCell: number;
  /** Cells of the whole block. */
  readonly cells: number;
  /** Index of the first cell in `levels`; a whole number of rows of cells. */
  readonly firstCell: number;
  /**
   * Two bytes a cell from `firstCell` on: the cell's MapLayer, and how full it is of that layer's pages: 255 for all of its pages,
   * 1 for at least one, in between in proportion; 0 of a HOLE.
   */
  readonly levels: Uint8Array;
  readonly name: string;
  readonly permissions: string;
  readonly kind: MappingKind | "folded";
  readonly armed: ArmingWay | "no";
  /** Right-aligned words: "2 of 34 written". */
  readonly caption: string;
  readonly wrote: boolean;
}

/** What a cell shows: the topmost of what lies in it. Values are bytes of {@link MapBlock.levels}. */
export const MapLayer = {
  HOLE: 0,
  RESIDENT: 1,
  /** Written by an older step: OLDER_FIRST is the step before the chosen one, OLDER_LAST the oldest that still shows. */
  OLDER_FIRST: 2,
  OLDER_LAST: 8,
  DEBUGGER: 9,
  /** The kernel's own page (rseq), reported in the chosen step. */
  KERNEL: 10,
  WRITTEN: 11,
  /** Of process scans. */
  FILE: 12,
  PRIVATE: 13,
  ZERO: 14,
  HUGE: 15,
  SWAPPED: 16,
  /** One of seven degrees, from little (long ago, by few steps) to much. */
  DEGREE_FIRST: 17,
  DEGREE_LAST: 23,
  /** One of eight classes: a thread, or a kind of memory; the last one is all others. */
  CLASS_FIRST: 24,
  CLASS_LAST: 31,
  /** Of two brushes: only the first one's, only the other's, both. */
  ONLY_HERE: 32,
  ONLY_THERE: 33,
  BOTH: 34,
  /** Of cells that are less than a page: bytes of a written page that did not change, and those of which nobody knows. */
  SAME: 35,
  UNKNOWN: 36,
} as const;

export const MapRequest = new RequestType<MapQuery, MapReply>("map");

/** A place on the map, found by one of several ways; the page scrolls there and puts its cursor on it. */
export type MapTarget =
  /** The next (or previous) page that the chosen step wrote, from a page on, around the end to the beginning. */
  | { readonly to: "written"; readonly from?: number; readonly direction: 1 | -1 }
  /** An address as the user typed it: "0x7f…", "[heap]", a file's name. */
  | { readonly to: "text"; readonly text: string }
  | { readonly to: "page"; readonly page: number }
  /** By cells from a page: arrow keys, past a mapping's end into the next one. */
  | { readonly to: "cells"; readonly from?: number; readonly cells: number }
  /** The first page of the chosen step's largest write. */
  | { readonly to: "chosen step" };

export interface MapPlace {
  readonly page: number;
  /** Pixels of the cell's top left on the layout. */
  readonly x: number;
  readonly y: number;
}

/** Null where there is no such place. */
export const LocateRequest = new RequestType<{ readonly query: MapQuery; readonly target: MapTarget }, MapPlace | null>(
  "locate",
);

/** A cell of the map in words, for the tooltip and screen readers: one fact a line. */
export const DescribeRequest = new RequestType<
  RecordingRef & { readonly start: number; readonly end: number; readonly step?: number; readonly look?: MapLook },
  { readonly lines: readonly string[] /** Newest first. */; readonly writers: readonly number[] }
>("describe");

// ── The timeline ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const MEASURES = ["pages", "bytes"] as const;

export interface TimelineQuery extends RecordingRef {
  /** What is in view; absent: all steps that are kept. */
  readonly view?: StepSpan;
  /** Bars that there is room for. */
  readonly bars: number;
  /** Pages that the program wrote, or bytes that it changed. */
  readonly measure: Measure;
}

export interface TimelineReply extends Bars {
  readonly revision: number;
  /** Numbers of the oldest and the newest step that is kept; 0 where there is none. */
  readonly oldest: number;
  readonly newest: number;
  /** What is in view. */
  readonly view: StepSpan;
}

export const TimelineRequest = new RequestType<TimelineQuery, TimelineReply>("timeline");

export interface BrushQuery extends RecordingRef {
  readonly brush: StepSpan;
  readonly other?: StepSpan;
  /** Ranges at most. */
  readonly count: number;
}

/** What brushed steps wrote together. */
export interface BrushDetails {
  /** "Steps 3 to 9: 7 steps wrote 12 pages". */
  readonly title: string;
  /** Sentences, one fact each. */
  readonly facts: readonly string[];
  readonly ranges: readonly BrushRange[];
  readonly rangeCount: number;
}

/** Pages [start, end) of one mapping. */
export interface BrushRange {
  readonly start: number;
  readonly end: number;
  readonly mapping: string;
  /** Numbers of the first and the last step of the brushes that wrote in it. */
  readonly first: number;
  readonly last: number;
  /** How many did. */
  readonly steps: number;
  /** Of two brushes: whose it is. */
  readonly side?: "only here" | "only there" | "both";
}

export const BrushRequest = new RequestType<BrushQuery, BrushDetails>("brush");

// ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface StepItem {
  readonly number: number;
  readonly from?: SourceLocation;
  readonly to?: SourceLocation;
  readonly by: Motion;
  readonly stops: number;
  readonly thread?: Thread;
  /** The program's own pages. */
  readonly pages: number;
  readonly kernelPages: number;
  /** By the debugger, without its breakpoints in program text. */
  readonly debuggerPages: number;
  /** "2 heap, 1 stack". */
  readonly summary: string;
  /** What changed, by the program's own names; "" where that is not known. */
  readonly changed: string;
  /** How it came there where that was not one step of one line: "continue to line 13"; "" else. */
  readonly way: string;
  readonly doubts: readonly Doubt[];
  readonly settled: boolean;
}

export interface StepsQuery extends RecordingRef {
  /** Position among the steps that pass the filter, oldest first; negative counts from the end. */
  readonly from: number;
  readonly count: number;
  /** Only steps whose place, function, thread or summary holds this text; "" for all. */
  readonly text: string;
  /** Leaves out steps that wrote nothing. */
  readonly writingOnly: boolean;
}

export interface StepsReply {
  readonly revision: number;
  /** How many steps pass the filter, and how many are kept. */
  readonly total: number;
  readonly kept: number;
  /** Position of the first of `items`. */
  readonly from: number;
  readonly items: readonly StepItem[];
}

export const StepsRequest = new RequestType<StepsQuery, StepsReply>("steps");

/** Position of a step among those that pass the filter; -1 where it is not among them. */
export const StepPositionRequest = new RequestType<StepsQuery & { readonly step: number }, number>("stepPosition");

export interface RangeItem {
  readonly start: number;
  readonly end: number;
  readonly mapping: string;
  readonly by: "program" | "debugger" | "kernel";
  readonly notes: readonly PageNoteKind[];
}

export interface StepDetails extends StepItem {
  /** Sentences, one fact each. */
  readonly facts: readonly string[];
  readonly ranges: readonly RangeItem[];
  readonly rangeCount: number;
  /** Absent where the step's bytes are not told, or not yet. */
  readonly changes?: ChangeList;
}

/** What a step changed: the program's own, and the bookkeeping of its C library, the loader and the kernel apart. */
export interface ChangeList {
  readonly items: readonly ChangeItem[];
  readonly total: number;
  readonly bookkeeping: readonly ChangeItem[];
  readonly bookkeepingTotal: number;
  /** Pages that are in neither list: there are too many. */
  readonly unlistedPages: number;
}

/** A variable, a block, …; or pages, where what changed has no name or is not known. */
export interface ChangeItem {
  /** Addresses (bytes) of its first changed byte, and behind its last. */
  readonly start: number;
  readonly end: number;
  readonly words: string;
  /** "0 → 1", "12 bytes changed", "written, same bytes", "before unknown: …". */
  readonly what: string;
  readonly isNoise: boolean;
}

/** Null where the step is not kept any more. Ranges from position `from` on, at most `count`; of the changes the first `count`. */
export const StepRequest = new RequestType<
  RecordingRef & { readonly step: number; readonly from: number; readonly count: number },
  StepDetails | null
>("step");

// ── The inspector ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Bytes of a line. */
export const LINE_BYTES = 16;
/** Lines of one reply at most. */
export const MOST_LINES = 2048;
/** Ranges of a step, and changes, that one answer holds. */
export const MOST_RANGES = 2000;

export { NOT_KEPT, NOT_KNOWN };

export interface ByteLine {
  /** Of its first byte, a multiple of {@link LINE_BYTES}. */
  readonly address: number;
  /** A byte, {@link NOT_KEPT} or {@link NOT_KNOWN} each. */
  readonly before: Int16Array;
  readonly after: Int16Array;
  /** Bit i: byte i changed. */
  readonly changed: number;
}

export interface InspectQuery extends RecordingRef {
  /** Before and after it; absent: as the memory is now. */
  readonly step?: number;
  /** Instead of a step: before the first of these and after the last. */
  readonly brush?: StepSpan;
  /** Addresses (bytes) of the first byte, and behind the last. */
  readonly start: number;
  readonly end: number;
  /** Lines at most. */
  readonly count: number;
  /** All lines, or those with changes alone; absent: the latter where there are many and some changed. */
  readonly all?: boolean;
}

export interface InspectReply {
  /** What it is called: a variable, a block, a page. */
  readonly title: string;
  /** Where it lies and what it is, a sentence each. */
  readonly facts: readonly string[];
  /** By its type, so far as that is known. */
  readonly values: readonly ValueItem[];
  /** In order of their addresses; with gaps where lines without changes are left out. */
  readonly lines: readonly ByteLine[];
  readonly hasMore: boolean;
  /** Whether lines without changes are among them. */
  readonly isAll: boolean;
  /** What is to be said of the bytes, in sentences: why they are not known, whose they may be. */
  readonly notes: readonly string[];
  /** The steps that wrote some of it, the newest first. */
  readonly writers: readonly WriterItem[];
  readonly hasMoreWriters: boolean;
  /** The steps nearest to the one that is looked at that wrote some of it; absent where there is none. */
  readonly earlier?: number;
  readonly later?: number;
}

export interface ValueItem {
  /** "counters[17]", "head.next"; "as a signed number" where no type is known. */
  readonly words: string;
  /** "int", "struct node *"; "" where it is not known. */
  readonly type: string;
  /** "?" where the bytes are not known. */
  readonly before: string;
  readonly after: string;
  readonly isChanged: boolean;
}

export interface WriterItem {
  readonly step: number;
  /** The place: "main.c:13". */
  readonly label: string;
  /** Function, thread and step. */
  readonly description: string;
  /** What it changed. */
  readonly detail: string;
}

/** Addresses [start, end), at a step or as the memory is now, and what that is called by whoever picked it. */
export interface InspectedRange {
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly words?: string;
}

/** What a range of memory is, before and after a step. Null where the step is not kept any more. */
export const InspectRequest = new RequestType<InspectQuery, InspectReply | null>("inspect");

// ── Mappings as a table (for screen readers, search and tests) ───────────────────────────────────────────────────────

export interface TableRow {
  readonly start: number;
  readonly end: number;
  readonly permissions: string;
  readonly name: string;
  readonly armed: ArmingWay | "no";
  /** Why it is not armed, and the remedy. */
  readonly reason?: string;
  /** Who may change some of its pages unseen; absent where nobody is known to. */
  readonly unseen?: string;
  readonly resident: number;
  /** By the chosen step; of a process scan each class in the order of RecordingItem.classes. */
  readonly written: number;
  readonly everWritten: number;
  /** By the brushed steps, and by those they are compared with; absent where there are none. */
  readonly brushed?: number;
  readonly compared?: number;
  readonly classes?: readonly number[];
}

export const TableRequest = new RequestType<
  RecordingRef & {
    readonly step?: number;
    readonly look?: MapLook;
    readonly from: number;
    readonly count: number;
  },
  { readonly total: number; readonly rows: readonly TableRow[] }
>("table");

// ── What the page tells ──────────────────────────────────────────────────────────────────────────────────────────────

/** The panel's buttons; each is also a command of the extension with the same name behind "writewatch.". */
export const PANEL_COMMANDS = [
  "arm",
  "disarm",
  "scanProcess",
  "openSimulatedProgram",
  "openWalkthrough",
  "showLog",
  "openRecording",
] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

export const CommandNotification = new NotificationType<{ readonly command: PanelCommand }>("command");
/** The user chose another recording to show. */
export const ShowNotification = new NotificationType<RecordingRef>("show");
/** Closes a process scan, a file, or an ended run. */
export const CloseNotification = new NotificationType<RecordingRef>("close");
/** Saves a recording: steps as JSON Lines, a scan as JSON. */
export const SaveNotification = new NotificationType<RecordingRef>("save");
/**
 * A step was chosen, by the user or because it is the newest: its line note shows, and its line where `reveal`. With `stay` the
 * note stays there when further steps come; else it is the newest that the page knows, and the note goes with them.
 */
export const ChooseNotification = new NotificationType<
  RecordingRef & { readonly step: number; readonly reveal: boolean; readonly stay?: boolean }
>("choose");
export const CopyNotification = new NotificationType<{ readonly text: string }>("copy");
export const DismissProblemNotification = new NotificationType<Record<string, never>>("dismissProblem");
/** The user asks which steps wrote the bytes [start, end): addresses. */
export const WhoWroteNotification = new NotificationType<
  RecordingRef & { readonly start: number; readonly end: number }
>("whoWrote");
/** Something to inspect that the user typed: a variable, an expression of the stopped program, an address. */
export const InspectNotification = new NotificationType<RecordingRef & { readonly expression: string }>("inspect");
/** The same range in an editor of its own; or as it was after a step, as a file in the hex editor. */
export const OpenRangeNotification = new NotificationType<OpenRange>("openRange");
export interface OpenRange extends RecordingRef, InspectedRange {
  readonly how: "inspector" | "hex editor";
}
/** What the user may ask for bytes [start, end), addresses, of a program. */
export const RANGE_ACTIONS = ["stopAtWrite", "armThis", "leaveOutThis"] as const;
export type RangeAction = (typeof RANGE_ACTIONS)[number];
export const RangeNotification = new NotificationType<
  RecordingRef & { readonly action: RangeAction; readonly start: number; readonly end: number }
>("range");
/** The first frame that shows the step was painted, `milliseconds` after the change notice came. For measurements. */
export const PaintedNotification = new NotificationType<{ readonly step: number; readonly milliseconds: number }>(
  "painted",
);

// ── What the page is told ────────────────────────────────────────────────────────────────────────────────────────────

export interface Changed {
  /** Ask for the state again: recordings, phases, what is shown. */
  readonly state: boolean;
  /** The recording whose content changed. */
  readonly recording?: string;
  readonly revision?: number;
  /** The newest step, where one came or was told more fully. */
  readonly step?: number;
  /** Whether that step is new: it becomes the chosen one unless the user froze the choice. */
  readonly isNew?: boolean;
  readonly layout?: boolean;
}

export const ChangedNotification = new NotificationType<Changed>("changed");
/** Chooses a step from outside the page: a command, a line note. */
export const SelectNotification = new NotificationType<RecordingRef & { readonly step: number }>("select");
/** Shows a range in the inspector: of a variable that the user picked elsewhere. */
export const PickNotification = new NotificationType<
  RecordingRef & { readonly start: number; readonly end: number; readonly words: string }
>("pick");
