// A page as it was after any step that is remembered: from its newest bytes backwards through the differences.
import type { Reason } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";

/** Why a page's bytes of that time are not known. */
export type Unknown = Reason | "forgotten";

export type PageAfter =
  /** `isMixed`: some of the bytes may be what the debugger wrote at that stop. */
  { readonly bytes: Uint8Array; readonly isMixed: boolean } | { readonly unknown: Unknown };

/**
 * The page as the program found it when it was let go last, turned back to the stop at which step `number` ended; 0 for what it
 * was when the memory was armed.
 * @param newest the page after the last step; undefined where nothing is known of it: of a page that is mapped no longer.
 */
export function pageAfter(steps: StepList, page: number, number: number, newest: Uint8Array | undefined): PageAfter {
  const bytes = newest?.slice() ?? new Uint8Array(PAGE_SIZE);
  let known = newest !== undefined;
  let isMixed = false;
  let isJoined = false;
  let why: Unknown = "not copied";
  for (let i = steps.count - 1; i >= 0; i -= 1) {
    const step = steps.at(i);
    if (!step || step.number <= number) break;
    const entry = step.contents?.changes.find(page);
    if (entry) {
      isJoined = entry.isJoined;
      isMixed = entry.isMixed;
      // The page was gone after that step, whatever came to lie there later.
      if (!known || wentIn(step, page)) bytes.fill(0);
      known = entry.reason === undefined && (known || wentIn(step, page));
      if (known) entry.undo(bytes, 0);
      else why = entry.reason ?? why;
    } else if (wrote(step, page)) {
      // What it changed is told with a later step's changes, which are undone already.
      if (!isJoined) [known, why] = [false, reasonOf(step)];
    }
    const before = step.contents?.byDebugger.find(page);
    if (!before) continue;
    if (before.reason !== undefined) [known, why] = [false, before.reason];
    else if (known) before.undo(bytes, 0);
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
    if (step.contents?.changes.find(page)) return false;
    if (wrote(step, page)) return true;
  }
  return false;
}

function wrote({ written, discarded }: Step, page: number): boolean {
  return written.has(page) || discarded.has(page);
}

/** Given back, unmapped, or mapped anew, and not written since. */
function wentIn({ written, discarded, removed, created }: Step, page: number): boolean {
  if (written.has(page)) return false;
  return discarded.has(page) || [...removed, ...created].some(({ start, end }) => start <= page && page < end);
}

function reasonOf({ contents }: Step): Unknown {
  return contents?.missing ?? "not copied";
}
