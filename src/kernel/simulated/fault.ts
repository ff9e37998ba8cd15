// Page faults (mm/memory.c, handle_mm_fault): what an access finds, or makes, behind a page.
import { pageOf } from "../../memory/page.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES } from "./entry.ts";
import { ZERO_FRAME } from "./frames.ts";
import { hugetlbFault } from "./hugetlb.ts";
import { HugeEntry, LeafTable, regionOf } from "./page-table.ts";
import { isAsync } from "./userfaultfd-context.ts";
import { ACCESS, type Vma, VmFlag } from "./vma.ts";
import { releaseEntry } from "./zap.ts";

/** Why an access gets no frame; frames are not negative. */
export const Refusal = {
  /** Nothing is mapped there, or a guard marker stands there. */
  MAPERR: -1,
  /** The mapping does not allow it. */
  ACCERR: -2,
  /** Beyond the end of a file. */
  BUS: -3,
  /** A userfaultfd that resolves nothing by itself holds the access: whoever holds its descriptor would have to. */
  HELD: -4,
} as const;

/** Pages mapped along with the one that was read, of a file's pages in memory (fault_around_bytes). */
const FAULT_AROUND = 16;
/** Pages that a stack keeps away from what lies below it (stack_guard_gap). */
const STACK_GUARD_GAP = 256;
/** Lowest address a stack may grow to (vm.mmap_min_addr). */
const LOWEST_PAGE = 16;

/**
 * The frame behind a page, made as a fault makes it.
 * @returns the frame; a negative {@link Refusal} where there is none.
 */
export function access(mm: AddressSpace, page: number, isWrite: boolean): number {
  const frame = present(mm, page, isWrite);
  if (frame >= 0) return frame;
  const vma = mm.vmas.at(page) ?? grownStack(mm, page);
  if (!vma) return Refusal.MAPERR;
  if (isWrite ? !vma.has(VmFlag.WRITE) : !vma.has(ACCESS)) return Refusal.ACCERR;
  return faultIn(mm, vma, page, isWrite);
}

/** As {@link access}, once the area is known to allow it; stacks do not grow (the kernel's own accesses, get_user_pages). */
export function faultIn(mm: AddressSpace, vma: Vma, page: number, isWrite: boolean): number {
  // Each turn is one fault; the entry it leaves may need another, as with a store to a hole that bore a marker.
  for (;;) {
    const frame = allowed(mm, vma, page, isWrite);
    if (frame >= 0) return frame;
    mm.counters.faults += 1;
    const refusal = handleFault(mm, vma, page, isWrite);
    if (refusal < 0) return refusal;
  }
}

/** The frame where the page's entry and area already allow the access, without any fault: the processor's own way. */
function present(mm: AddressSpace, page: number, isWrite: boolean): number {
  const vma = mm.vmas.at(page);
  if (!vma || (isWrite ? !vma.has(VmFlag.WRITE) : !vma.has(ACCESS))) return -1;
  return allowed(mm, vma, page, isWrite);
}

function allowed(mm: AddressSpace, vma: Vma, page: number, isWrite: boolean): number {
  const region = regionOf(page);
  const entry = mm.table.get(region);
  if (!entry) return -1;
  const index = page - region * TABLE_PAGES;
  const isHuge = entry instanceof HugeEntry;
  const flags = isHuge ? entry.flags : entry.flags[index];
  if ((flags & Entry.PRESENT) === 0) return -1;
  const frame = !isHuge ? entry.frames[index] : flags & Entry.ZERO ? ZERO_FRAME : entry.frame + index;
  if (!isWrite) return frame;
  if (flags & (Entry.UFFD_WP | Entry.ZERO)) return -1;
  const isOwn = isHuge
    ? !entry.mayBeShared
    : flags & Entry.ANON
      ? mm.frames.mapCount(frame) === 1
      : vma.has(VmFlag.SHARED);
  if (!isOwn) return -1;
  if ((flags & Entry.ANON) === 0) mm.frames.markDirty(frame);
  if (isHuge) entry.flags = (entry.flags & ~Entry.LAZY) | Entry.SOFT_DIRTY;
  else entry.flags[index] = (flags & ~Entry.LAZY) | Entry.SOFT_DIRTY;
  return frame;
}

