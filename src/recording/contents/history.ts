// A page as it was after any step that is remembered: from its newest bytes backwards through the differences.
import { Changes } from "../../memory/contents/changes.ts";
import type { Reason } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";
import { wroteIn } from "../thin-step.ts";

/** Why a page's bytes of that time are not known. */
export type Unknown = Reason | "forgotten";

export type PageAfter =
  /** `isMixed`: some of the bytes may be what the debugger wrote at that stop. */
  { readonly bytes: Uint8Array; readonly isMixed: boolean } | { readonly unknown: Unknown };

/**
 * The page as the program found it when it was let go last, turned back to the stop at which step `number` ended; 0 for what it
 * was when the memory was armed.
 * @param newest the newest copy of the page; undefined where there is none, as of a page that is mapped no longer.
 * @param since what the debugger has changed since the last step; the newest copy has it.
 */
export function pageAfter(
  steps: StepList,
  page: number,
  number: number,
  newest: Uint8Array | undefined,
  since = Changes.NONE,
): PageAfter {
  const bytes = newest?.slice() ?? new Uint8Array(PAGE_SIZE);
  let known = newest !== undefined;
  let isMixed = false;
  // The newest copy is from before the last steps whose pages were not read: as if the next step had told their changes.
  let isJoined = true;
  let hasEntry = false;
  let why: Unknown = "not copied";
  const undoDebugger = (changes: Changes | undefined): void => {
    const entry = changes?.find(page);
    if (!entry) return;
    if (entry.isGone) {
      known = true;
      bytes.fill(0);
    }
    if (entry.reason !== undefined) [known, why] = [false, entry.reason];
    else if (known) entry.undo(bytes, 0);
  };
  undoDebugger(since);
  for (let i = steps.count - 1; i >= 0; i -= 1) {
    const step = steps.at(i);
    if (!step || step.number <= number) break;
    const isTouched = touched(step, page);
    const entry = isTouched ? step.contents?.changes.find(page) : undefined;
    if (entry) {
      hasEntry = true;
      isJoined = entry.isJoined;
      isMixed = entry.isMixed;
      // The page was gone after that step, whatever came to lie there later.
      if (entry.isGone) [known, isMixed] = [true, false];
      if (entry.isGone) bytes.fill(0);
      if (entry.reason !== undefined) [known, why] = [false, entry.reason];
      else if (known) entry.undo(bytes, 0);
    } else if (isTouched) {
      // What it changed is told with a later step's changes, which are undone already.
      const isTold = isJoined && isUnread(step) && (hasEntry || !merelyCame(step, page));
      if (!isTold) [known, why] = [false, reasonOf(step, page)];
    }
    undoDebugger(step.contents?.byDebugger);
  }
  if ((steps.at(0)?.number ?? 1) > number + 1) return { unknown: "forgotten" };
  if (!known) return { unknown: why };
  return isJoined && endsInside(steps, page, number) ? { unknown: "overtaken" } : { bytes, isMixed };
}

/** Whether the last step up to `number` that wrote the page is one whose changes are told with a later one's. */
function endsInside(steps: StepList, page: number, number: number): boolean {
  for (let i = steps.count - 1; i >= 0; i -= 1) {
    const step = steps.at(i);
    if (!step || step.number > number) continue;
    if (touched(step, page)) return !step.contents?.changes.find(page) && isUnread(step);
  }
  return false;
}

function touched(step: Step, page: number): boolean {
  const { discarded, created, removed } = step;
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    start <= page && page < end;
  return wroteIn(step, page, page + 1) || discarded.has(page) || created.some(holds) || removed.some(holds);
}

/** Whether the page came or went with its mapping, and was neither written nor given back: of such there may be no copy. */
function merelyCame({ written, discarded }: Step, page: number): boolean {
  return !written.has(page) && !discarded.has(page);
}

/** Whether its pages were not read in time: they are told with those of a later step, or will be. */
function isUnread({ contents }: Step): boolean {
  return contents === undefined || contents.missing === "overtaken";
}

function reasonOf({ contents, written, discarded }: Step, page: number): Unknown {
  if (contents?.missing) return contents.missing;
  if (written.has(page)) return "not copied";
  return discarded.has(page) ? "given back" : "new mapping";
}
