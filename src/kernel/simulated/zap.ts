// Taking pages out of page tables (mm/memory.c, zap_page_range and free_pgtables), and splitting huge pages.
import { USER_PAGES_END } from "../../memory/page.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES, UFFD_MARKER } from "./entry.ts";
import { releaseEntry } from "./entry-frames.ts";
import { ZERO_FRAME } from "./frames.ts";
import { zapHugetlb } from "./hugetlb.ts";
import { type HugeEntry, type LeafTable, regionOf } from "./page-table.ts";
import { type Vma, VmFlag } from "./vma.ts";
import { AGAIN, CONTINUE, walk } from "./walker.ts";

export interface ZapOptions {
  /** Takes markers away too: the area itself goes (ZAP_FLAG_DROP_MARKER). */
  readonly dropMarkers?: boolean;
  /** Gives back leaf tables that are all empty afterwards (reclaim_pt): MADV_DONTNEED. */
  readonly freeTables?: boolean;
  /** Leaves private copies alone: the file's pages went, by truncation or a hole (even_cows false). */
  readonly keepCopies?: boolean;
}

/** Empties the entries of pages [start, end), all in `vma`. */
export function zap(mm: AddressSpace, vma: Vma, start: number, end: number, options: ZapOptions = {}): void {
  walk(
    mm.table,
    start,
    end,
    {
      huge: (entry, region, first, last) => {
        if (vma.isHugetlb) {
          mm.table.set(region, zapHugetlb(mm, vma, entry, options.dropMarkers ?? false));
          return CONTINUE;
        }
        if (last - first !== TABLE_PAGES) {
          mm.table.split(region, entry);
          return AGAIN;
        }
        releaseHuge(mm, entry);
        mm.table.set(region, undefined);
        return CONTINUE;
      },
      leaf: (table, first, last, page) => {
        const skipped = zapEntries(mm, vma, table, first, last, options);
        const whole = first === 0 && last === TABLE_PAGES;
        if (options.freeTables && mm.machine.profile.emptyTablesFreed && whole && !skipped) {
          mm.table.set(regionOf(page), undefined);
        }
        return CONTINUE;
      },
    },
    { observers: mm.observers },
  );
}

/** @returns whether something was left, or put, in an entry. */
function zapEntries(
  mm: AddressSpace,
  vma: Vma,
  { flags, frames }: LeafTable,
  first: number,
  last: number,
  { dropMarkers = false, keepCopies = false }: ZapOptions,
): boolean {
  let skipped = false;
  for (let i = first; i < last; i += 1) {
    const entry = flags[i];
    if (entry === 0) continue;
    if (keepCopies && (entry & (Entry.ANON | Entry.SWAP)) !== 0) {
      skipped = true;
      continue;
    }
    if (entry & Entry.MARKER) {
      const stays = isUffdMarker(entry) ? !vma.isAnonymous : true;
      if (stays && !dropMarkers) {
        skipped = true;
        continue;
      }
    } else {
      releaseEntry(mm, entry, frames[i]);
    }
    // The protection of a file's page outlives the page, which the file may bring back (pte_install_uffd_wp_if_needed).
    const remains = !dropMarkers && !vma.isAnonymous && vma.isWriteProtected && (entry & Entry.UFFD_WP) !== 0;
    flags[i] = remains ? UFFD_MARKER : 0;
    frames[i] = 0;
    if (remains) skipped = true;
  }
  return skipped;
}

function releaseHuge(mm: AddressSpace, { flags, frame }: HugeEntry): void {
  if (flags & Entry.ZERO) return;
  for (let i = 0; i < TABLE_PAGES; i += 1) releaseEntry(mm, flags, frame + i);
}

/**
 * Splits a huge page itself, not only its entry (split_folio): its pages that hold only zeroes become the page of zeroes.
 * @returns the table.
 */
export function splitFolio(mm: AddressSpace, region: number, entry: HugeEntry): LeafTable {
  const table = mm.table.split(region, entry);
  replaceZeroes(mm, table, region * TABLE_PAGES, entry.frame);
  mm.frames.splitFolio(entry.frame);
  return table;
}

/**
 * The same for a huge page whose pages are mapped one by one, wherever they are now; once one of them is treated unlike the others.
 * @returns false where another process has some of it too: then it stays.
 */
export function splitMappedFolio(mm: AddressSpace, first: number): boolean {
  // A page that two entries map is another process's too; where each has one, they still may be another's.
  if (mm.frames.isPartShared(first) || mappedIn(mm, first) < mm.frames.mapCounts(first)) return false;
  walk(mm.table, 0, USER_PAGES_END, {
    leaf: (table, index, _last, page) => {
      replaceZeroes(mm, table, page - index, first);
      return CONTINUE;
    },
  });
  mm.frames.splitFolio(first);
  return true;
}

/** How many entries of this process map pages of a huge page. */
function mappedIn(mm: AddressSpace, first: number): number {
  let count = 0;
  walk(mm.table, 0, USER_PAGES_END, {
    leaf: ({ flags, frames }) => {
      for (let i = 0; i < TABLE_PAGES; i += 1) {
        if ((flags[i] & Entry.ANON) !== 0 && mm.frames.folio(frames[i]) === first) count += 1;
      }
      return CONTINUE;
    },
  });
  return count;
}

/** Maps the page of zeroes instead of those pages of a huge page that hold nothing else (try_to_map_unused_to_zeropage). */
function replaceZeroes(mm: AddressSpace, { flags, frames }: LeafTable, page: number, first: number): void {
  if (!mm.machine.profile.zeroesReplaced) return;
  for (let i = 0; i < TABLE_PAGES; i += 1) {
    const frame = frames[i];
    if ((flags[i] & Entry.ANON) === 0 || mm.frames.folio(frame) !== first || !mm.frames.isZero(frame)) continue;
    if (mm.vmas.at(page + i)?.has(VmFlag.LOCKED)) continue;
    releaseEntry(mm, flags[i], frame);
    flags[i] = (flags[i] & ~Entry.ANON) | Entry.ZERO;
    frames[i] = ZERO_FRAME;
  }
}

/**
 * Gives back the tables that covered pages [start, end), now empty, as far as nothing in [floor, ceiling) but them was there
 * (free_pgtables).
 */
export function freeTables(mm: AddressSpace, start: number, end: number, floor: number, ceiling: number): void {
  const first = Math.max(regionOf(start), Math.ceil(floor / TABLE_PAGES));
  const last = Math.min(regionOf(end + TABLE_PAGES - 1), Math.floor(ceiling / TABLE_PAGES));
  for (let region = mm.table.nextPresent(first, last); region < last; region = mm.table.nextPresent(region + 1, last)) {
    mm.table.set(region, undefined);
  }
  // Upper levels: the same with their own, larger reach.
  const upper = TABLE_PAGES * TABLE_PAGES;
  const upperFirst = Math.max(Math.floor(start / upper), Math.ceil(floor / upper));
  const upperLast = Math.min(Math.ceil(end / upper), Math.floor(ceiling / upper));
  mm.table.trim(upperFirst * TABLE_PAGES, upperLast * TABLE_PAGES);
}
