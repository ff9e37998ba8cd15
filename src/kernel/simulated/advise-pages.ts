// The advice that changes pages: discarding, populating, guards, holes in files, and paging out (mm/madvise.c).
import { Advice } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, GUARD_MARKER, TABLE_PAGES, UFFD_MARKER } from "./entry.ts";
import { releaseEntry } from "./entry-frames.ts";
import { faultIn, isHeld } from "./fault.ts";
import type { LeafTable } from "./page-table.ts";
import { inPieces } from "./pieces.ts";
import { populatePages } from "./populate.ts";
import { NeverReturns } from "./system-calls.ts";
import { type Vma, VmFlag } from "./vma.ts";
import { AGAIN, CONTINUE, walk } from "./walker.ts";
import type { Resumable } from "./work.ts";
import { splitFolio, splitMappedFolio, zap } from "./zap.ts";

const GUARD_TRIES = 3;

/** MADV_DONTNEED, MADV_FREE. */
export function discard(
  mm: AddressSpace,
  vma: Vma,
  start: number,
  end: number,
  advice: number,
): number | Resumable<number> {
  let last = end;
  if (vma.isHugetlb) {
    if (advice !== Advice.DONTNEED && advice !== Advice.DONTNEED_LOCKED) return -Errno.EINVAL;
    if (start % TABLE_PAGES !== 0) return -Errno.EINVAL;
    last = end - (end % TABLE_PAGES);
    if (last <= start) return 0;
  } else if (vma.has(VmFlag.SPECIAL) || (advice !== Advice.DONTNEED_LOCKED && vma.has(VmFlag.LOCKED))) {
    return -Errno.EINVAL;
  }
  if (advice !== Advice.FREE) {
    return inPieces(mm, start, last, (from, to) => {
      zap(mm, vma, from, to, { freeTables: true });
      return 0;
    });
  }
  if (!vma.isAnonymous) return -Errno.EINVAL;
  return inPieces(mm, start, last, (from, to) => freeLazily(mm, from, to));
}

/** Pages stay until memory is short, which it never is here; what is in swap goes at once, and huge pages freed in part split. */
function freeLazily(mm: AddressSpace, start: number, end: number): number {
  return walk(mm.table, start, end, {
    huge: (entry, region, first, last) => {
      if (entry.flags & Entry.ZERO || mm.frames.isShared(entry.frame)) return CONTINUE;
      if (last - first === TABLE_PAGES) {
        entry.flags |= Entry.LAZY;
        mm.frames.giveUp(entry.frame);
        return CONTINUE;
      }
      splitFolio(mm, region, entry);
      return AGAIN;
    },
    leaf: (table, first, last) => {
      splitPartialFolios(mm, table, first, last);
      const { flags, frames } = table;
      for (let i = first; i < last; i += 1) {
        if (flags[i] & Entry.SWAP) {
          releaseEntry(mm, flags[i], frames[i]);
          flags[i] = 0;
        } else if (flags[i] & Entry.ANON) {
          flags[i] |= Entry.LAZY;
          const folio = mm.frames.folio(frames[i]);
          if (folio !== undefined) mm.frames.giveUp(folio);
        }
      }
      return CONTINUE;
    },
  });
}

/** Reclaims a page of a file that nobody else maps: one that was stored to goes to swap, or stays in the file where there is none. */
function unmapFilePage(mm: AddressSpace, vma: Vma, { flags, frames }: LeafTable, index: number, page: number): void {
  const frame = frames[index];
  if (mm.frames.mapCount(frame) !== 1) return;
  releaseEntry(mm, flags[index], frame);
  flags[index] = vma.isWriteProtected && flags[index] & Entry.UFFD_WP ? UFFD_MARKER : 0;
  frames[index] = 0;
  const { swap } = mm.machine;
  const inFile = vma.fileIndex(page);
  if (!mm.frames.isDirty(frame)) vma.file?.forget(inFile, mm.frames);
  else if (vma.file?.inMemory && !swap.isFull) vma.file.forget(inFile, mm.frames, swap);
}

