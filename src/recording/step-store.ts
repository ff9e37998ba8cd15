// The steps of a recording within a budget of steps and bytes; the oldest are forgotten first, and counted.

import { PageSet } from "../memory/page-set.ts";
import { contentsBytes, FORGOTTEN } from "./contents/step-contents.ts";
import type { StepList } from "./recording.ts";
import type { Step } from "./step.ts";
import { thinned, writtenBytes } from "./thin-step.ts";
import { WrittenIndex } from "./written-index.ts";

/** How much a recording keeps. */
export interface StepBudget {
  readonly steps: number;
  readonly bytes: number;
  /** Of changed bytes, in the form in which they are kept; of the oldest steps they are forgotten first, and the steps stay. */
  readonly contents: number;
}

export const DEFAULT_STEP_BUDGET: StepBudget = {
  steps: 10_000,
  bytes: 256 * 1024 * 1024,
  contents: 128 * 1024 * 1024,
};

/** What a step costs beside its page sets: its object, places and numbers. */
const STEP_BYTES = 400;
const MAPPING_BYTES = 200;
const NOTE_BYTES = 60;
const NAME_BYTES = 200;
/** So many of the newest steps are kept as they came: they may yet be told more fully, and are what people look at. */
const MOST_FULL = 64;
/** Space at the front of the array is given back when so many slots are unused. */
const COMPACT_AT = 1024;

export class StepStore implements StepList {
  private readonly budget: StepBudget;
  private kept: Step[] = [];
  /** How many slots at the array's front are forgotten steps': taking them out one by one would move all others each time. */
  private head = 0;
  private used = 0;
  private usedByContents = 0;
  /** Of steps up to this number the changed bytes are forgotten. */
  private bare = 0;
  /** Layouts that kept steps share, with how many of them do. */
  private readonly layouts = new Map<Step["layout"], number>();
  /** Of the steps that are not among the newest. */
  private readonly index = new WrittenIndex();
  /** How many steps were added before those that are kept. */
  private gone = 0;
  /** How many steps, from the first that was ever added, are in the index. */
  private settled = 0;
  /** Bytes that the index was charged for. */
  private indexed = 0;
  forgotten = 0;

  constructor(budget: StepBudget = DEFAULT_STEP_BUDGET) {
    this.budget = budget;
  }

  get count(): number {
    return this.kept.length - this.head;
  }

  get last(): Step | undefined {
    return this.count === 0 ? undefined : this.kept[this.kept.length - 1];
  }

  /** Bytes that the kept steps hold, estimated from what they are made of. */
  get bytes(): number {
    return this.used;
  }

  at(index: number): Step | undefined {
    return index < 0 || index >= this.count ? undefined : this.kept[this.head + index];
  }

  byNumber(number: number): Step | undefined {
    return this.at(this.indexOf(number));
  }

  indexOf(number: number): number {
    const index = this.indexAfter(number - 1);
    return this.at(index)?.number === number ? index : -1;
  }