/** One fault. @returns 0, or a refusal. */
function handleFault(mm: AddressSpace, vma: Vma, page: number, isWrite: boolean): number {
  if (vma.isHugetlb) {
    return hugetlbFault(mm, vma, page, isWrite, { noPage: Refusal.BUS, held: Refusal.HELD });
  }
  const region = regionOf(page);
  let entry = mm.table.get(region);
  if (!entry && allowsHuge(mm, vma, region)) {
    if (vma.has(VmFlag.UFFD_MISSING)) return Refusal.HELD;
    makeHuge(mm, vma, region, isWrite);
    return 0;
  }
  if (entry instanceof HugeEntry) {
    // A read that came here would have been allowed.
    if (writeHuge(mm, vma, region, entry)) return 0;
    entry = mm.table.get(region);
  }
  const index = page - region * TABLE_PAGES;
  const table = entry instanceof LeafTable ? entry : undefined;
  const flags = table?.flags[index] ?? 0;
  if (!table || flags === 0) return fillMissing(mm, vma, page, 0, isWrite);
  if (flags & Entry.PRESENT) return writeProtected(mm, vma, table, index);
  if (flags & Entry.SWAP) return swapIn(mm, table, index);
  if (flags & Entry.POISON) return Refusal.BUS;
  if (!isUffdMarker(flags)) return Refusal.MAPERR;
  if (!vma.isWriteProtected) {
    table.flags[index] = 0;
    return 0;
  }
  return fillMissing(mm, vma, page, Entry.UFFD_WP, isWrite);
}

/** do_pte_missing. @param kept the protection that a marker stood for, which passes to the page. */
function fillMissing(mm: AddressSpace, vma: Vma, page: number, kept: number, isWrite: boolean): number {
  if (vma.has(VmFlag.UFFD_MISSING)) return Refusal.HELD;
  if (vma.file) return fillFromFile(mm, vma, page, isWrite, kept);
  const table = mm.table.leaf(regionOf(page));
  const index = page % TABLE_PAGES;
  if (!isWrite) {
    table.flags[index] = Entry.PRESENT | Entry.ZERO | kept;
    table.frames[index] = ZERO_FRAME;
    return 0;
  }
  mm.vmas.prepareAnon(vma);
  install(mm, table, index, mm.frames.allocate(), Entry.ANON | Entry.SOFT_DIRTY | kept);
  return 0;
}

/** do_read_fault, do_cow_fault, do_shared_fault. */
function fillFromFile(mm: AddressSpace, vma: Vma, page: number, isWrite: boolean, kept: number): number {
  const { file } = vma;
  if (isWrite && !vma.has(VmFlag.SHARED)) mm.vmas.prepareAnon(vma);
  if (!isWrite && mayFaultAround(vma) && faultAround(mm, vma, page)) return 0;
  // After a read from disk the fault begins anew, and finds more in memory.
  if (file?.readAround(vma.fileIndex(page), mm.machine.readAroundPages, mm.frames, mm.machine.swap)) return 0;
  const frame = file?.page(vma.fileIndex(page), mm.frames, mm.machine.swap);
  // No table is made for a page that the file does not have.
  if (!file || frame === undefined) return Refusal.BUS;
  const table = mm.table.leaf(regionOf(page));
  const index = page % TABLE_PAGES;
  if (isWrite && !vma.has(VmFlag.SHARED)) {
    const copy = mm.frames.allocate();
    mm.frames.copy(frame, copy);
    install(mm, table, index, copy, Entry.ANON | Entry.SOFT_DIRTY | kept);
    return 0;
  }
  install(mm, table, index, frame, kept | (isWrite ? Entry.SOFT_DIRTY : 0));
  return 0;
}

