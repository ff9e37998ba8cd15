// A page before the first and after the last of several steps that wrote it.
import { counted } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { StepList } from "../recording.ts";
import type { Span } from "../span.ts";
import type { Step } from "../step.ts";
import { wroteIn } from "../thin-step.ts";
import { type PageSource, type PageView, pageView } from "./page-view.ts";

/** Steps between the first and the last that are looked through for bytes that changed and changed back. */
const MOST_BETWEEN = 256;

/** @param span of steps; those that are kept count. */
export function spanView(steps: StepList, span: Span, page: number, source: PageSource): PageView {
  const writers = writersIn(steps, span, page);
  const [last, first] = [writers[0], writers.at(-1)];
  if (!last || !first) {
    // Nobody wrote it: as it was all the while.
    const view = pageView(steps, lastOf(steps, span), page, source);
    return { ...view, before: view.after, changed: new Uint8Array(PAGE_SIZE) };
  }
  const end = pageView(steps, last, page, source);
  if (last === first) return end;
  const begin = pageView(steps, first, page, source);
  const changed = new Uint8Array(PAGE_SIZE);
  const told = begin.before;
  for (let i = 0; i < PAGE_SIZE; i += 1) {
    const [before, after] = [told[i], end.after[i]];
    if (before >= 0 && after >= 0 ? before !== after : begin.changed[i] === 1 || end.changed[i] === 1) changed[i] = 1;
  }
  const back = writers.length <= MOST_BETWEEN ? changedBack(writers, page, changed) : 0;
  const notes = new Set([...begin.notes, ...end.notes].filter(note => !note.startsWith("Written, same bytes")));
  if (back > 0) notes.add(t("{0} changed in between, and changed back.", counted(back, "byte")));
  return { page, before: told, after: end.after, changed, notes: [...notes] };
}

/** Newest first. */
function writersIn(steps: StepList, { first, last }: Span, page: number): Step[] {
  const found: Step[] = [];
  for (const step of steps.touching(page, page + 1)) {
    if (step.number < first) break;
    if (step.number <= last && (wroteIn(step, page, page + 1) || step.discarded.has(page))) found.push(step);
  }
  return found;
}

function lastOf(steps: StepList, { last }: Span): Step | undefined {
  for (let i = steps.count - 1; i >= 0; i -= 1) {
    const step = steps.at(i);
    if (step && step.number <= last) return step;
  }
  return undefined;
}

function changedBack(writers: readonly Step[], page: number, changed: Uint8Array): number {
  const ever = new Uint8Array(PAGE_SIZE);
  for (const step of writers) {
    const entry = step.contents?.changes.find(page);
    if (!entry || entry.reason !== undefined) continue;
    for (const { offset, after } of entry.runs()) if (after) ever.fill(1, offset, offset + after.length);
  }
  let count = 0;
  for (let i = 0; i < PAGE_SIZE; i += 1) if (ever[i] === 1 && changed[i] === 0) count += 1;
  return count;
}
