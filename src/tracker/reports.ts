// What the tracker tells: plain data, but for the page sets, which cross from the agent in their own form.

import type { Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import type { PageSet } from "../memory/page-set.ts";
import type { MemoryChoice } from "./choice.ts";

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

/** How writes are seen where it is not by asynchronous write protection. */
export type OtherBackend = "soft-dirty";

export interface ArmOptions extends MemoryChoice {
  /** Absent: asynchronous write protection. */
  readonly backend?: OtherBackend | undefined;
  /** A mapping with more unpopulated pages than this is armed by its populated pages only. */
  readonly sparsePages: number;
  /** How many pages to keep copies of, so that steps can tell bytes before and after; absent: none, and steps tell pages only. */
  readonly contentsPages?: number;
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
  /**
   * Absent where the mappings, and what of them is armed, are those of the settlement before; what is the same in both shares its
   * objects with the layout before.
   */
  readonly layout?: Layout;
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
  /** Written pages that only the list of mappings revealed; they belong to the step of the last scan. */
  readonly late: PageSet;
  /**
   * Pages given back (MADV_DONTNEED, a thread's end) and not stored to since: their contents are gone, and what is read
   * there now is zeroes, or the file's own bytes.
   */
  readonly discarded: PageSet;
  /** Pages written in program text that the scan left to this look, where there is much of it; see {@link ScanReport.text}. */
  readonly text: PageSet;
  readonly notes: readonly PageNote[];
  /** Pages present in memory; absent where not asked for. */
  readonly resident?: PageSet;
}

/** Pages [start, end) that may change without a report: the writer goes past the page tables, where writes are seen. */
export interface Unseen {
  readonly start: number;
  readonly end: number;
  /** The mapping's short name. */
  readonly name: string;
  /** Who may write there, and through what. */
  readonly reason: string;
}

export interface Layout {
  /** Counts the layouts of one tracker: two of the same revision are the same. */
  readonly revision: number;
  readonly mappings: readonly Mapping[];
  readonly armed: readonly ArmedMapping[];
  readonly notArmed: readonly NotArmed[];
  readonly unseen: readonly Unseen[];
  /** Pages that devices hold on to besides those in `unseen`, and nobody can tell which (RDMA, GPUs): they may change unseen. */
  readonly pinnedElsewhere: number;
  /** Requests to devices that may be under way, in words: what they store from now on is in no step, and nobody can tell where. */
  readonly inFlight: readonly string[];
}

/** Of memory that nothing is known of. */
export const EMPTY_LAYOUT: Layout = {
  revision: 0,
  mappings: [],
  armed: [],
  notArmed: [],
  unseen: [],
  pinnedElsewhere: 0,
  inFlight: [],
};
