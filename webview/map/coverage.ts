// How many pages of a set lie in each of many equal cells: prefix sums, and the cheaper of walking runs and searching them.
import type { PageSet } from "../../src/memory/page-set.ts";

/** A search costs about as much as walking so many runs. */
const RUNS_PER_SEARCH = 8;

export class Coverage {
  readonly pages: PageSet;
  /** Pages in all runs before the run of the same index; one more entry at the end. */
  private readonly before: Float64Array;

  constructor(pages: PageSet) {
    this.pages = pages;
    const { runs, runCount } = pages;
    const before = new Float64Array(runCount + 1);
    for (let i = 0; i < runCount; i += 1) before[i + 1] = before[i] + runs[i * 2 + 1] - runs[i * 2];
    this.before = before;
  }

  get pageCount(): number {
    return this.before[this.before.length - 1];
  }

  /** Pages of the set in [start, end). */
  count(start: number, end: number): number {
    return this.below(end) - this.below(start);
  }

  /**
   * Counts the pages in `cells` cells of `pagesPerCell` pages each, from page `start` on; the last one ends at `end`.
   * @param out gets one count a cell.
   */
  countCells(start: number, end: number, pagesPerCell: number, cells: number, out: Float64Array): void {
    const { runs } = this.pages;
    const first = this.pages.firstRunEndingAfter(start);
    const last = this.pages.firstRunEndingAfter(end);
    if (last - first > cells * RUNS_PER_SEARCH) {
      let below = this.below(start);
      for (let cell = 0; cell < cells; cell += 1) {
        const next = this.below(Math.min(end, start + (cell + 1) * pagesPerCell));
        out[cell] = next - below;
        below = next;
      }
      return;
    }
    out.fill(0, 0, cells);
    for (let i = first * 2; i < runs.length && runs[i] < end; i += 2) {
      let from = Math.max(runs[i], start);
      const to = Math.min(runs[i + 1], end);
      while (from < to) {
        const cell = Math.floor((from - start) / pagesPerCell);
        const edge = Math.min(to, start + (cell + 1) * pagesPerCell);
        out[cell] += edge - from;
        from = edge;
      }
    }
  }

  /** The first page of the set at or after `page`. */
  next(page: number): number | undefined {
    const run = this.pages.firstRunEndingAfter(page);
    return run < this.pages.runCount ? Math.max(page, this.pages.runs[run * 2]) : undefined;
  }

  /** The start of the last run that begins before `page`. */
  previous(page: number): number | undefined {
    const { runs } = this.pages;
    let run = this.pages.firstRunEndingAfter(page);
    if (run >= this.pages.runCount || runs[run * 2] >= page) run -= 1;
    return run >= 0 ? runs[run * 2] : undefined;
  }

  /** Pages of the set before `page`. */
  private below(page: number): number {
    const run = this.pages.firstRunEndingAfter(page);
    if (run >= this.pages.runCount) return this.pageCount;
    return this.before[run] + Math.max(0, page - this.pages.runs[run * 2]);
  }
}
