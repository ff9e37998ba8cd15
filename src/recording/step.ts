// A step: what ran between two stops, whatever the user pressed, and what it wrote.
import { kindOf, type Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import { PageSet } from "../memory/page-set.ts";
import { splitByMapping } from "../memory/split.ts";
import type { Layout } from "../tracker/reports.ts";
import type { ChangedNames } from "./changed-names.ts";
import type { StepContents } from "./contents/step-contents.ts";

export interface SourceLocation {
  /** Path of the source file; absent where the debugger knows none. */
  readonly source?: string;
  /** 1-based; 0 where the debugger knows none. */
  readonly line: number;
  readonly function: string;
}

export interface Thread {
  /** As the debugger numbers its threads. */
  readonly id: number;
  /** Absent while the debugger has not told it. */
  readonly name?: string;
}

/** What let the program go: the DAP request's name ("next", "stepIn", "continue", …); "run" where none was seen, "scan" where the user asked. */
export type Motion = "next" | "stepIn" | "stepOut" | "continue" | "pause" | "goto" | "stepBack" | "run" | "scan";

/** Why some of what a step reports may not be the program's own doing in just this step. */
export type Doubt =
  /** The program was let go before all that the debugger had written could be told apart. */
  | "debugger in flight"
  /** A write of the user's (an assignment, a memory edit) had not been answered when the program was let go. */
  | "edit in flight"
  /** A breakpoint's condition was evaluated in the program while it ran. */
  | "conditions evaluated"
  /** The memory's list of mappings could not be read before the program ran on: what came and went may be the next step's. */
  | "mappings unsettled"
  /** Other threads ran on while one stood, and what they wrote then can't be told from what the debugger wrote. */
  | "others ran"
  /** The debugger works within the program's process, whose other threads ran on while the program stood. */
  | "debugger within"
  /** The program had run another one in its place (exec): what was written until that one was armed is told nowhere. */
  | "program replaced";

export interface Step {
  /** 1 for the first step after arming; a step that forgetting has removed leaves its number. */
  readonly number: number;
  /** Where the program stood when the step began; absent where the debugger could not say. */
  readonly from?: SourceLocation;
  /** Where it stands now; absent while that is not known yet, and where the debugger could not say. */
  readonly to?: SourceLocation;
  readonly by: Motion;
  /** DAP's reason of the stop: "step", "breakpoint", "pause", "exception", … */
  readonly reason?: string;
  readonly thread?: Thread;
  /** How many stops it spans: more than one where the program was let go before a stop could be told apart from the next. */
  readonly stops: number;
  /** All pages written, the kernel's own among them. */
  readonly written: PageSet;
  /** Of `written` those that the kernel writes by itself (rseq), so that nobody looks for their line. */
  readonly kernel: PageSet;
  /** Pages written by the debugger, on the user's behalf or ours, since the stop at which the step began. */
  readonly debugger: PageSet;
  /** Pages given back to the kernel (MADV_DONTNEED, the stack of a thread that ended): they read as zeroes now. */
  readonly discarded: PageSet;
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
  readonly notes: readonly PageNote[];
  /** The memory's mappings at the step's end; the same object as the step's before where nothing changed. */
  readonly layout: Layout;
  readonly scanMicroseconds: number;
  /** The changed bytes; absent before they are told, which is a moment after the pages, and where nobody asked for them. */
  readonly contents?: StepContents;
  /** What of the changed bytes is called how; absent where the bytes are not known, or not named yet. */
  readonly names?: ChangedNames;
  readonly doubts: readonly Doubt[];
  /** Whether everything is known that will be: a step is told as soon as its scan is in, the rest follows. */
  readonly settled: boolean;
}

/** What a step tells of memory before anything is known of it. */
export const NOTHING_TOLD = {
  written: PageSet.EMPTY,
  kernel: PageSet.EMPTY,
  debugger: PageSet.EMPTY,
  discarded: PageSet.EMPTY,
  created: [],
  removed: [],
  notes: [],
  doubts: [],
} satisfies Partial<Step>;

/** The pages that the program itself wrote. */
export function programPages({ written, kernel }: Pick<Step, "written" | "kernel">): PageSet {
  return written.subtract(kernel);
}

/** The pages that the debugger wrote, without the program's text: what changes there are its breakpoints, at nearly every step. */
export function debuggerData({ debugger: pages, layout }: Pick<Step, "debugger" | "layout">): PageSet {
  if (pages.isEmpty) return pages;
  const text: [number, number][] = [];
  for (const { start, end, mapping } of splitByMapping(pages, layout.mappings)) {
    if (mapping && kindOf(mapping) === "file" && mapping.permissions[2] === "x") text.push([start, end]);
  }
  return text.length === 0 ? pages : pages.subtract(PageSet.from(text));
}

/** Of `written` the pages that the notes call the kernel's own, and where the program is not known to have stored too. */
export function kernelPages(written: PageSet, notes: readonly PageNote[]): PageSet {
  const own = notes
    .filter(({ note, onlyKernel }) => note === "rseq" && onlyKernel !== false)
    .map(({ start, end }): [number, number] => [start, end]);
  return own.length === 0 ? PageSet.EMPTY : written.intersect(PageSet.from(own));
}