  /** Position of the first step above that number; their count where there is none. */
  private indexAfter(number: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.kept[this.head + middle].number <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  *[Symbol.iterator](): Iterator<Step> {
    for (let i = this.head; i < this.kept.length; i += 1) yield this.kept[i];
  }

  *touching(first: number, last: number): Generator<Step> {
    const { gone } = this;
    for (let i = this.count - 1; i >= 0 && gone + i >= this.index.end; i -= 1) yield this.kept[this.head + i];
    for (const ordinal of this.index.named(first, last)) {
      if (ordinal < gone) return;
      yield this.kept[this.head + ordinal - gone];
    }
  }

  /** Adds the newest step; its number is above all others. */
  add(step: Step): void {
    this.kept.push(step);
    this.charge(step, 1);
    this.settle(this.count - 1 - MOST_FULL);
    this.forgetContents();
    this.forgetOldest();
  }

  /** Puts a fuller account of a kept step in its place. @returns whether it was still kept. */
  replace(fuller: Step): boolean {
    const index = this.indexOf(fuller.number);
    if (index < 0) return false;
    const step = fuller.contents && fuller.number <= this.bare ? { ...fuller, contents: FORGOTTEN } : fuller;
    this.charge(this.kept[this.head + index], -1);
    this.kept[this.head + index] = step;
    this.charge(step, 1);
    this.index.widen(this.gone + index, step.written.union(step.discarded));
    this.forgetContents();
    this.forgetOldest();
    return true;
  }

  clear(): void {
    this.kept = [];
    this.head = 0;
    this.used = 0;
    this.usedByContents = 0;
    this.bare = 0;
    this.forgotten = 0;
    this.gone = 0;
    this.settled = 0;
    this.indexed = 0;
    this.index.clear();
    this.layouts.clear();
  }

  /** Keeps steps up to a position, which are among the newest no more, in less memory, and where they are found by their pages. */
  private settle(index: number): void {
    for (; this.settled <= this.gone + index; this.settled += 1) {
      const place = this.settled - this.gone;
      const step = this.at(place);
      this.index.add(step ? step.written.union(step.discarded) : PageSet.EMPTY);
      const thin = step && thinned(step);
      if (!step || !thin || thin === step) continue;
      this.charge(step, -1);
      this.kept[this.head + place] = thin;
      this.charge(thin, 1);
    }
    const { byteLength } = this.index;
    this.used += byteLength - this.indexed;
    this.indexed = byteLength;
  }

  private forgetContents(): void {
    while (this.usedByContents > this.budget.contents) {
      const index = this.indexAfter(this.bare);
      const step = this.at(index);
      // The newest step's stay, however many they are.
      if (!step || index === this.count - 1) return;
      this.bare = step.number;
      if (!step.contents) continue;
      this.charge(step, -1);
      const less: Step = { ...step, contents: FORGOTTEN };
      this.kept[this.head + index] = less;
      this.charge(less, 1);
    }
  }

  private forgetOldest(): void {
    // The newest stays however large it is: somebody is about to look at it.
    while (this.count > 1 && (this.count > this.budget.steps || this.used > this.budget.bytes)) {
      this.charge(this.kept[this.head], -1);
      // Not left to the array until it is compacted: a step may hold megabytes.
      this.kept[this.head] = undefined as unknown as Step;
      this.head += 1;
      this.gone += 1;
      this.forgotten += 1;
    }
    this.index.forget(this.gone);
    if (this.head < COMPACT_AT) return;
    this.kept = this.kept.slice(this.head);
    this.head = 0;
  }

  private charge(step: Step, sign: 1 | -1): void {
    this.used += sign * stepBytes(step);
    this.usedByContents += sign * contentsBytes(step.contents);
    const sharers = (this.layouts.get(step.layout) ?? 0) + sign;
    if (sharers === 0) {
      this.layouts.delete(step.layout);
      this.used -= layoutBytes(step.layout);
    } else {
      if (sharers === 1 && sign === 1) this.used += layoutBytes(step.layout);
      this.layouts.set(step.layout, sharers);
    }
  }
}

function stepBytes(step: Step): number {
  const { kernel, debugger: debuggers, discarded, created, removed, notes, contents, names } = step;
  const sets = [kernel, debuggers, discarded].reduce((bytes, set) => bytes + set.byteLength, writtenBytes(step));
  return (
    STEP_BYTES +
    sets +
    contentsBytes(contents) +
    (created.length + removed.length) * MAPPING_BYTES +
    notes.length * NOTE_BYTES +
    (names?.changes.length ?? 0) * NAME_BYTES
  );
}

/** A layout shares its mappings with the one before where they did not change, but nothing tells which: it is charged whole. */
function layoutBytes({ mappings, armed, notArmed }: Step["layout"]): number {
  return mappings.length * MAPPING_BYTES + armed.length * 50 + notArmed.length * MAPPING_BYTES;
}