/** Not where a userfaultfd watches: the neighbours' faults are its concern (uffd_disable_fault_around). */
function mayFaultAround(vma: Vma): boolean {
  return !vma.has(VmFlag.UFFD_WP | VmFlag.UFFD_MINOR);
}

/**
 * Maps a page read and those neighbours that the file has in memory and that nothing stands for yet (do_fault_around); the neighbours
 * also where the file ends before the page.
 * @returns whether the page itself was among them.
 */
function faultAround(mm: AddressSpace, vma: Vma, page: number): boolean {
  const { file } = vma;
  if (!file) return false;
  const region = regionOf(page);
  const index = page - region * TABLE_PAGES;
  const there = mm.table.get(region);
  let table = there instanceof LeafTable ? there : undefined;
  const from = Math.max(index - (index % FAULT_AROUND), index - Math.min(index, page - vma.start));
  const to = Math.min(from + FAULT_AROUND, TABLE_PAGES, index + (vma.end - page));
  // Where there is no table yet, a window that begins with the file's last page gets none (filemap_map_pages).
  const firstIndex = vma.fileIndex(page + (from - index));
  if (!table && !file.inMemory && firstIndex >= file.endPage - 1) return false;
  for (let i = from; i < to; i += 1) {
    if (table && table.flags[i] !== 0) continue;
    const fileIndex = vma.fileIndex(page + (i - index));
    if (fileIndex >= file.endPage) break;
    const frame = file.cachedPage(fileIndex, mm.frames, mm.machine.swap);
    if (frame === undefined) continue;
    table ??= mm.table.leaf(region);
    install(mm, table, i, frame, 0);
  }
  return table !== undefined && (table.flags[index] & Entry.PRESENT) !== 0;
}

/** do_wp_page: a store to a present page that may not be written as it is. */
function writeProtected(mm: AddressSpace, vma: Vma, table: LeafTable, index: number): number {
  if (table.flags[index] & Entry.UFFD_WP && vma.isWriteProtected) {
    if (!isAsync(vma)) return Refusal.HELD;
    mm.counters.protectionFaults += 1;
    table.flags[index] &= ~Entry.UFFD_WP;
  }
  const flags = table.flags[index];
  const frame = table.frames[index];
  if (vma.has(VmFlag.SHARED)) {
    table.flags[index] = (flags & ~Entry.UFFD_WP) | Entry.SOFT_DIRTY;
    return 0;
  }
  mm.vmas.prepareAnon(vma);
  if (flags & Entry.ANON && mm.frames.mapCount(frame) === 1) {
    table.flags[index] = (flags & ~Entry.UFFD_WP) | Entry.SOFT_DIRTY;
    return 0;
  }
  const copy = mm.frames.allocate();
  mm.frames.copy(frame, copy);
  releaseEntry(mm, flags, frame);
  install(mm, table, index, copy, Entry.ANON | Entry.SOFT_DIRTY);
  return 0;
}

/**
 * Gives a page of its own to a reader that will hold on to it, where it is shared with another process (FAULT_FLAG_UNSHARE); its
 * protection stays.
 */
export function unshare(mm: AddressSpace, vma: Vma, page: number): void {
  const region = regionOf(page);
  const entry = mm.table.get(region);
  if (!entry) return;
  const index = page - region * TABLE_PAGES;
  const isHuge = entry instanceof HugeEntry;
  const flags = isHuge ? entry.flags : entry.flags[index];
  const frame = isHuge ? entry.frame + index : entry.frames[index];
  if ((flags & Entry.ANON) === 0 || (isHuge ? !entry.mayBeShared : mm.frames.mapCount(frame) === 1)) return;
  mm.counters.faults += 1;
  if (isHuge && !mm.frames.isShared(entry.frame)) {
    entry.mayBeShared = false;
    return;
  }
  const table = isHuge ? mm.table.split(region, entry) : entry;
  if (mm.frames.mapCount(frame) === 1) return;
  mm.vmas.prepareAnon(vma);
  const copy = mm.frames.allocate();
  mm.frames.copy(frame, copy);
  releaseEntry(mm, flags, frame);
  install(mm, table, index, copy, flags);
}

