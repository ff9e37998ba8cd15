// An immutable set of pages, small however many pages or runs it holds, and the algebra of such sets.
import { combine, DIFFERENCE, INTERSECTION, UNION } from "./page-set-algebra.ts";
import {
  type Chunks,
  END,
  ENTRY,
  entryEndingAfter,
  FIRST,
  holds,
  lastClear,
  lastSet,
  NO_CHUNKS,
  RUNS,
} from "./page-set-chunks.ts";
import { pagesBefore, RankCursor, RunCursor } from "./page-set-cursor.ts";
import { checkedChunks, type PageSetWire } from "./page-set-wire.ts";
import { ChunkWriter } from "./page-set-writer.ts";

export type { PageSetWire } from "./page-set-wire.ts";

/** So many runs are made room for whether there are as many or not. */
const A_FEW = 1024;

/**
 * An immutable set of page numbers, from 0 up to the last page of 64-bit addresses. A run is a maximal range [start, end) of
 * pages that the set holds. Memory: 32 bytes for each 256 MiB that hold some but not all pages, and 4 bytes a run or one bit a
 * page, whichever is less; 32 bytes for any run that fills whole such pieces.
 */
export class PageSet {
  static readonly EMPTY = new PageSet(NO_CHUNKS);

  private readonly chunks: Chunks;
  /** Made when first asked for. */
  private before: Float64Array | undefined;
  private countedRuns: number | undefined;

  private constructor(chunks: Chunks) {
    this.chunks = chunks;
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
    const builder = new RunBuilder();
    builder.add(start, end);
    return builder.finish();
  }

  /** The set whose {@link toWire} gave this. @throws {Error} it comes from no set. */
  static fromWire(wire: PageSetWire): PageSet {
    return PageSet.over(checkedChunks(wire));
  }

  /** For {@link RunBuilder}: the set over arrays that are known to be in order. */
  static over(chunks: Chunks): PageSet {
    return chunks.index.length === 0 ? PageSet.EMPTY : new PageSet(chunks);
  }

  /** The set for another process: its own arrays, for reading only. */
  toWire(): PageSetWire {
    return this.chunks;
  }

  /** Bytes of memory the set holds; what it may still make to count its pages is counted already, so that this never changes. */
  get byteLength(): number {
    const { index, data } = this.chunks;
    return index.byteLength + data.byteLength + index.byteLength / ENTRY;
  }

  get isEmpty(): boolean {
    return this.chunks.index.length === 0;
  }

  /** The lowest page; NaN of the empty set. */
  get first(): number {
    return this.next(0) ?? Number.NaN;
  }

  /** One past the highest page; NaN of the empty set. */
  get end(): number {
    return this.isEmpty ? Number.NaN : lastSet(this.chunks, Infinity) + 1;
  }

  get runCount(): number {
    this.countedRuns ??= this.countRuns();
    return this.countedRuns;
  }

  /** How many pages the set holds. */
  get pageCount(): number {
    return this.prefix[this.prefix.length - 1];
  }

  /** The runs as [start, end) pairs, for edges where speed is no matter. */
  *pairs(): Generator<[number, number]> {
    const cursor = new RunCursor(this.chunks);
    while (cursor.next()) yield [cursor.start, cursor.end];
  }

  /**
   * Up to `limit` runs as [start, end) pairs from `page` on; a run that holds `page` begins there. The next part is had from the
   * last pair's end on.
   */
  runsFrom(page: number, limit: number): Float64Array {
    // To know how many there are takes a walk over all of them, which a few are not worth.
    const most = limit <= A_FEW ? limit : Math.min(limit, this.runCount);
    const runs = new Float64Array(most * 2);
    const cursor = new RunCursor(this.chunks, page);
    let used = 0;
    while (used < runs.length && cursor.next()) {
      runs[used] = cursor.start;
      runs[used + 1] = cursor.end;
      used += 2;
    }
    return used === runs.length ? runs : runs.slice(0, used);
  }

  has(page: number): boolean {
    const entry = entryEndingAfter(this.chunks, page);
    const place = page - this.chunks.index[entry * ENTRY + FIRST];
    // Behind the last entry it is NaN.
    return place >= 0 && holds(this.chunks, entry, place);
  }

