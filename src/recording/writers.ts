// Who wrote a range of bytes: the steps that did, the newest first, from what the steps have told and from nothing else.

import { addressOf, pageOf } from "../memory/page.ts";
import type { StepList } from "./recording.ts";
import type { Step } from "./step.ts";
import { wroteIn } from "./thin-step.ts";

/** Bytes of the range that a step changed, one after another. */
export interface RangeChange {
  readonly address: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface Writer {
  readonly step: Step;
  /** What it changed of the range; absent where only the page is known to be written, which holds other bytes too. */
  readonly changes?: readonly RangeChange[];
  /** Some of it may be the debugger's doing, or an earlier step's that could not be read in time. */
  readonly isShared: boolean;
}

export interface Writers {
  /** The newest first. */
  readonly writers: readonly Writer[];
  /** There are more, older ones. */
  readonly hasMore: boolean;
}

/**
 * The steps that wrote bytes [start, end). A store of the bytes that were there already changes nothing, and is not seen where
 * the bytes are known.
 * @param most how many at most.
 */
export function byteWritersOf(steps: StepList, start: number, end: number, most: number): Writers {
  const writers: Writer[] = [];
  const [first, last] = [pageOf(start), pageOf(end - 1) + 1];
  for (const step of steps.touching(first, last)) {
    if (!wroteIn(step, first, last) && !gaveBack(step, first, last)) continue;
    const writer = writerOf(step, start, end);
    if (!writer) continue;
    if (writers.length === most) return { writers, hasMore: true };
    writers.push(writer);
  }
  return { writers, hasMore: false };
}

/**
 * The writers of bytes [start, end) next to a step: back and forward through a thing's history.
 * @param number of the step, which need not be one of them; absent: from the newest end.
 */
export function nextWriters(
  steps: StepList,
  start: number,
  end: number,
  number: number | undefined,
): { readonly earlier?: number; readonly later?: number } {
  if (number !== undefined && steps.indexOf(number) < 0) return {};
  const [first, last] = [pageOf(start), pageOf(end - 1) + 1];
  const wrote = (step: Step): boolean =>
    (wroteIn(step, first, last) || gaveBack(step, first, last)) && writerOf(step, start, end) !== undefined;
  const found: { earlier?: number; later?: number } = {};
  const later: Step[] = [];
  for (const step of steps.touching(first, last)) {
    if (number !== undefined && step.number >= number) {
      if (step.number > number) later.push(step);
    } else if (wrote(step)) {
      found.earlier = step.number;
      break;
    }
  }
  // The nearest first.
  const next = later.reverse().find(wrote);
  if (next) found.later = next.number;
  return found;
}

/** @returns undefined: it wrote none of the bytes. */
function writerOf(step: Step, start: number, end: number): Writer | undefined {
  const { contents } = step;
  if (!contents) return { step, isShared: false };
  const changes: RangeChange[] = [];
  let known = 0;
  let isShared = false;
  const cursor = contents.changes.cursor(pageOf(start));
  while (cursor.next() && addressOf(cursor.page) < end) {
    if (!wroteIn(step, cursor.page, cursor.page + 1) && !step.discarded.has(cursor.page)) continue;
    if (cursor.reason !== undefined) return { step, isShared: false };
    known += 1;
    let isTouched = false;
    for (const { offset, before, after } of cursor.runs()) {
      if (!before || !after) continue;
      const address = addressOf(cursor.page) + offset;
      const from = Math.max(0, start - address);
      const to = Math.min(after.length, end - address);
      if (from >= to) continue;
      isTouched = true;
      changes.push({ address: address + from, before: before.subarray(from, to), after: after.subarray(from, to) });
    }
    isShared ||= isTouched && (cursor.isJoined || cursor.isMixed);
  }
  // A page that it wrote and of which nothing is told: its bytes were not read in time, or are forgotten.
  if (contents.missing !== undefined && known < touchedIn(step, pageOf(start), pageOf(end - 1) + 1))
    return { step, isShared: false };
  return changes.length > 0 ? { step, changes, isShared } : undefined;
}

function gaveBack({ discarded }: Step, first: number, last: number): boolean {
  return !discarded.isEmpty && discarded.countIn(first, last) > 0;
}

/** How many of the pages [first, last) it wrote or gave back. */
function touchedIn({ written, discarded }: Step, first: number, last: number): number {
  return written.union(discarded).countIn(first, last);
}
