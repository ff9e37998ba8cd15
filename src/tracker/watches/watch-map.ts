// Which bytes are watched, and which pages they lie in: ranges of any number and size, in any order, overlapping as they like.
import { addressOf, PAGE_SIZE, pageOf, USER_PAGES_END } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { ByteRange } from "./reports.ts";

export class WatchMap {
  static readonly EMPTY = new WatchMap([]);
  readonly ranges: readonly ByteRange[];
  /** All pages that hold a watched byte. */
  readonly pages: PageSet;
  /** Of them those that hold bytes that are not watched, too. */
  readonly edges: PageSet;
  /** Indices of the ranges by their start, and for each the largest end of it and those before. */
  private readonly order: readonly number[];
  private readonly reach: Float64Array;
  /** The watched bytes as disjoint ranges in address order. */
  private readonly union: readonly ByteRange[];

  /** @throws {Error} one of them is no range of addresses that a program can have. */
  constructor(ranges: readonly ByteRange[]) {
    for (const range of ranges) refuseNonsense(range);
    this.ranges = ranges;
    this.order = ranges.map((_, i) => i).sort((a, b) => ranges[a].start - ranges[b].start || a - b);
    this.reach = new Float64Array(ranges.length);
    const union: { start: number; end: number }[] = [];
    let reach = 0;
    for (const [at, index] of this.order.entries()) {
      const { start, end } = ranges[index];
      reach = Math.max(reach, end);
      this.reach[at] = reach;
      const last = union.at(-1);
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else union.push({ start, end });
    }
    this.union = union;
    this.pages = PageSet.from(union.map(({ start, end }) => [pageOf(start), pageOf(end - 1) + 1]));
    const whole = union.map(({ start, end }): [number, number] => [Math.ceil(start / PAGE_SIZE), pageOf(end)]);
    this.edges = this.pages.subtract(PageSet.from(whole.filter(([start, end]) => start < end)));
  }

  /** @returns index of the first of the ranges, as given, that holds the address; -1 where none does. */
  rangeAt(address: number): number {
    const { order, ranges, reach } = this;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranges[order[middle]].start <= address) low = middle + 1;
      else high = middle;
    }
    let found = -1;
    for (let at = low - 1; at >= 0 && reach[at] > address; at -= 1) {
      if (ranges[order[at]].end > address && (found < 0 || order[at] < found)) found = order[at];
    }
    return found;
  }

  /** @returns the first watched byte of [start, end), and the range it belongs to; `start` and -1 where there is none. */
  firstIn(start: number, end: number): { readonly address: number; readonly range: number } {
    const found = this.union[this.firstBeyond(start)];
    if (!found || found.start >= end) return { address: start, range: -1 };
    const address = Math.max(start, found.start);
    return { address, range: this.rangeAt(address) };
  }

  /** The watched bytes of a page, in order. */
  *within(page: number): Generator<ByteRange> {
    const { union } = this;
    const [first, last] = [addressOf(page), addressOf(page + 1)];
    for (let i = this.firstBeyond(first); i < union.length && union[i].start < last; i += 1) {
      yield { start: Math.max(first, union[i].start), end: Math.min(last, union[i].end) };
    }
  }

  /** Index of the first of the disjoint ranges that ends behind an address. */
  private firstBeyond(address: number): number {
    let low = 0;
    let high = this.union.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.union[middle].end <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function refuseNonsense({ start, end }: ByteRange): void {
  const isWhole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (isWhole && start >= 0 && start < end && end <= addressOf(USER_PAGES_END)) return;
  throw new Error(
    `can't watch 0x${start.toString(16)}-0x${end.toString(16)}: it is no range of addresses, the end behind the start`,
  );
}
