// The lines of a recording's file, checked: what was exported may have been changed since, by anyone.
import {
  BadShape,
  list,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  type Shapes,
  text,
  whole,
} from "../common/shape.ts";
import type { Mapping } from "../memory/mapping.ts";
import { PAGE_SIZE, USER_PAGES_END } from "../memory/page.ts";
import type { PageNote, PageNoteKind } from "../memory/page-note.ts";
import { PageSet } from "../memory/page-set.ts";
import { type ArmedMapping, type ArmReport, EMPTY_LAYOUT, type Layout, type NotArmed } from "../tracker/reports.ts";
import { type Doubt, kernelPages, type Motion, type SourceLocation, type Step } from "./step.ts";
import type { SupposedLayout } from "./supposed-layout.ts";

/** Ranges of one step, and mappings of one process. */
const MOST_RANGES = 4_000_000;
const MOST_MAPPINGS = 1_000_000;
const MOST_NAME = 8192;
const MOST_PID = 2 ** 31;

const NOTES: readonly PageNoteKind[] = ["rseq", "new mapping", "read or written"];
const MOTIONS: readonly Motion[] = [
  ...(["next", "stepIn", "stepOut", "continue", "pause", "goto", "stepBack", "run", "scan"] as const),
];
const DOUBTS: readonly Doubt[] = [
  ...(["debugger in flight", "edit in flight", "conditions evaluated", "mappings unsettled", "others ran"] as const),
];

/** "0x…" text of a page's address. */
const ADDRESS: Shape<string> = {
  problem: (value, at) =>
    typeof value === "string" && /^0x[\da-f]{1,16}$/.test(value) ? undefined : `${at} is no address ("0x…")`,
};

interface RangeLine {
  readonly start: string;
  readonly end: string;
  readonly mapping: string;
  readonly note?: string;
}
const RANGES = list(
  object<RangeLine>({ start: ADDRESS, end: ADDRESS, mapping: text(MOST_NAME), note: optional(text(200)) }),
  MOST_RANGES,
);

interface ExtentLine {
  readonly start: string;
  readonly end: string;
}
interface NotArmedLine extends ExtentLine {
  readonly name: string;
  readonly reason: string;
}

/** Ranges with a name and a reason. */
const NOT_ARMED = list(
  object<NotArmedLine>({ start: ADDRESS, end: ADDRESS, name: text(MOST_NAME), reason: text(MOST_NAME) }),
  MOST_MAPPINGS,
);

interface ArmedLine {
  readonly pid: number;
  readonly backend: string;
  readonly mappings: number;
  readonly pages: number;
  readonly populatedOnly: readonly ExtentLine[];
  readonly notArmed: readonly NotArmedLine[];
  readonly microseconds: number;
}
export const ARMED_LINE: Shape<ArmedLine> = object<ArmedLine>({
  pid: whole(0, MOST_PID),
  backend: text(),
  mappings: whole(),
  pages: whole(),
  populatedOnly: list(object<ExtentLine>({ start: ADDRESS, end: ADDRESS }), MOST_MAPPINGS),
  notArmed: NOT_ARMED,
  microseconds: number(0),
});

export function armingOf(line: ArmedLine): { readonly pid: number; readonly arming: ArmReport } {
  const { pid, backend, mappings, pages, microseconds } = line;
  const populatedOnly = line.populatedOnly.map((extent): ArmedMapping => ({ ...pagesOf(extent), way: "populated" }));
  const notArmed = line.notArmed.map(({ name, reason, ...extent }): NotArmed => ({ ...pagesOf(extent), name, reason }));
  return { pid, arming: { backend, mappings, pages, populatedOnly, notArmed, microseconds } };
}

/** Of requests that may be under way. */
const MOST_WAYS = 100;

interface MappingLine extends ExtentLine {
  readonly permissions: string;
  readonly offset: number;
  readonly device: string;
  readonly inode: number;
  readonly name: string;
  readonly armed?: ArmedMapping["way"];
  readonly reason?: string;
}
interface UnseenLine {
  readonly unseen?: readonly NotArmedLine[];
  readonly pinnedElsewhere?: number;
  readonly inFlight?: readonly string[];
}
const UNSEEN: Shapes<UnseenLine> = {
  unseen: optional(NOT_ARMED),
  pinnedElsewhere: optional(whole()),
  inFlight: optional(list(text(MOST_NAME), MOST_WAYS)),
};
export const UNSEEN_LINE: Shape<UnseenLine> = object<UnseenLine>(UNSEEN);

export function unseenOfLine(line: UnseenLine): Pick<Layout, "unseen" | "pinnedElsewhere" | "inFlight"> {
  const { pinnedElsewhere = 0, inFlight = [] } = line;
  const unseen = (line.unseen ?? []).map(({ name, reason, ...extent }) => ({ ...pagesOf(extent), name, reason }));
  return { unseen, pinnedElsewhere, inFlight };
}

