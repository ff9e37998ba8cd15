// Which mappings a set of pages lies in, without walking all of them nor all of the set.
import { type Extent, firstEndingAfter } from "./mapping.ts";
import type { PageSet } from "./page-set.ts";

/** The last page of the set before `page`; undefined where there is none. */
export function previousPage(pages: PageSet, page: number): number | undefined {
  const start = pages.previous(page);
  return start === undefined ? undefined : Math.min(page, pages.runsFrom(start, 1)[1]) - 1;
}

/** Whether the set holds a page of [start, end). */
export function touches(pages: PageSet, start: number, end: number): boolean {
  const next = pages.next(start);
  return next !== undefined && next < end;
}

/**
 * Calls back with the index of each mapping (in address order) that holds a page of the set. Goes from a mapping to the first page
 * behind it, and from there to that page's mapping: a few searches for each such mapping, however many others there are.
 */
export function forEachTouched(pages: PageSet, mappings: readonly Extent[], found: (index: number) => void): void {
  for (let page = pages.next(0); page !== undefined; ) {
    const index = firstEndingAfter(mappings, page);
    if (index >= mappings.length) return;
    const { start, end } = mappings[index];
    if (start <= page) found(index);
    page = pages.next(start <= page ? end : start);
  }
}
