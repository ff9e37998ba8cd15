// Memory of hugetlb pages (mm/hugetlb.c): always whole huge pages, from a pool of their own.
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES, UFFD_MARKER } from "./entry.ts";
import { HugeEntry, type RegionEntry, regionOf } from "./page-table.ts";
import { isAsync } from "./userfaultfd-context.ts";
import { type Vma, VmFlag } from "./vma.ts";

/** hugetlb_fault. @returns 0, or `noPage` where the pool is empty (SIGBUS), or `held`. */
export function hugetlbFault(
  mm: AddressSpace,
  vma: Vma,
  page: number,
  isWrite: boolean,
  refusals: { readonly noPage: number; readonly held: number },
): number {
  const region = regionOf(page);
  const entry = mm.table.get(region);
  const flags = entry instanceof HugeEntry ? entry.flags : 0;
  if (!(entry instanceof HugeEntry) || (flags & Entry.PRESENT) === 0) {
    const kept = isUffdMarker(flags) && vma.isWriteProtected ? Entry.UFFD_WP : 0;
    const frame = backingFrame(mm, vma, region * TABLE_PAGES);
    if (frame === undefined) return refusals.noPage;
    const own = vma.has(VmFlag.MAYSHARE) ? 0 : Entry.ANON;
    mm.table.set(region, mapped(mm, frame, Entry.PRESENT | Entry.SOFT_DIRTY | own | kept));
    return 0;
  }
  if (!isWrite) return 0;
  if (flags & Entry.UFFD_WP && vma.isWriteProtected) {
    if (!isAsync(vma)) return refusals.held;
    mm.counters.protectionFaults += 1;
    entry.flags &= ~Entry.UFFD_WP;
    return 0;
  }
  if (entry.mayBeShared && !mm.frames.isShared(entry.frame)) {
    entry.mayBeShared = false;
    return 0;
  }
  if (!vma.file || !mm.machine.hugetlb.take(vma.file)) return refusals.noPage;
  const copy = mm.frames.allocateHuge();
  for (let i = 0; i < TABLE_PAGES; i += 1) {
    mm.frames.copy(entry.frame + i, copy + i);
    mm.frames.unmap(entry.frame + i);
  }
  mm.table.set(region, mapped(mm, copy, Entry.PRESENT | Entry.SOFT_DIRTY | Entry.ANON));
  return 0;
}

/** The file's huge page at a page of the area, or one of the process's own; undefined where the pool is empty. */
function backingFrame(mm: AddressSpace, vma: Vma, page: number): number | undefined {
  const { file } = vma;
  if (!file) return undefined;
  const index = vma.fileIndex(page);
  const cached = vma.has(VmFlag.MAYSHARE) ? file.cache.get(index) : undefined;
  if (cached !== undefined) return cached;
  if (!mm.machine.hugetlb.take(file)) return undefined;
  const frame = mm.frames.allocateHuge();
  if (vma.has(VmFlag.MAYSHARE)) file.cache.set(index, frame);
  return frame;
}

function mapped(mm: AddressSpace, frame: number, flags: number): HugeEntry {
  for (let i = 0; i < TABLE_PAGES; i += 1) mm.frames.map(frame + i);
  return new HugeEntry(flags, frame, true);
}

/** hugetlb_change_protection for a userfaultfd: holes get markers as large as the pages they stand for. */
export function protectHugetlb(mm: AddressSpace, start: number, end: number, isProtected: boolean): void {
  for (let region = regionOf(start); region < regionOf(end); region += 1) {
    const entry = mm.table.get(region);
    if (isProtected) {
      if (entry instanceof HugeEntry) entry.flags |= Entry.UFFD_WP;
      else mm.table.set(region, new HugeEntry(UFFD_MARKER, 0, true));
    } else if (entry instanceof HugeEntry) {
      if (isUffdMarker(entry.flags)) mm.table.set(region, undefined);
      else entry.flags &= ~Entry.UFFD_WP;
    }
  }
}

/** Takes a huge page out of the tables (__unmap_hugepage_range). @returns what stands there afterwards. */
export function zapHugetlb(mm: AddressSpace, vma: Vma, entry: HugeEntry, dropMarkers: boolean): RegionEntry {
  if (entry.flags & Entry.PRESENT) {
    let unused = true;
    for (let i = 0; i < TABLE_PAGES; i += 1) if (!mm.frames.unmap(entry.frame + i)) unused = false;
    if (unused && entry.flags & Entry.ANON) {
      for (let i = 0; i < TABLE_PAGES; i += 1) mm.frames.release(entry.frame + i);
      mm.machine.hugetlb.giveBack();
    }
  }
  const stays = !dropMarkers && vma.isWriteProtected && (entry.flags & Entry.UFFD_WP) !== 0;
  return stays ? new HugeEntry(UFFD_MARKER, 0, true) : undefined;
}
