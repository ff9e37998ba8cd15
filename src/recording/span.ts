// What several steps in a row wrote together: their union, kept in blocks so that another span of the same steps costs little.
import { PageSet } from "../memory/page-set.ts";
import type { StepList } from "./recording.ts";
import { programPages, type Step } from "./step.ts";

/** Steps by their numbers, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** A block is so many smaller ones, and the smallest so many steps. */
const FAN = 16;
/** Blocks of 16, 256 and 4,096 steps are kept: of a long span few sets are left to join. */
const LEVELS = 3;

interface Block {
  readonly steps: readonly Step[];
  readonly union: PageSet;
}

export class Unions {
  private readonly steps: StepList;
  /** By level, then by which of the blocks it is. */
  private readonly blocks = Array.from({ length: LEVELS + 1 }, () => new Map<number, Block>());
  private readonly own = new WeakMap<Step, PageSet>();

  constructor(steps: StepList) {
    this.steps = steps;
  }

  /** The pages that the program itself wrote in any step of the span. */
  of(span: Span): PageSet {
    return this.over(span, stepsOf(this.steps, span), LEVELS);
  }

  private over(span: Span, steps: readonly Step[], level: number): PageSet {
    if (level === 0) return this.joined(steps);
    const size = FAN ** level;
    const parts: PageSet[] = [];
    // By the steps, not by their numbers: those of a file may lie far apart.
    for (let from = 0; from < steps.length; ) {
      const block = Math.floor(steps[from].number / size);
      let to = from + 1;
      while (to < steps.length && Math.floor(steps[to].number / size) === block) to += 1;
      const part = steps.slice(from, to);
      const isWhole = span.first <= block * size && (block + 1) * size <= span.last + 1;
      parts.push(isWhole ? this.whole(span, part, level, block) : this.over(span, part, level - 1));
      from = to;
    }
    return unionOf(parts);
  }

  private whole(span: Span, steps: readonly Step[], level: number, block: number): PageSet {
    const known = this.blocks[level].get(block);
    if (known && known.steps.length === steps.length && known.steps.every((step, i) => step === steps[i])) {
      return known.union;
    }
    const union = this.over(span, steps, level - 1);
    this.blocks[level].set(block, { steps, union });
    return union;
  }

  private joined(steps: readonly Step[]): PageSet {
    return unionOf(steps.map(step => this.pagesOf(step)));
  }

  private pagesOf(step: Step): PageSet {
    if (step.kernel.isEmpty) return step.written;
    const known = this.own.get(step) ?? programPages(step);
    this.own.set(step, known);
    return known;
  }
}

/** The steps of a span that are kept, oldest first. */
export function stepsOf(steps: StepList, { first, last }: Span): Step[] {
  const found: Step[] = [];
  let low = 0;
  let high = steps.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps.at(middle)?.number ?? Infinity) < first) low = middle + 1;
    else high = middle;
  }
  for (let step = steps.at(low); step && step.number <= last; step = steps.at(low)) {
    found.push(step);
    low += 1;
  }
  return found;
}

/** By pairs: each page is handled as often as there are halvings, not as often as there are sets. */
export function unionOf(sets: readonly PageSet[]): PageSet {
  if (sets.length === 0) return PageSet.EMPTY;
  if (sets.length === 1) return sets[0];
  const middle = sets.length >>> 1;
  return unionOf(sets.slice(0, middle)).union(unionOf(sets.slice(middle)));
}