/**
 * A huge page mapped page by page that is not advised as a whole, in order and all of it armed or not, is split first
 * (folio_pte_batch).
 * @param wholeToo splits it even then: it finds no room in swap.
 */
function splitPartialFolios(
  mm: AddressSpace,
  { flags, frames }: LeafTable,
  first: number,
  last: number,
  wholeToo = false,
): void {
  const OWN = Entry.PRESENT | Entry.ANON;
  let shared: number | undefined;
  for (let i = first; i < last; i += 1) {
    const folio = (flags[i] & OWN) === OWN ? mm.frames.folio(frames[i]) : undefined;
    if (folio === undefined || folio === shared) continue;
    let run = 0;
    const kind = flags[i] & (OWN | Entry.UFFD_WP);
    while (i + run < last && (flags[i + run] & (OWN | Entry.UFFD_WP)) === kind && frames[i + run] === frames[i] + run)
      run += 1;
    const isWhole = frames[i] === folio && run >= TABLE_PAGES;
    if (isWhole && (!wholeToo || mm.frames.isGivenUp(folio))) {
      if (wholeToo) keepIfStored(mm, flags, i, folio);
      i += TABLE_PAGES - 1;
    } else if (!splitMappedFolio(mm, folio)) shared = folio;
  }
}

/** Reclaim of a huge page that MADV_FREE gave up finds whether any page of it was stored to since: then it stays, whole, this time. */
function keepIfStored(mm: AddressSpace, flags: Uint16Array, first: number, folio: number): void {
  const all = flags.subarray(first, first + TABLE_PAGES);
  if (all.every(entry => entry & Entry.LAZY)) return;
  mm.frames.takeBack(folio);
  for (let i = 0; i < TABLE_PAGES; i += 1) all[i] &= ~Entry.LAZY;
}

/** MADV_POPULATE_READ, MADV_POPULATE_WRITE. */
export function populateAll(mm: AddressSpace, start: number, end: number, isWrite: boolean): Resumable<number> {
  return populatePages(mm, start, end, isWrite, page => {
    const vma = mm.vmas.at(page);
    if (!vma) return -Errno.ENOMEM;
    if (vma.has(VmFlag.SPECIAL) || !vma.has(isWrite ? VmFlag.WRITE : VmFlag.READ)) return -Errno.EINVAL;
    const refused = faultIn(mm, vma, page, isWrite);
    return refused >= 0 ? 0 : isHeld(refused) ? refused : -Errno.EFAULT;
  });
}

/** MADV_GUARD_INSTALL: what is there is discarded first. */
export function installGuards(mm: AddressSpace, vma: Vma, start: number, end: number): number | Resumable<number> {
  if (vma.has(VmFlag.SPECIAL | VmFlag.HUGETLB | VmFlag.LOCKED)) return -Errno.EINVAL;
  if (vma.isAnonymous) mm.vmas.prepareAnon(vma);
  else vma.mayHoldGuards = true;
  return inPieces(mm, start, end, (from, to) => installPiece(mm, vma, from, to), true);
}

function installPiece(mm: AddressSpace, vma: Vma, start: number, end: number): number {
  for (let tries = 0; tries < GUARD_TRIES; tries += 1) {
    if (putGuards(mm, start, end)) return 0;
    zap(mm, vma, start, end);
  }
  // Protection markers of a file's pages outlive the discarding, and the call is restarted as often as it meets them.
  throw new NeverReturns("MADV_GUARD_INSTALL over write-protection markers of a file or of shared memory");
}

/** @returns false where something else stands in an entry; what came before it has its guards. */
function putGuards(mm: AddressSpace, start: number, end: number): boolean {
  const OCCUPIED = -1;
  return (
    walk(
      mm.table,
      start,
      end,
      {
        huge: () => OCCUPIED,
        leaf: ({ flags }, first, last) => {
          for (let i = first; i < last; i += 1) {
            if (flags[i] & Entry.GUARD) continue;
            if (flags[i] !== 0) return OCCUPIED;
            flags[i] = GUARD_MARKER;
          }
          return CONTINUE;
        },
      },
      { allocate: true },
    ) === 0
  );
}

