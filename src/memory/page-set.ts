// A set of pages as sorted runs in one typed array, and the algebra of such sets.

/** Keeps a stretch of pages or not, by whether the left and the right set hold it. */
type Keep = (left: boolean, right: boolean) => boolean;

/**
 * An immutable set of page numbers. `runs` holds [start, end) pairs: sorted, disjoint, and with a gap between neighbours,
 * so that equal sets have equal arrays.
 */
export class PageSet {
  static readonly EMPTY = new PageSet(new Float64Array(0));

  readonly runs: Float64Array;

  /** @param runs pairs that already satisfy the class's invariant; use {@link PageSet.from} for any others. */
  constructor(runs: Float64Array) {
    this.runs = runs;
  }

  /** The set of all pages in any [start, end) pairs, in any order, overlapping or empty ones included. */
  static from(pairs: Iterable<readonly [number, number]>): PageSet {
    const sorted = [...pairs].filter(([start, end]) => start < end).sort((a, b) => a[0] - b[0]);
    const builder = new RunBuilder(sorted.length);
    for (const [start, end] of sorted) builder.add(start, end);
    return builder.finish();
  }

  /** The set of the pages in [start, end). */
  static of(start: number, end: number): PageSet {
    return start < end ? new PageSet(Float64Array.of(start, end)) : PageSet.EMPTY;
  }

  get runCount(): number {
    return this.runs.length / 2;
  }

  get isEmpty(): boolean {
    return this.runs.length === 0;
  }

  /** Bytes of memory that the set holds. */
  get byteLength(): number {
    return this.runs.byteLength;
  }

  /** How many pages the set holds. */
  get pageCount(): number {
    let pages = 0;
    for (let i = 0; i < this.runs.length; i += 2) pages += this.runs[i + 1] - this.runs[i];
    return pages;
  }

  has(page: number): boolean {
    const run = this.firstRunEndingAfter(page);
    return run < this.runCount && this.runs[run * 2] <= page;
  }

  /** How many pages of [start, end) the set holds. */
  countIn(start: number, end: number): number {
    if (start >= end) return 0;
    let pages = 0;
    for (let i = this.firstRunEndingAfter(start) * 2; i < this.runs.length && this.runs[i] < end; i += 2) {
      pages += Math.min(this.runs[i + 1], end) - Math.max(this.runs[i], start);
    }
    return pages;
  }

  /** The part of the set in [start, end). */
  clip(start: number, end: number): PageSet {
    if (start >= end) return PageSet.EMPTY;
    const first = this.firstRunEndingAfter(start);
    const builder = new RunBuilder(4);
    for (let i = first * 2; i < this.runs.length && this.runs[i] < end; i += 2) {
      builder.add(Math.max(this.runs[i], start), Math.min(this.runs[i + 1], end));
    }
    return builder.finish();
  }

  union(other: PageSet): PageSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    return combine(this.runs, other.runs, (left, right) => left || right);
  }

  intersect(other: PageSet): PageSet {
    if (this.isEmpty || other.isEmpty) return PageSet.EMPTY;
    return combine(this.runs, other.runs, (left, right) => left && right);
  }

  subtract(other: PageSet): PageSet {
    if (this.isEmpty || other.isEmpty) return this;
    return combine(this.runs, other.runs, (left, right) => left && !right);
  }

  /** Whether `other` holds every page of this set. Cheap where `other` has few runs, however many this set has. */
  isWithin(other: PageSet): boolean {
    let gap = 0;
    for (let i = 0; i <= other.runs.length; i += 2) {
      const gapEnd = i < other.runs.length ? other.runs[i] : Infinity;
      const run = this.firstRunEndingAfter(gap);
      if (run < this.runCount && this.runs[run * 2] < gapEnd) return false;
      gap = other.runs[i + 1];
    }
    return true;
  }

  equals(other: PageSet): boolean {
    return this.runs.length === other.runs.length && this.runs.every((edge, i) => edge === other.runs[i]);
  }

  /** The runs as [start, end) pairs, for edges where speed is no matter. */
  *pairs(): Generator<[number, number]> {
    for (let i = 0; i < this.runs.length; i += 2) yield [this.runs[i], this.runs[i + 1]];
  }

  /** Index of the first run that ends after `page`; runCount where none does. */
  firstRunEndingAfter(page: number): number {
    let low = 0;
    let high = this.runCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.runs[middle * 2 + 1] <= page) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Builds a {@link PageSet} from runs that come in ascending order of start, joining those that touch or overlap. */
export class RunBuilder {
  private runs: Float64Array;
  private used = 0;

  /** @param expected how many runs to make room for at first. */
  constructor(expected = 64) {
    this.runs = new Float64Array(Math.max(1, expected) * 2);
  }

  /** Adds [start, end); `start` must not lie before the start of the run added last. */
  add(start: number, end: number): void {
    if (this.used > 0 && start <= this.runs[this.used - 1]) {
      if (end > this.runs[this.used - 1]) this.runs[this.used - 1] = end;
      return;
    }
    this.makeRoom(1);
    this.runs[this.used] = start;
    this.runs[this.used + 1] = end;
    this.used += 2;
  }

  /**
   * Lets `fill` write up to `count` runs right into the array behind the ones that are there; it keeps the set's invariant.
   * @param fill gets the array and how many of its entries are used, and returns how many are used now.
   */
  append(count: number, fill: (runs: Float64Array, used: number) => number): void {
    this.makeRoom(count);
    this.used = fill(this.runs, this.used);
  }

  /** Appends runs that all lie behind those that are there. */
  appendRuns(runs: Float64Array): void {
    this.append(runs.length / 2, (into, used) => {
      into.set(runs, used);
      return used + runs.length;
    });
  }

  private makeRoom(count: number): void {
    const needed = this.used + count * 2;
    if (needed <= this.runs.length) return;
    const larger = new Float64Array(Math.max(needed, this.runs.length * 2));
    larger.set(this.runs.subarray(0, this.used));
    this.runs = larger;
  }

  /** The set so far, with a copy of its own of the runs. */
  finish(): PageSet {
    return this.used === 0 ? PageSet.EMPTY : new PageSet(this.runs.slice(0, this.used));
  }

  /** The set so far, over the builder's own memory: good until {@link reset}, and free however large it is. */
  view(): PageSet {
    return this.used === 0 ? PageSet.EMPTY : new PageSet(this.runs.subarray(0, this.used));
  }

  /** How many runs there are so far; only the last of them may still grow. */
  get runCount(): number {
    return this.used / 2;
  }

  /** Runs [first, end) by their index, in the builder's own memory. */
  slice(first: number, end: number): Float64Array {
    return this.runs.subarray(first * 2, end * 2);
  }

  /** Begins anew, in the memory that is there: touching fresh memory costs more than writing runs to it. */
  reset(): void {
    this.used = 0;
  }
}

/** Sweeps over the edges of both lists of runs at once. */
function combine(a: Float64Array, b: Float64Array, keep: Keep): PageSet {
  const builder = new RunBuilder((a.length + b.length) / 2);
  let i = 0;
  let j = 0;
  let start = 0;
  let inside = false;
  while (i < a.length || j < b.length) {
    const edge = Math.min(i < a.length ? a[i] : Infinity, j < b.length ? b[j] : Infinity);
    if (i < a.length && a[i] === edge) i += 1;
    if (j < b.length && b[j] === edge) j += 1;
    const now = keep((i & 1) === 1, (j & 1) === 1);
    if (now && !inside) start = edge;
    if (!now && inside) builder.add(start, edge);
    inside = now;
  }
  return builder.finish();
}
