// A page before and after a step, byte for byte: what the step changed of it, and around that what steps and copies tell.
import { t } from "../../common/l10n.ts";
import { Kind, REASON_WORDS } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { NewestBytes } from "../memory.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";
import { wroteIn } from "../thin-step.ts";
import { NOT_KEPT, NOT_KNOWN } from "./byte-state.ts";
import { pageAfter } from "./history.ts";
import { bytesAround } from "./surroundings.ts";

export interface PageView {
  readonly page: number;
  /** A byte, {@link NOT_KEPT} or {@link NOT_KNOWN} each; of PAGE_SIZE bytes. */
  readonly before: Int16Array;
  readonly after: Int16Array;
  /** 1 for each byte that the step changed. */
  readonly changed: Uint8Array;
  /** What is to be said of the bytes, in sentences: why they are not known, whose they may be. */
  readonly notes: readonly string[];
}

/** What is known of one page beside the steps. */
export interface PageSource {
  readonly newest?: Uint8Array | undefined;
  readonly present?: Uint8Array | undefined;
  readonly since?: NewestBytes["since"] | undefined;
}

export const SAME = t("Written, same bytes: the program stored what was there already.");

/** @param step absent: the page as it is now. */
export function pageView(steps: StepList, step: Step | undefined, page: number, source: PageSource): PageView {
  const { fill, notes } = fillOf(steps, step?.number ?? steps.last?.number ?? 0, page, source);
  const view = { page, before: fill, after: fill.slice(), changed: new Uint8Array(PAGE_SIZE), notes };
  if (!step || !(step.written.has(page) || step.discarded.has(page))) return view;
  const { contents } = step;
  if (!contents) {
    view.before.fill(NOT_KNOWN);
    return { ...view, notes: [t("The bytes of this step are not known."), ...notes] };
  }
  const cursor = contents.changes.find(page);
  if (!cursor) {
    if (contents.missing === undefined) return { ...view, notes: [SAME, ...notes] };
    view.before.fill(NOT_KNOWN);
    return { ...view, notes: [t("The bytes are not known: {0}.", REASON_WORDS[contents.missing])] };
  }
  const { kind, reason, isGone, isSame, isJoined, isMixed } = cursor;
  if (isGone) {
    view.after.fill(0);
    // What it did not change was zero before.
    if (kind <= Kind.FROM_ZEROES) view.before.fill(0);
  }
  for (const { offset, before, after } of cursor.runs()) {
    const length = after?.length ?? PAGE_SIZE;
    for (let i = 0; i < length; i += 1) {
      view.before[offset + i] = reason === undefined && before ? before[i] : NOT_KNOWN;
      if (after) view.after[offset + i] = after[i];
      else if (view.after[offset + i] === NOT_KEPT) view.after[offset + i] = NOT_KNOWN;
      if (reason === undefined) view.changed[offset + i] = 1;
    }
  }
  const what = kind === Kind.UNKNOWN ? t("The bytes") : t("The bytes before");
  return {
    ...view,
    notes: [
      ...(reason === undefined ? [] : [t("{0} are not known: {1}.", what, REASON_WORDS[reason])]),
      ...(isSame ? [SAME] : []),
      ...(isGone ? [t("Given back to the kernel: it reads as zeroes, or can't be read any more.")] : []),
      ...(isJoined ? [t("Changes of earlier steps, which could not be told then, are among these.")] : []),
      ...(isMixed ? [t("Some of these bytes may be the debugger's doing.")] : []),
      ...notes,
    ],
  };
}

/** The page when the step ended. */
function fillOf(
  steps: StepList,
  number: number,
  page: number,
  { newest, present, since }: PageSource,
): { readonly fill: Int16Array; readonly notes: readonly string[] } {
  const after = newest && pageAfter(steps, page, number, newest, since);
  if (after && "bytes" in after) return { fill: Int16Array.from(after.bytes), notes: [] };
  if (present && !isWrittenAfter(steps, page, number))
    return { fill: Int16Array.from(present), notes: [t("Read just now: no copy of it is kept.")] };
  return { fill: bytesAround(steps, page, number), notes: [] };
}

/** Whether a step behind `number` wrote the page, gave it back, or mapped it. */
function isWrittenAfter(steps: StepList, page: number, number: number): boolean {
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    start <= page && page < end;
  for (let i = steps.count - 1; i >= 0; i -= 1) {
    const step = steps.at(i);
    if (!step || step.number <= number) return false;
    const { discarded, created, removed } = step;
    if (wroteIn(step, page, page + 1) || discarded.has(page) || created.some(holds) || removed.some(holds)) return true;
  }
  return false;
}
