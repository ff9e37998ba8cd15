// The bytes of a page that a step left alone, so far as the differences of the steps around it tell them: no process is asked.
import type { ChangesCursor } from "../../memory/contents/changes.ts";
import { Kind } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";
import { NOT_KEPT } from "./byte-state.ts";

/** Steps that are looked at before and behind: what lies farther off is rarely the byte that is looked for. */
const FARTHEST = 256;

/** @returns of each byte of the page what it was when the step ended, or {@link NOT_KEPT}. */
export function bytesAround(steps: StepList, page: number, number: number): Int16Array {
  const bytes = new Int16Array(PAGE_SIZE).fill(NOT_KEPT);
  const at = steps.indexOf(number);
  if (at < 0) return bytes;
  for (let i = at; i > at - FARTHEST; i -= 1) {
    const step = steps.at(i);
    if (!step || !tells(step, page)) break;
    if (!take(bytes, step.contents?.changes.find(page), "after")) break;
    if (!take(bytes, step.contents?.byDebugger.find(page), "after")) break;
  }
  for (let i = at + 1; i <= at + FARTHEST; i += 1) {
    const step = steps.at(i);
    if (!step || !take(bytes, step.contents?.byDebugger.find(page), "before") || !tells(step, page)) break;
    if (!take(bytes, step.contents?.changes.find(page), "before")) break;
  }
  return bytes;
}

/** Whether all that the step did to the page is in its own account. */
function tells({ contents, written, discarded, created, removed }: Step, page: number): boolean {
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    start <= page && page < end;
  if (created.some(holds) || removed.some(holds)) return false;
  if (!written.has(page) && !discarded.has(page)) return true;
  return contents !== undefined && (contents.missing === undefined || contents.changes.find(page) !== undefined);
}

/** Takes over what is not told yet. @returns whether the bytes that are left may be told by steps farther off. */
function take(bytes: Int16Array, entry: ChangesCursor | undefined, side: "before" | "after"): boolean {
  if (!entry) return true;
  for (const run of entry.runs()) {
    const told = run[side];
    for (let i = 0; told && i < told.length; i += 1)
      if (bytes[run.offset + i] === NOT_KEPT) bytes[run.offset + i] = told[i];
  }
  if (entry.reason !== undefined || entry.isGone) return false;
  // What it did not change was zero before and after.
  if (entry.kind === Kind.FROM_ZEROES) for (let i = 0; i < PAGE_SIZE; i += 1) if (bytes[i] === NOT_KEPT) bytes[i] = 0;
  return true;
}
