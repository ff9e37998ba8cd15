// The one model of what is known about a process's memory: live, read from a file, or one scan. Everything that shows, queries or exports reads this.
import type { Disposable } from "../common/disposable.ts";
import type { PageSet } from "../memory/page-set.ts";
import type { ArmReport, Layout } from "../tracker/reports.ts";
import type { RecordedMemory } from "./memory.ts";
import type { Step } from "./step.ts";

export interface Recording {
  /** Unique in this window. */
  readonly id: string;
  /** "live": a debug session's run, also after it has ended; "scan": one look at a process; "file": read from one. */
  readonly kind: "live" | "scan" | "file";
  /** The debug session's name, the process's, or the file's. */
  readonly title: string;
  /** The process; undefined before it is known. */
  readonly pid: number | undefined;
  /** What the first arming came to; undefined for memory that was never armed. */
  readonly arming: ArmReport | undefined;
  /** The newest list of mappings; undefined before one was read. */
  readonly layout: Layout | undefined;
  /** Pages in memory, as last seen. */
  readonly resident: PageSet;
  /** Pages by what they are; empty but for a process scan. A page may be in several classes. */
  readonly classes: readonly PageClass[];
  readonly steps: StepList;
  /** Pages that any step wrote, those of forgotten steps too. */
  readonly everWritten: PageSet;
  /** Its memory beside what the steps tell; undefined where nothing can be asked: the process has ended, and no copy was kept. */
  readonly memory?: RecordedMemory | undefined;
  /** Microseconds that making it took, of a process scan. */
  readonly microseconds: number | undefined;
  /** Rises with each change. */
  readonly revision: number;
  /** Tells that something changed, never what it changed to: whoever shows it asks for what it needs. */
  onChange(listener: (change: RecordingChange) => void): Disposable;
}

/** What kind of thing has changed. */
export type RecordingChange =
  | { readonly what: "step"; readonly number: number }
  | { readonly what: "layout" | "resident" | "cleared" | "arming" };

export interface PageClass {
  readonly name: "file" | "private" | "zero page" | "huge" | "swapped" | "written";
  readonly pages: PageSet;
}

/** Steps in order of their numbers, oldest first. */
export interface StepList extends Iterable<Step> {
  /** How many are kept. */
  readonly count: number;
  /** How many of the oldest were forgotten for their memory. */
  readonly forgotten: number;
  readonly last: Step | undefined;
  /** By position, 0 for the oldest that is kept. */
  at(index: number): Step | undefined;
  /** By its number. */
  byNumber(number: number): Step | undefined;
  /** Position of the step with that number, -1 where it is not kept. */
  indexOf(number: number): number;
  /** The steps that may have written or given back any of the pages [first, last), newest first: few others than those that did. */
  touching(first: number, last: number): Iterable<Step>;
}
