// The newest bytes of a page, forward from a copy of an earlier step through the changes since: as if a process were asked.
import type { ChangesCursor } from "../../memory/contents/changes.ts";
import { Kind } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";
import { wroteIn } from "../thin-step.ts";

/**
 * @param copy of the page as it was when step `after` ended; absent where there is none: then a step that tells the whole page will do.
 * @returns undefined where the page is not known after the last step that was read.
 */
export function newestPage(
  steps: StepList,
  page: number,
  copy?: { readonly after: number; readonly bytes: Uint8Array },
): Uint8Array | undefined {
  const bytes = new Uint8Array(PAGE_SIZE);
  const first = steps.at(0)?.number ?? 1;
  // What the steps between did that are forgotten is not known.
  const anchor = copy && copy.after >= first - 1 ? copy : undefined;
  let known = anchor !== undefined && anchor.after < first;
  if (known && anchor) bytes.set(anchor.bytes);
  for (const step of steps) {
    known = redo(step.contents?.byDebugger.find(page), bytes, known);
    if (wrote(step, page)) {
      const entry = step.contents?.changes.find(page);
      if (entry) known = redo(entry, bytes, known);
      // What was not read in time is told with a later step's changes.
      else if (step.contents && step.contents.missing !== "overtaken") known = false;
    }
    if (anchor?.after === step.number) {
      bytes.set(anchor.bytes);
      // What the step itself tells may be left out of the copy.
      step.contents?.changes.find(page)?.redoRuns(bytes, 0);
      known = true;
    }
  }
  return known ? bytes : undefined;
}

/** @returns whether the page is known after it. */
function redo(entry: ChangesCursor | undefined, bytes: Uint8Array, known: boolean): boolean {
  if (!entry) return known;
  if (entry.kind === Kind.UNKNOWN) return false;
  entry.redo(bytes, 0);
  if (entry.isGone) bytes.fill(0);
  return known || entry.kind !== Kind.CHANGED || entry.isGone;
}

function wrote(step: Step, page: number): boolean {
  const { discarded, created, removed } = step;
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    start <= page && page < end;
  return wroteIn(step, page, page + 1) || discarded.has(page) || created.some(holds) || removed.some(holds);
}