interface LayoutLine extends UnseenLine {
  readonly mappings: readonly MappingLine[];
}
const PERMISSIONS: Shape<string> = {
  problem: (value, at) =>
    typeof value === "string" && /^[r-][w-][x-][ps]$/.test(value) ? undefined : `${at} is not like "rw-p"`,
};
export const LAYOUT_LINE: Shape<LayoutLine> = object<LayoutLine>({
  mappings: list(
    object<MappingLine>({
      start: ADDRESS,
      end: ADDRESS,
      permissions: PERMISSIONS,
      offset: whole(),
      device: text(40),
      inode: whole(),
      name: text(MOST_NAME),
      armed: optional(oneOf("complete", "populated")),
      reason: optional(text(MOST_NAME)),
    }),
    MOST_MAPPINGS,
  ),
  ...UNSEEN,
});

/** @throws {BadShape} the mappings overlap, or are in no order. */
export function layoutOfLine(line: LayoutLine): Layout {
  const mappings: Mapping[] = [];
  const armed: ArmedMapping[] = [];
  const notArmed: NotArmed[] = [];
  let end = 0;
  for (const { permissions, offset, device, inode, name, armed: way, reason, ...extent } of line.mappings) {
    const place = pagesOf(extent);
    if (place.start < end) throw new BadShape(`the mapping at ${extent.start} begins before the one before it ends`);
    end = place.end;
    mappings.push({ ...place, permissions, offset, device, inode, name });
    if (way) armed.push({ ...place, way });
    else if (reason !== undefined) notArmed.push({ ...place, name, reason });
  }
  return { ...EMPTY_LAYOUT, mappings, armed, notArmed, ...unseenOfLine(line) };
}

interface StepLine {
  readonly step: number;
  readonly from: SourceLocation | null;
  readonly to: SourceLocation | null;
  readonly written: readonly RangeLine[];
  readonly debugger: readonly RangeLine[];
  readonly discarded: readonly RangeLine[];
  readonly created: readonly RangeLine[];
  readonly removed: readonly RangeLine[];
  readonly scanMicroseconds: number;
  readonly by?: Motion;
  readonly stops?: number;
  readonly doubts?: readonly Doubt[];
}
const LOCATION = object<SourceLocation>({
  source: optional(text(MOST_NAME)),
  line: whole(),
  function: text(MOST_NAME),
});
const PLACE: Shape<SourceLocation | null> = {
  problem: (value, at) => (value === null ? undefined : LOCATION.problem(value, at)),
};
export const STEP_LINE: Shape<StepLine> = object<StepLine>({
  step: whole(1),
  from: PLACE,
  to: PLACE,
  written: RANGES,
  debugger: RANGES,
  discarded: RANGES,
  created: RANGES,
  removed: RANGES,
  scanMicroseconds: number(0),
  by: optional(oneOf(...MOTIONS)),
  stops: optional(whole(1)),
  doubts: optional(list(oneOf(...DOUBTS), DOUBTS.length)),
});

/** The step without its layout. @param supposed is told of every range with its mapping. */
export function stepOfLine(line: StepLine, supposed: SupposedLayout): Step {
  const read = (ranges: readonly RangeLine[]): PageSet =>
    PageSet.from(
      ranges.map((range): [number, number] => {
        const { start, end } = pagesOf(range);
        supposed.add(start, end, range.mapping);
        return [start, end];
      }),
    );
  const written = read(line.written);
  const notes = line.written.flatMap(notesOf);
  return {
    number: line.step,
    ...(line.from ? { from: line.from } : {}),
    ...(line.to ? { to: line.to } : {}),
    by: line.by ?? "run",
    stops: line.stops ?? 1,
    written,
    kernel: kernelPages(written, notes),
    debugger: read(line.debugger),
    discarded: read(line.discarded),
    created: line.created.map(mappingOf),
    removed: line.removed.map(mappingOf),
    notes,
    layout: EMPTY_LAYOUT,
    scanMicroseconds: line.scanMicroseconds,
    doubts: line.doubts ?? [],
    settled: true,
  };
}

function mappingOf({ mapping, ...extent }: RangeLine): Mapping {
  return { ...pagesOf(extent), permissions: "???p", offset: 0, device: "00:00", inode: 0, name: mapping };
}

function notesOf({ note, ...extent }: RangeLine): PageNote[] {
  if (note === undefined) return [];
  const place = pagesOf(extent);
  const words = note.split(", ");
  return NOTES.filter(kind => words.includes(kind)).map(kind => ({ ...place, note: kind }));
}

/** @throws {BadShape} no pages, or none that a process could have. */
function pagesOf({ start, end }: ExtentLine): { readonly start: number; readonly end: number } {
  const [first, last] = [pageOf(start), pageOf(end)];
  if (first >= last) throw new BadShape(`the range ${start}-${end} holds no page`);
  return { start: first, end: last };
}

function pageOf(address: string): number {
  // Above 2^53 it loses bits, and is above what a process has anyway.
  const page = Number(address) / PAGE_SIZE;
  if (page > USER_PAGES_END || !Number.isInteger(page)) throw new BadShape(`${address} is no page's address`);
  return page;
}
