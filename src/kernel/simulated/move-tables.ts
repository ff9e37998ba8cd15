// Moving entries from one place to another (mm/mremap.c, move_page_tables).
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES } from "./entry.ts";
import { HugeEntry, type LeafTable, regionOf } from "./page-table.ts";

/**
 * Moves what stands for `pages` pages from `from` on to `to`; nothing stands there yet.
 * @param unprotect takes a userfaultfd's protection off, as its area stays behind.
 */
export function moveTables(mm: AddressSpace, from: number, to: number, pages: number, unprotect: boolean): void {
  const { table } = mm;
  let done = 0;
  while (done < pages) {
    const source = from + done;
    const target = to + done;
    const sourceIndex = source % TABLE_PAGES;
    const targetIndex = target % TABLE_PAGES;
    const extent = Math.min(pages - done, TABLE_PAGES - sourceIndex, TABLE_PAGES - targetIndex);
    let entry = table.get(regionOf(source));
    const whole = extent === TABLE_PAGES;
    const canMove = whole && table.get(regionOf(target)) === undefined;
    if (entry instanceof HugeEntry) {
      if (canMove) {
        table.set(regionOf(source), undefined);
        if (unprotect) entry.flags &= ~Entry.UFFD_WP;
        table.set(regionOf(target), entry);
        done += extent;
        continue;
      }
      entry = table.split(regionOf(source), entry);
    }
    if (entry && canMove && !unprotect) {
      table.set(regionOf(source), undefined);
      table.set(regionOf(target), entry);
    } else if (entry) {
      moveEntries(entry, sourceIndex, table.leaf(regionOf(target)), targetIndex, extent, unprotect);
    }
    done += extent;
  }
}

function moveEntries(
  source: LeafTable,
  from: number,
  target: LeafTable,
  to: number,
  count: number,
  unprotect: boolean,
): void {
  for (let i = 0; i < count; i += 1) {
    const flags = source.flags[from + i];
    if (flags === 0) continue;
    source.flags[from + i] = 0;
    if (unprotect && isUffdMarker(flags)) continue;
    target.flags[to + i] = (unprotect ? flags & ~Entry.UFFD_WP : flags) | Entry.SOFT_DIRTY;
    target.frames[to + i] = source.frames[from + i];
  }
}
