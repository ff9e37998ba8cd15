// The bytes of a step: what changed in the pages that it wrote, and why that is not known where it is not.
import { Changes } from "../../memory/contents/changes.ts";
import type { Reason } from "../../memory/contents/form.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { Step } from "../step.ts";

/** Why a step has no entry for a page that it wrote. */
export type Missing = Extract<Reason, "overtaken"> | "forgotten";

export interface StepContents {
  /** An entry a page, of those that were given back or unmapped too. */
  readonly changes: Changes;
  /** What the debugger changed while the program stood where the step begins. */
  readonly byDebugger: Changes;
  /** Why written pages that have no entry have none; absent where each has one. */
  readonly missing?: Missing;
}

/** The pages that a step may have an entry for: written, given back, or of mappings that came or went. */
export function touchedPages({
  written,
  discarded,
  created,
  removed,
}: Pick<Step, "written" | "discarded" | "created" | "removed">): PageSet {
  const touched = written.union(discarded);
  if (created.length + removed.length === 0) return touched;
  return touched.union(PageSet.from([...created, ...removed].map(({ start, end }): [number, number] => [start, end])));
}

export const FORGOTTEN: StepContents = { changes: Changes.NONE, byDebugger: Changes.NONE, missing: "forgotten" };

/** Bytes of memory that they take. */
export function contentsBytes(contents: StepContents | undefined): number {
  return contents ? contents.changes.byteLength + contents.byDebugger.byteLength : 0;
}