/** MADV_GUARD_REMOVE: other pages stay. */
export function removeGuards(mm: AddressSpace, vma: Vma, start: number, end: number): number | Resumable<number> {
  if (vma.has(VmFlag.SPECIAL | VmFlag.HUGETLB)) return -Errno.EINVAL;
  return inPieces(mm, start, end, (from, to) =>
    walk(mm.table, from, to, {
      leaf: ({ flags }, first, last) => {
        for (let i = first; i < last; i += 1) if (flags[i] & Entry.GUARD) flags[i] = 0;
        return CONTINUE;
      },
    }),
  );
}

/** MADV_REMOVE: takes pages out of the file, and out of every mapping of them. */
export function punchHole(mm: AddressSpace, vma: Vma, start: number, end: number): number {
  const { file } = vma;
  if (vma.has(VmFlag.LOCKED) || !file) return -Errno.EINVAL;
  if (!vma.has(VmFlag.SHARED) || !vma.has(VmFlag.MAYWRITE)) return -Errno.EACCES;
  mm.machine.dropFilePages(file, vma.fileIndex(start), vma.fileIndex(end), false);
  return 0;
}

/**
 * MADV_PAGEOUT and MADV_COLD. Without swap no private page goes anywhere, but a huge page that is meant in part, or that finds no room in swap, is
 * split all the same. Pages of files in memory leave the tables and stay in the file.
 */
export function pageOut(mm: AddressSpace, vma: Vma, start: number, end: number, out: boolean): Resumable<number> {
  return inPieces(mm, start, end, (from, to) => pageOutPiece(mm, vma, from, to, out));
}

function pageOutPiece(mm: AddressSpace, vma: Vma, start: number, end: number, out: boolean): number {
  const { swap } = mm.machine;
  return walk(mm.table, start, end, {
    huge: (entry, region, first, last) => {
      if (entry.flags & Entry.ZERO || mm.frames.isShared(entry.frame) || mm.frames.isLocked(entry.frame))
        return CONTINUE;
      if (last - first === TABLE_PAGES && out && (entry.flags & Entry.LAZY || vma.has(VmFlag.DROPPABLE))) {
        for (let i = 0; i < TABLE_PAGES; i += 1) releaseEntry(mm, entry.flags, entry.frame + i);
        mm.table.set(region, undefined);
        return CONTINUE;
      }
      if (last - first === TABLE_PAGES && !out) return CONTINUE;
      if (last - first === TABLE_PAGES && mm.frames.takeBack(entry.frame)) {
        // Given up, and stored to since: its entry is split on the way to finding that out.
        mm.table.split(region, entry);
        return CONTINUE;
      }
      splitFolio(mm, region, entry);
      return AGAIN;
    },
    leaf: (table, first, last, page) => {
      splitPartialFolios(mm, table, first, last, out && swap.size === 0);
      const { flags, frames } = table;
      for (let i = first; i < last && out; i += 1) {
        if (mm.frames.isLocked(frames[i])) continue;
        if (vma.file && (flags[i] & (Entry.PRESENT | Entry.ANON)) === Entry.PRESENT) {
          unmapFilePage(mm, vma, table, i, page + i - first);
        }
        const isOwn = (flags[i] & (Entry.PRESENT | Entry.ANON)) === (Entry.PRESENT | Entry.ANON);
        if (!isOwn || mm.frames.mapCount(frames[i]) > 1) continue;
        if (flags[i] & Entry.LAZY || vma.has(VmFlag.DROPPABLE)) {
          releaseEntry(mm, flags[i], frames[i]);
          flags[i] = 0;
          continue;
        }
        if (swap.isFull) continue;
        const slot = swap.store(mm.frames.peek(frames[i]), 1);
        releaseEntry(mm, flags[i], frames[i]);
        flags[i] = Entry.SWAP | (flags[i] & (Entry.UFFD_WP | Entry.SOFT_DIRTY));
        frames[i] = slot;
      }
      return CONTINUE;
    },
  });
}
