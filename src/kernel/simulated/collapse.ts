// MADV_COLLAPSE (mm/khugepaged.c): small pages into a huge one, at once.
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, TABLE_PAGES } from "./entry.ts";
import { freshHuge } from "./fault.ts";
import { HugeEntry, type LeafTable, regionOf } from "./page-table.ts";
import { type Vma, VmFlag } from "./vma.ts";
import { releaseEntry } from "./zap.ts";

/** Collapses every huge page's worth of [start, end) that an area holds; what can't be leaves EINVAL, and the others done. */
export function collapse(mm: AddressSpace, vma: Vma, start: number, end: number): number {
  if (!vma.isAnonymous || !vma.anonVma || vma.has(VmFlag.NOHUGEPAGE | VmFlag.SPECIAL | VmFlag.HUGETLB))
    return -Errno.EINVAL;
  const first = regionOf(start + TABLE_PAGES - 1);
  const last = regionOf(end);
  if (first > last || !holdsHugePage(vma, first, last)) return -Errno.EINVAL;
  let failed = 0;
  for (let region = first; region < last; region += 1) {
    const refused = collapseRegion(mm, vma, region);
    if (refused < 0) failed = refused;
  }
  return failed;
}

/** thp_vma_allowable_order of the whole range. */
function holdsHugePage(vma: Vma, first: number, last: number): boolean {
  const inside = regionOf(vma.start + TABLE_PAGES - 1);
  return inside < regionOf(vma.end) && first <= last;
}

function collapseRegion(mm: AddressSpace, vma: Vma, region: number): number {
  const entry = mm.table.get(region);
  if (entry instanceof HugeEntry) return 0;
  if (!entry) return -Errno.EINVAL;
  const refused = checkEntries(vma, entry);
  if (refused < 0) return refused;
  const huge = freshHuge(mm);
  for (let i = 0; i < TABLE_PAGES; i += 1) {
    const flags = entry.flags[i];
    if ((flags & Entry.PRESENT) === 0 || flags & Entry.ZERO) continue;
    mm.frames.copy(entry.frames[i], huge.frame + i);
    releaseEntry(mm, flags, entry.frames[i]);
  }
  mm.table.set(region, huge);
  return 0;
}

/**
 * hpage_collapse_scan_pmd for MADV_COLLAPSE, to which holes, pages of zeroes and pages shared by fork are as good as any other. What a
 * userfaultfd watches is not: the first entry in the way decides the error.
 */
function checkEntries(vma: Vma, { flags }: LeafTable): number {
  let present = 0;
  for (let i = 0; i < TABLE_PAGES; i += 1) {
    if (flags[i] & (Entry.UFFD_WP | Entry.MARKER)) return -Errno.EINVAL;
    if (flags[i] === 0 || flags[i] & Entry.ZERO) {
      if (vma.uffd) return -Errno.EBUSY;
      continue;
    }
    if ((flags[i] & (Entry.ANON | Entry.SWAP)) === 0) return -Errno.EINVAL;
    present += 1;
  }
  return present > 0 ? 0 : -Errno.EINVAL;
}
