// The steps as bars over time: what each wrote, by the mappings it lies in, and which thread ran. Read step by step once, then kept.
import { t } from "../common/l10n.ts";
import { isZeroedData, shortName } from "../memory/mapping.ts";
import type { Layout } from "../tracker/reports.ts";
import type { StepList } from "./recording.ts";
import type { Step, Thread } from "./step.ts";
import { barOf, type StepBar } from "./step-bar.ts";

export type Measure = "pages" | "bytes";

export interface BarsQuery {
  /** Numbers of the first and the last step, both included. */
  readonly first: number;
  readonly last: number;
  /** Bars at most. */
  readonly most: number;
  /** Pages that the program itself wrote, or bytes that it changed. */
  readonly measure: Measure;
}

/** Names of mappings that are told apart in a bar; what lies in any others is one last part of it. */
export const MOST_GROUPS = 5;
/** Threads that are told apart; all others are one last one. */
export const MOST_THREADS = 6;

export interface Bars {
  /** How many step numbers a bar stands for: 1, 2, 5, 10, … */
  readonly stepsPerBar: number;
  /** Of each bar the numbers of its first and its last step. */
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  /** What the parts of a bar are, the largest of all steps first. */
  readonly groups: readonly string[];
  /** One after another the parts of each bar. */
  readonly values: Float64Array;
  /** 1 of a bar with steps whose bytes are not known; they are not in it. */
  readonly unknown: Uint8Array;
  readonly threads: readonly Thread[];
  /** Bit t of a bar: in some of its steps thread t was the one that ran. */
  readonly ran: Uint8Array;
}

interface Entry {
  readonly step: Step;
  readonly bar: StepBar;
  /** Of the changed bytes; made when first asked for. */
  bytes?: StepBar;
}

export class Timeline {
  private readonly steps: StepList;
  /** By position. A step never changes: a fuller account of it is another object, and is read anew. */
  private entries: Entry[] = [];
  private readonly names: string[] = [];
  private readonly ids = new Map<string, number>();
  private readonly groupsOf = new WeakMap<Layout, Int32Array>();

  constructor(steps: StepList) {
    this.steps = steps;
  }

  bars({ first, last, most, measure }: BarsQuery): Bars {
    this.sync();
    const { entries } = this;
    const stepsPerBar = niceAtLeast((last - first + 1) / Math.max(1, most));
    const columns = this.columns(measure);
    const threads = this.threads();
    const slots = new Map(threads.slice(0, MOST_THREADS).map(({ id }, i) => [id, i]));
    const firsts: number[] = [];
    const lasts: number[] = [];
    const values: number[] = [];
    const unknown: number[] = [];
    const ran: number[] = [];
    const width = columns.groups.length;
    let bin = Number.NaN;
    for (let i = this.firstAtLeast(first); i < entries.length && entries[i].step.number <= last; i += 1) {
      const { number, thread } = entries[i].step;
      // Counted from the first step there ever was: bars stay what they are while steps come and are forgotten.
      const here = Math.floor((number - 1) / stepsPerBar);
      if (here !== bin) {
        bin = here;
        firsts.push(number);
        lasts.push(number);
        unknown.push(0);
        ran.push(0);
        for (let column = 0; column < width; column += 1) values.push(0);
      }
      const at = firsts.length - 1;
      lasts[at] = number;
      const bar = this.barOf(entries[i], measure);
      for (let part = 0; part < bar.groups.length; part += 1) {
        values[at * width + columns.of[bar.groups[part]]] += bar.values[part];
      }
      if (bar.isUnknown) unknown[at] = 1;
      if (thread) ran[at] |= 1 << (slots.get(thread.id) ?? MOST_THREADS);
    }
    return {
      stepsPerBar,
      firsts: Float64Array.from(firsts),
      lasts: Float64Array.from(lasts),
      groups: columns.groups,
      values: Float64Array.from(values),
      unknown: Uint8Array.from(unknown),
      threads,
      ran: Uint8Array.from(ran),
    };
  }

