// Steps and arming as JSON: the lines of the trace command and of an export. Addresses are "0x…" text, ranges half-open.
import { type Mapping, shortName } from "../memory/mapping.ts";
import { formatAddress } from "../memory/page.ts";
import type { PageNote } from "../memory/page-note.ts";
import { PageSet } from "../memory/page-set.ts";
import { splitByMapping } from "../memory/split.ts";
import type { ArmReport, Layout, NotArmed } from "../tracker/reports.ts";
import type { Doubt, Motion, SourceLocation, Step } from "./step.ts";

export interface RangeJson {
  start: string;
  end: string;
  pages: number;
  mapping: string;
  /** Why the pages are not, or not surely, the program's own stores. */
  note?: string;
}

export interface StepJson {
  event: "step";
  step: number;
  from: SourceLocation | null;
  to: SourceLocation | null;
  pages: number;
  written: RangeJson[];
  /** Written by the debugger while the program stood at `from`. */
  debugger: RangeJson[];
  /** Given back to the kernel, not stored to. */
  discarded: RangeJson[];
  created: RangeJson[];
  removed: RangeJson[];
  scanMicroseconds: number;
  /** What let the program go: a DAP request's name, "run" or "scan". */
  by: Motion;
  /** How many stops it spans: more than one where the program was let go before one could be told from the next. */
  stops: number;
  /** Present where some of the written pages may not be the program's doing in just this step, with why. */
  doubts?: readonly Doubt[];
}

export function stepJson(step: Step): StepJson {
  return {
    event: "step",
    step: step.number,
    from: step.from ?? null,
    to: step.to ?? null,
    pages: step.written.pageCount,
    written: rangesJson(step.written, step.layout.mappings, step.notes),
    debugger: rangesJson(step.debugger, step.layout.mappings, []),
    discarded: rangesJson(step.discarded, step.layout.mappings, []),
    created: step.created.map(mappingJson),
    removed: step.removed.map(mappingJson),
    scanMicroseconds: step.scanMicroseconds,
    by: step.by,
    stops: step.stops,
    ...(step.doubts.length > 0 ? { doubts: step.doubts } : {}),
  };
}

export function armedJson(pid: number, report: ArmReport): object {
  return {
    event: "armed",
    pid,
    backend: report.backend,
    mappings: report.mappings,
    pages: report.pages,
    populatedOnly: report.populatedOnly.map(({ start, end }) => ({
      start: formatAddress(start),
      end: formatAddress(end),
    })),
    notArmed: report.notArmed.map(notArmedJson),
    microseconds: report.microseconds,
  };
}

/** The mappings and how each is armed, so that a reader can draw them. */
export function layoutJson({ mappings, armed, notArmed, ...unseen }: Layout): object {
  const ways = new Map(armed.map(({ start, way }) => [start, way]));
  const reasons = new Map(notArmed.map(({ start, reason }) => [start, reason]));
  return {
    event: "layout",
    mappings: mappings.map(({ start, end, permissions, offset, device, inode, name }) => ({
      start: formatAddress(start),
      end: formatAddress(end),
      permissions,
      offset,
      device,
      inode,
      name,
      ...(ways.has(start) ? { armed: ways.get(start) } : {}),
      ...(reasons.has(start) ? { reason: reasons.get(start) } : {}),
    })),
    ...unseenParts(unseen),
  };
}

/** What of the memory devices may write: told where it changes. */
export function unseenJson(layout: Layout): object {
  return { event: "unseen", ...unseenParts(layout) };
}

function unseenParts({
  unseen,
  pinnedElsewhere,
  inFlight,
}: Pick<Layout, "unseen" | "pinnedElsewhere" | "inFlight">): object {
  return { unseen: unseen.map(notArmedJson), pinnedElsewhere, inFlight };
}

function notArmedJson({ start, end, name, reason }: NotArmed): object {
  return { start: formatAddress(start), end: formatAddress(end), name, reason };
}

function mappingJson(mapping: Mapping): RangeJson {
  return {
    start: formatAddress(mapping.start),
    end: formatAddress(mapping.end),
    pages: mapping.end - mapping.start,
    mapping: mappingName(mapping),
  };
}

/** A mapping by its full name, so that two files of one name are told apart. */
function mappingName(mapping: Mapping | undefined): string {
  if (!mapping) return "(unmapped)";
  return mapping.name || shortName(mapping);
}

/** The runs, cut where mappings begin and end, and where another note holds. */
function rangesJson(pages: PageSet, mappings: readonly Mapping[], notes: readonly PageNote[]): RangeJson[] {
  const noted = notedPages(notes);
  const ranges: RangeJson[] = [];
  for (const { start, end, mapping } of splitByMapping(pages, mappings)) {
    for (let first = start, last: number; first < end; first = last) {
      const here = noted.filter(({ pages: some }) => some.has(first)).map(({ note }) => note);
      last = noted.reduce((border, { pages: some }) => Math.min(border, borderBehind(some, first)), end);
      ranges.push({
        start: formatAddress(first),
        end: formatAddress(last),
        pages: last - first,
        mapping: mappingName(mapping),
        ...(here.length > 0 ? { note: here.join(", ") } : {}),
      });
    }
  }
  return ranges;
}

/** For each kind of note the pages that it is about: there may be many notes, but few kinds. */
function notedPages(notes: readonly PageNote[]): { readonly note: PageNote["note"]; readonly pages: PageSet }[] {
  return [...new Set(notes.map(({ note }) => note))].sort().map(note => ({
    note,
    pages: PageSet.from(notes.filter(other => other.note === note).map(({ start, end }) => [start, end])),
  }));
}

/** Where the set ends that holds a page, or where it begins behind one that it does not hold. */
function borderBehind(pages: PageSet, page: number): number {
  return pages.has(page) ? pages.runsFrom(page, 1)[1] : (pages.next(page) ?? Infinity);
}