function install(mm: AddressSpace, table: LeafTable, index: number, frame: number, flags: number): void {
  mm.frames.map(frame);
  table.flags[index] = flags | Entry.PRESENT;
  table.frames[index] = frame;
}

/** do_swap_page. */
function swapIn(mm: AddressSpace, table: LeafTable, index: number): number {
  const { swap } = mm.machine;
  const slot = table.frames[index];
  const frame = mm.frames.allocate();
  const bytes = swap.peek(slot);
  if (bytes) mm.frames.write(frame, 0, bytes);
  const kept = table.flags[index] & (Entry.UFFD_WP | Entry.SOFT_DIRTY);
  install(mm, table, index, frame, Entry.ANON | kept);
  swap.release(slot);
  return 0;
}

/** thp_vma_allowable_order at a page fault, with transparent_hugepage/enabled at madvise. */
export function allowsHuge(mm: AddressSpace, vma: Vma, region: number): boolean {
  const start = region * TABLE_PAGES;
  return (
    mm.machine.transparentHugePages &&
    vma.isAnonymous &&
    vma.has(VmFlag.HUGEPAGE) &&
    !vma.has(VmFlag.NOHUGEPAGE) &&
    vma.start <= start &&
    start + TABLE_PAGES <= vma.end
  );
}

/** do_huge_pmd_anonymous_page: the huge page of zeroes for a read, one of its own for a write. */
function makeHuge(mm: AddressSpace, vma: Vma, region: number, isWrite: boolean): void {
  mm.vmas.prepareAnon(vma);
  mm.table.set(region, isWrite ? freshHuge(mm) : new HugeEntry(Entry.PRESENT | Entry.ZERO, ZERO_FRAME));
}

export function freshHuge(mm: AddressSpace): HugeEntry {
  const frame = mm.frames.allocateHuge();
  for (let i = 0; i < TABLE_PAGES; i += 1) mm.frames.map(frame + i);
  return new HugeEntry(Entry.PRESENT | Entry.ANON | Entry.SOFT_DIRTY, frame);
}

/**
 * wp_huge_pmd. A protected huge page is split, so that a store is told of one page and not of 512.
 * @returns whether the huge page itself can be written now; otherwise it is split and its page comes next.
 */
function writeHuge(mm: AddressSpace, vma: Vma, region: number, entry: HugeEntry): boolean {
  const isProtected = (entry.flags & Entry.UFFD_WP) !== 0 && vma.isWriteProtected;
  if (!isProtected && entry.flags & Entry.ZERO) {
    if (!mm.machine.profile.hugeZeroStaysHuge) {
      mm.table.split(region, entry);
      return false;
    }
    mm.table.set(region, freshHuge(mm));
    return true;
  }
  if (!isProtected && entry.mayBeShared && !mm.frames.isShared(entry.frame)) {
    entry.mayBeShared = false;
    return true;
  }
  mm.table.split(region, entry);
  return false;
}

/** Lets the stack above `page` grow down to it (expand_downwards). @returns the area, which now holds the page. */
function grownStack(mm: AddressSpace, page: number): Vma | undefined {
  const index = mm.vmas.indexAfter(page);
  const vma = mm.vmas.areas[index];
  const below = mm.vmas.areas[index - 1];
  if (!vma?.has(VmFlag.GROWSDOWN) || page < LOWEST_PAGE) return undefined;
  if (below && !below.has(VmFlag.GROWSDOWN) && below.has(ACCESS) && page - below.end < STACK_GUARD_GAP)
    return undefined;
  if (vma.end - page > pageOf(mm.machine.stackLimit)) return undefined;
  const growth = vma.start - page;
  if (growth > vma.offset) return undefined;
  mm.vmas.prepareAnon(vma);
  vma.start = page;
  vma.offset -= growth;
  return vma;
}
