// Where a scan's regions gather: a bounce buffer of few regions, emptied into the caller's vector (fs/proc/task_mmu.c).
import { Errno } from "../errno.ts";
import type { Resumable } from "./work.ts";

/** Regions the bounce buffer holds at the most (PAGEMAP_WALK_SIZE >> PAGE_SHIFT). */
const BOUNCE_REGIONS = 512;

/** Takes regions of pages [start, end), in order. */
export interface RegionSink {
  /**
   * @param first where in the vector the first of them goes.
   * @returns 0, or -errno where the vector's memory can't be written.
   */
  put(first: number, regions: Regions, count: number): Resumable<number>;
}

export interface Regions {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly categories: Int32Array;
}

export class ScanOutput implements Regions {
  /** Pages reported so far. */
  foundPages = 0;
  /** Where the walk broke off, a page; 0 while it has not. It is set at any break, and never taken back. */
  walkEnd = 0;
  private readonly returned: number;
  private readonly maxPages: number;
  private readonly sink: RegionSink;
  /** Regions that the caller's vector has room for. */
  private vectorLeft: number;
  private vectorUsed = 0;
  private readonly hasBuffer: boolean;
  private bufferLength: number;
  private index = 0;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly categories: Int32Array;

  /**
   * @param returned the categories that regions tell; pages that differ in others join.
   * @param maxPages Infinity for no limit.
   */
  constructor(returned: number, maxPages: number, vectorLength: number, sink: RegionSink) {
    this.returned = returned;
    this.maxPages = maxPages;
    this.sink = sink;
    this.vectorLeft = vectorLength;
    this.hasBuffer = vectorLength > 0;
    this.bufferLength = Math.min(BOUNCE_REGIONS, vectorLength);
    this.starts = new Float64Array(this.bufferLength);
    this.ends = new Float64Array(this.bufferLength);
    this.categories = new Int32Array(this.bufferLength);
  }

  /** Whether nothing is reported at all: the scan only write-protects. */
  get isSilent(): boolean {
    return !this.hasBuffer;
  }

  /** Whether another round of the walk could report anything. */
  get isFull(): boolean {
    return this.vectorLeft === 0 || this.foundPages === this.maxPages;
  }

  /**
   * Reports pages [start, end) (pagemap_scan_output).
   * @returns how far the pages were taken: `end`, or less where a limit was met; `walkEnd` and {@link stopped} tell then.
   */
  report(categories: number, start: number, end: number): number {
    this.stopped = false;
    if (!this.hasBuffer) return end;
    let last = end;
    let pages = end - start;
    if (this.foundPages + pages > this.maxPages) {
      const excess = this.foundPages + pages - this.maxPages;
      last -= excess;
      pages -= excess;
      this.stopped = true;
    }
    if (!this.push(categories & this.returned, start, last)) {
      last = start;
      pages = 0;
      this.stopped = true;
    }
    this.foundPages += pages;
    if (this.stopped) this.walkEnd = last;
    return last;
  }

  /** Whether the last report met a limit. */
  stopped = false;

  /** Takes back what was reported last, pages [start, end) (pagemap_scan_backout_range). */
  backOut(start: number, end: number): void {
    if (!this.hasBuffer) return;
    const { index, starts, ends } = this;
    if (starts[index] !== start) {
      ends[index] = start;
    } else {
      starts[index] = 0;
      ends[index] = 0;
    }
    this.foundPages -= end - start;
  }

  /** Empties the buffer into the vector. @returns how many regions, or -errno. */
  *flush(): Resumable<number> {
    if (!this.hasBuffer) return 0;
    const { starts, ends } = this;
    let count = this.index;
    if (ends[count] !== starts[count]) count += 1;
    if (count === 0) return 0;
    const refused = yield* this.sink.put(this.vectorUsed, this, count);
    if (refused < 0) return -Errno.EFAULT;
    this.vectorUsed += count;
    this.vectorLeft -= count;
    this.index = 0;
    this.bufferLength = Math.min(this.bufferLength, this.vectorLeft);
    if (starts.length > 0) {
      starts[0] = 0;
      ends[0] = 0;
    }
    return count;
  }

  /** @returns false where the buffer is full and the pages do not extend its last region. */
  private push(categories: number, start: number, end: number): boolean {
    const { starts, ends } = this;
    let { index } = this;
    if (start === ends[index] && categories === this.categories[index]) {
      ends[index] = end;
      return true;
    }
    if (ends[index] !== 0) {
      if (index >= this.bufferLength - 1) return false;
      index += 1;
      this.index = index;
    }
    starts[index] = start;
    ends[index] = end;
    this.categories[index] = categories;
    return true;
  }
}
