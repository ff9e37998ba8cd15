// How many pages of a set lie in each of many equal cells, and where its next page is.
import type { PageSet } from "../../src/memory/page-set.ts";

export class Coverage {
  readonly pages: PageSet;

  constructor(pages: PageSet) {
    this.pages = pages;
  }

  get pageCount(): number {
    return this.pages.pageCount;
  }

  /** Pages of the set in [start, end). */
  count(start: number, end: number): number {
    return this.pages.countIn(start, end);
  }

  /** See {@link PageSet.countCells}. */
  countCells(start: number, end: number, pagesPerCell: number, cells: number, out: Float64Array): void {
    this.pages.countCells(start, end, pagesPerCell, cells, out);
  }

  /** See {@link PageSet.next}. */
  next(page: number): number | undefined {
    return this.pages.next(page);
  }

  /** See {@link PageSet.previous}. */
  previous(page: number): number | undefined {
    return this.pages.previous(page);
  }
}