  /** Takes in what came, what was told more fully and what was forgotten since. */
  private sync(): void {
    const { steps } = this;
    const oldest = steps.at(0)?.number ?? Infinity;
    const gone = this.entries.findIndex(({ step }) => step.number >= oldest);
    if (gone !== 0) this.entries = gone < 0 ? [] : this.entries.slice(gone);
    let i = 0;
    for (const step of steps) {
      if (this.entries[i]?.step !== step) this.entries[i] = { step, bar: this.pagesOf(step) };
      i += 1;
    }
    this.entries.length = i;
  }

  private pagesOf(step: Step): StepBar {
    return barOf(step, "pages", this.groups(step.layout), index => this.groupOf(step.layout, index));
  }

  private barOf(entry: Entry, measure: Measure): StepBar {
    if (measure === "pages") return entry.bar;
    const { step } = entry;
    entry.bytes ??= barOf(step, "bytes", this.groups(step.layout), index => this.groupOf(step.layout, index));
    return entry.bytes;
  }

  /** By index of the mapping its group, -1 of those that nobody asked for yet. */
  private groups(layout: Layout): Int32Array {
    let known = this.groupsOf.get(layout);
    if (!known) {
      known = new Int32Array(layout.mappings.length).fill(-1);
      this.groupsOf.set(layout, known);
    }
    return known;
  }

  private groupOf({ mappings }: Layout, index: number): number {
    const mapping = mappings[index];
    const before = mappings[index - 1];
    const name = mapping === undefined ? t("unmapped") : shortName(isZeroedData(mapping, before) ? before : mapping);
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.names.push(name);
      this.ids.set(name, id);
    }
    return id;
  }

  /** Which groups have a part of their own, the same for all views of the steps: colours stay while one looks around. */
  private columns(measure: Measure): { readonly groups: readonly string[]; readonly of: Uint8Array } {
    const { names } = this;
    // Reading every step's bytes to say which mapping has most is not worth it: the pages say it well enough.
    const totals = new Float64Array(names.length);
    for (const entry of this.entries) {
      const { groups, values } = measure === "bytes" ? (entry.bytes ?? entry.bar) : entry.bar;
      for (let part = 0; part < groups.length; part += 1) totals[groups[part]] += values[part];
    }
    const order = names
      .map((_, id) => id)
      .filter(id => totals[id] > 0)
      .sort((a, b) => totals[b] - totals[a] || (names[a] < names[b] ? -1 : 1));
    const told = order.slice(0, MOST_GROUPS);
    const of = new Uint8Array(names.length).fill(told.length);
    told.forEach((id, column) => {
      of[id] = column;
    });
    const groups = told.map(id => names[id]);
    return { groups: order.length > MOST_GROUPS ? [...groups, t("others")] : groups, of };
  }

  /** The {@link MOST_THREADS} that ran in most steps, by their numbers. */
  threads(): readonly Thread[] {
    this.sync();
    const counts = new Map<number, number>();
    const known = new Map<number, Thread>();
    for (const { step } of this.entries) {
      if (!step.thread) continue;
      counts.set(step.thread.id, (counts.get(step.thread.id) ?? 0) + 1);
      known.set(step.thread.id, step.thread);
    }
    return [...known.values()]
      .sort((a, b) => (counts.get(b.id) ?? 0) - (counts.get(a.id) ?? 0) || a.id - b.id)
      .slice(0, MOST_THREADS)
      .sort((a, b) => a.id - b.id);
  }

  private firstAtLeast(number: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entries[middle].step.number < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The least of 1, 2, 5, 10, 20, … that is not below `least`. */
export function niceAtLeast(least: number): number {
  let unit = 1;
  for (;;) {
    for (const part of [1, 2, 5]) if (part * unit >= least) return part * unit;
    unit *= 10;
  }
}
