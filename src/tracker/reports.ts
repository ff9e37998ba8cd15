// What the tracker tells: plain data, but for the page sets, which cross from the agent in their own form.

import type { Mapping, MappingKind } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import type { PageSet } from "../memory/page-set.ts";

/** How a mapping is armed: with markers in its holes, or by its populated pages only. */
export type ArmingWay = "complete" | "populated";

export interface ArmedMapping {
  readonly start: number;
  readonly end: number;
  readonly way: ArmingWay;
}

export interface NotArmed {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** Why, and where there is one, the remedy. */
  readonly reason: string;
}

export interface ArmOptions {
  /** Kinds of mappings to watch. */
  readonly watch: readonly MappingKind[];
  /** A mapping with more unpopulated pages than this is armed by its populated pages only. */
  readonly sparsePages: number;
}

export interface ArmReport {
  readonly backend: string;
  /** Mappings armed. */
  readonly mappings: number;
  /** Pages armed: all of a completely armed mapping, the populated ones of a sparse one. */
  readonly pages: number;
  /** Sparse mappings, of which only the populated pages are armed. */
  readonly populatedOnly: readonly ArmedMapping[];
  readonly notArmed: readonly NotArmed[];
  readonly microseconds: number;
}

export interface ScanReport {
  /** Written since the scan before. */
  readonly written: PageSet;
  /** Written outside the armed mappings, in program text: breakpoints a debugger put there. */
  readonly text: PageSet;
  readonly microseconds: number;
}

/** What is found out after a scan, while the debuggee still stands, off the way to the result. */
export interface Settlement {
  /** Absent where the mappings are those of the settlement before. */
  readonly layout?: Layout;
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
  /** Written pages that only the list of mappings revealed; they belong to the step of the last scan. */
  readonly late: PageSet;
  /** Of the written pages those with no page behind them now: given back (MADV_DONTNEED, a thread's end), not stored to. */
  readonly discarded: PageSet;
  readonly notes: readonly PageNote[];
  /** Pages present in memory; absent where not asked for. */
  readonly resident?: PageSet;
}

export interface Layout {
  readonly mappings: readonly Mapping[];
  readonly armed: readonly ArmedMapping[];
  readonly notArmed: readonly NotArmed[];
}
