// Page faults (mm/memory.c, handle_mm_fault): what an access finds, or makes, behind a page.
import { pageOf } from "../../memory/page.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES } from "./entry.ts";
import { install, releaseEntry } from "./entry-frames.ts";
import { fillFromFile } from "./file-fault.ts";
import { ZERO_FRAME } from "./frames.ts";
import { allowsHuge, makeHuge, writeHuge } from "./huge-fault.ts";
import { hugetlbFault } from "./hugetlb.ts";
import { HugeEntry, LeafTable, regionOf } from "./page-table.ts";
import { grownStack } from "./stack-growth.ts";
import { isAsync } from "./userfaultfd-context.ts";
import { ACCESS, type Vma, VmFlag } from "./vma.ts";
import type { Wait } from "./waiting.ts";

/** Why an access gets no frame; frames are not negative. */
export const Refusal = {
  /** Nothing is mapped there, or a guard marker stands there. */
  MAPERR: -1,
  /** The mapping does not allow it. */
  ACCERR: -2,
  /** Beyond the end of a file. */
  BUS: -3,
  /** A userfaultfd holds the access to a page that is missing: whoever holds its descriptor has to bring one. */
  MISSING: -5001,
  /** The same of a store to a page that it has write-protected. */
  PROTECTED: -5002,
} as const;

/** Whether an access was refused only until a userfaultfd's holder answers. */
export function isHeld(refusal: number): boolean {
  return refusal <= Refusal.MISSING;
}

/**
 * Lets the thread wait whose access was held at a byte's address.
 * @returns undefined where it may not wait: the access fails as one beyond a file's end does.
 */
export function hold(
  mm: AddressSpace,
  address: number,
  isWrite: boolean,
  refusal: number,
  isKernel: boolean,
): Wait | undefined {
  const vma = mm.vmas.at(pageOf(address));
  return vma?.uffd?.hold({ vma, address, isWrite, isProtected: refusal === Refusal.PROTECTED, isKernel });
}

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
    mm.work.done += 1;
    const refusal = handleFault(mm, vma, page, isWrite);
    if (refusal < 0) return refusal;
    mm.machine.task.faultsDone += 1;
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
  if (flags & Entry.ZERO || (flags & Entry.UFFD_WP && vma.isWriteProtected)) return -1;
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

/** The frame that is mapped at a page, whatever may be done with it; negative where there is none. */
export function mappedFrame(mm: AddressSpace, page: number): number {
  const entry = mm.table.get(regionOf(page));
  if (!entry) return -1;
  const index = page % TABLE_PAGES;
  const isHuge = entry instanceof HugeEntry;
  const flags = isHuge ? entry.flags : entry.flags[index];
  if ((flags & Entry.PRESENT) === 0) return -1;
  return !isHuge ? entry.frames[index] : flags & Entry.ZERO ? ZERO_FRAME : entry.frame + index;
}

/** One fault. @returns 0, or a refusal. */
function handleFault(mm: AddressSpace, vma: Vma, page: number, isWrite: boolean): number {
  if (vma.isHugetlb) {
    return hugetlbFault(mm, vma, page, isWrite, { noPage: Refusal.BUS, held: Refusal.PROTECTED });
  }
  const region = regionOf(page);
  let entry = mm.table.get(region);
  if (!entry && allowsHuge(mm, vma, region)) {
    if (vma.has(VmFlag.UFFD_MISSING)) return Refusal.MISSING;
    makeHuge(mm, vma, region, isWrite);
    return 0;
  }
  if (entry instanceof HugeEntry) {
    // A read that came here would have been allowed. A synchronous userfaultfd's huge page stays whole while the store waits.
    if (entry.flags & Entry.UFFD_WP && vma.isWriteProtected && !isAsync(vma)) return Refusal.PROTECTED;
    if (writeHuge(mm, vma, region, entry)) return 0;
    entry = mm.table.get(region);
  }
  const index = page - region * TABLE_PAGES;
  const table = entry instanceof LeafTable ? entry : undefined;
  const flags = table?.flags[index] ?? 0;
  if (!table || flags === 0) return fillMissing(mm, vma, page, 0, isWrite);
  if (flags & Entry.PRESENT) return writeProtected(mm, vma, table, index);
  if (flags & Entry.SWAP) return swapIn(mm, table, index);
  if (!isUffdMarker(flags)) return Refusal.MAPERR;
  if (!vma.isWriteProtected) {
    table.flags[index] = 0;
    return 0;
  }
  return fillMissing(mm, vma, page, Entry.UFFD_WP, isWrite);
}

/** do_pte_missing. @param kept the protection that a marker stood for, which passes to the page. */
function fillMissing(mm: AddressSpace, vma: Vma, page: number, kept: number, isWrite: boolean): number {
  if (vma.has(VmFlag.UFFD_MISSING)) return Refusal.MISSING;
  if (vma.file) return fillFromFile(mm, vma, vma.file, page, isWrite, kept) ? 0 : Refusal.BUS;
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

/**
 * do_wp_page: a store to a present page that may not be written as it is. A page that mremap left protected where nothing is
 * registered any more keeps its mark when it is written in place, and reads as unwritten.
 */
function writeProtected(mm: AddressSpace, vma: Vma, table: LeafTable, index: number): number {
  if (table.flags[index] & Entry.UFFD_WP && vma.isWriteProtected) {
    if (!isAsync(vma)) return Refusal.PROTECTED;
    mm.counters.protectionFaults += 1;
    table.flags[index] &= ~Entry.UFFD_WP;
  }
  const flags = table.flags[index];
  const frame = table.frames[index];
  if (vma.has(VmFlag.SHARED)) {
    table.flags[index] = flags | Entry.SOFT_DIRTY;
    return 0;
  }
  mm.vmas.prepareAnon(vma);
  if (flags & Entry.ANON && mm.frames.mapCount(frame) === 1) {
    table.flags[index] = flags | Entry.SOFT_DIRTY;
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