  /** The first page of the set at or after `page`. */
  next(page: number): number | undefined {
    const cursor = new RunCursor(this.chunks, page);
    return cursor.next() ? cursor.start : undefined;
  }

  /** The start of the last run that begins before `page`. */
  previous(page: number): number | undefined {
    const last = lastSet(this.chunks, page - 1);
    return last < 0 ? undefined : lastClear(this.chunks, last) + 1;
  }

  /** How many pages of [start, end) the set holds. */
  countIn(start: number, end: number): number {
    if (start >= end) return 0;
    const rank = new RankCursor(this.chunks, this.prefix);
    const below = rank.below(start);
    return rank.below(end) - below;
  }

  /**
   * Counts the pages in `cells` cells of `pagesPerCell` pages each, from page `start` on; the last one ends at `end`.
   * @param out gets one count a cell.
   */
  countCells(start: number, end: number, pagesPerCell: number, cells: number, out: Float64Array | Uint32Array): void {
    const rank = new RankCursor(this.chunks, this.prefix);
    let below = rank.below(start);
    for (let cell = 0; cell < cells; cell += 1) {
      const next = rank.below(Math.min(end, start + (cell + 1) * pagesPerCell));
      out[cell] = next - below;
      below = next;
    }
  }

  /** The part of the set in [start, end). */
  clip(start: number, end: number): PageSet {
    const { chunks } = this;
    const { index } = chunks;
    const writer = new RunBuilder();
    let entry = entryEndingAfter(chunks, start);
    for (; entry * ENTRY < index.length && index[entry * ENTRY + FIRST] < end; entry += 1) {
      const first = Math.max(start, index[entry * ENTRY + FIRST]);
      const last = Math.min(end, index[entry * ENTRY + END]);
      if (last - first === index[entry * ENTRY + END] - index[entry * ENTRY + FIRST]) {
        writer.addEntry(chunks, entry);
        continue;
      }
      const cursor = new RunCursor(chunks, first);
      while (cursor.next() && cursor.start < last) writer.add(cursor.start, Math.min(cursor.end, last));
    }
    return writer.finish();
  }

  union(other: PageSet): PageSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    return PageSet.over(combine(this.chunks, other.chunks, UNION));
  }

  intersect(other: PageSet): PageSet {
    if (this.isEmpty || other.isEmpty) return PageSet.EMPTY;
    return PageSet.over(combine(this.chunks, other.chunks, INTERSECTION));
  }

  subtract(other: PageSet): PageSet {
    if (this.isEmpty || other.isEmpty) return this;
    return PageSet.over(combine(this.chunks, other.chunks, DIFFERENCE));
  }

  /** Whether `other` holds every page of this set. Cheap where `other` has few runs, however many this set has. */
  isWithin(other: PageSet): boolean {
    const cursor = new RunCursor(other.chunks);
    let page = this.next(0);
    while (page !== undefined) {
      do {
        if (!cursor.next()) return false;
      } while (cursor.end <= page);
      if (cursor.start > page) return false;
      page = this.next(cursor.end);
    }
    return true;
  }

  equals(other: PageSet): boolean {
    const [a, b] = [this.chunks, other.chunks];
    return a === b || (sameNumbers(a.index, b.index) && sameNumbers(a.data, b.data));
  }

  private get prefix(): Float64Array {
    this.before ??= pagesBefore(this.chunks);
    return this.before;
  }

  private countRuns(): number {
    const { index } = this.chunks;
    let runs = 0;
    for (let entry = 0; entry * ENTRY < index.length; entry += 1) {
      const first = index[entry * ENTRY + FIRST];
      runs += index[entry * ENTRY + RUNS] || 1;
      // One run that goes on over the border between two entries was counted twice.
      if (entry > 0 && index[(entry - 1) * ENTRY + END] === first && this.has(first - 1) && this.has(first)) runs -= 1;
    }
    return runs;
  }
}

/** Builds a {@link PageSet} from runs that come in ascending order of start, joining those that touch or overlap. */
export class RunBuilder extends ChunkWriter {
  /** The set so far, in memory of its own; afterwards only {@link reset} may follow. */
  finish(): PageSet {
    return PageSet.over(this.take());
  }
}

function sameNumbers(a: Float64Array | Uint32Array, b: Float64Array | Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
