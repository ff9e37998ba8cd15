// The page-table walker (mm/pagewalk.c): one loop for all who look at or change entries.
import { TABLE_PAGES } from "./entry.ts";
import { HugeEntry, type LeafTable, type PageTable, regionOf } from "./page-table.ts";

/** What a look at a huge page counts for; its 512 frames are often looked at one by one. */
const HUGE_WORK = 256;
/** So many entries of a table count for one unit of work, as a power of two. */
const ENTRIES_SHIFT = 3;

/** What a callback asks for. A negative answer, -errno, ends the walk and is its result. */
export const CONTINUE = 0;
/** Look at the same stretch again: the callback has changed what stands there. */
export const AGAIN = 1;

export interface WalkCallbacks {
  /**
   * Entries [first, last) of a leaf table, the first of them for `page`. One call a table rather than one a page: a call costs
   * as much as ten entries.
   */
  leaf?(table: LeafTable, first: number, last: number, page: number): number;
  /** A huge page, of which [start, end) lies in the walk. Without it, huge pages are left out. */
  huge?(entry: HugeEntry, region: number, start: number, end: number): number;
  /** Pages [start, end) without a table. */
  hole?(start: number, end: number): number;
}

/** Whoever wants to know of changes to a range of pages before and after (mmu notifiers); for the whole call, never from inside a callback. */
export interface ChangeObserver {
  changing(start: number, end: number): void;
  changed(start: number, end: number): void;
}

export interface WalkOptions {
  /** Makes the tables that are missing, so that there are no holes. */
  readonly allocate?: boolean;
  /** Told before and after; absent for a walk that only looks. */
  readonly observers?: Iterable<ChangeObserver>;
}

/**
 * Walks pages [start, end), whatever mappings there are. Without `allocate` and with callbacks that never refuse it can't fail.
 * @returns 0, or the negative answer that ended it.
 */
export function walk(
  table: PageTable,
  start: number,
  end: number,
  callbacks: WalkCallbacks,
  { allocate = false, observers }: WalkOptions = {},
): number {
  const work = (): number => walkRegions(table, start, end, callbacks, allocate);
  return observers ? bracketed(observers, start, end, work) : work();
}

/** Tells the observers before and after, however the work ends. */
export function bracketed<T>(observers: Iterable<ChangeObserver>, start: number, end: number, work: () => T): T {
  for (const observer of observers) observer.changing(start, end);
  try {
    return work();
  } finally {
    for (const observer of observers) observer.changed(start, end);
  }
}

function walkRegions(
  table: PageTable,
  start: number,
  end: number,
  callbacks: WalkCallbacks,
  allocate: boolean,
): number {
  const endRegion = regionOf(end + TABLE_PAGES - 1);
  let page = start;
  while (page < end) {
    const region = regionOf(page);
    const next = Math.min(end, (region + 1) * TABLE_PAGES);
    table.work.done += 1;
    const entry = allocate ? (table.get(region) ?? table.leaf(region)) : table.get(region);
    let answer = CONTINUE;
    if (!entry) {
      const holeEnd = Math.min(end, Math.max(next, table.nextPresent(region, endRegion) * TABLE_PAGES));
      answer = callbacks.hole?.(page, holeEnd) ?? CONTINUE;
      if (answer === CONTINUE) page = holeEnd;
    } else {
      if (entry instanceof HugeEntry) {
        table.work.done += HUGE_WORK;
        answer = callbacks.huge?.(entry, region, page, next) ?? CONTINUE;
      } else {
        const first = page - region * TABLE_PAGES;
        table.work.done += (next - page) >> ENTRIES_SHIFT;
        answer = callbacks.leaf?.(entry, first, first + next - page, page) ?? CONTINUE;
      }
      if (answer === CONTINUE) page = next;
    }
    if (answer < 0) return answer;
  }
  return 0;
}
