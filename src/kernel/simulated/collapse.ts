// MADV_COLLAPSE (mm/khugepaged.c): small pages into a huge one, at once.
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, TABLE_PAGES } from "./entry.ts";
import { releaseEntry } from "./entry-frames.ts";
import { freshHuge } from "./huge-fault.ts";
import { HugeEntry, type LeafTable, regionOf } from "./page-table.ts";
import { type Vma, VmFlag } from "./vma.ts";
import type { Resumable } from "./work.ts";

/** Collapses every huge page's worth of [start, end) that an area holds; what can't be leaves EINVAL, and the others done. */
export function* collapse(mm: AddressSpace, vma: Vma, start: number, end: number): Resumable<number> {
  if (!vma.isAnonymous || !vma.anonVma || vma.has(VmFlag.NOHUGEPAGE | VmFlag.SPECIAL | VmFlag.HUGETLB))
    return -Errno.EINVAL;
  const first = regionOf(start + TABLE_PAGES - 1);
  const last = regionOf(end);
  if (first > last || !holdsHugePage(vma, first, last)) return -Errno.EINVAL;
  let failed = 0;
  for (let region = first; region < last; region += 1) {
    const outcome = collapseRegion(mm, vma, region);
    mm.work.done += TABLE_PAGES;
    yield;
    if (outcome === "done") continue;
    failed = outcome === "watched here" ? -Errno.EBUSY : -Errno.EINVAL;
    // What a page table holds may stand in the way without a meaning for the next; anything else ends the call.
    if (outcome !== "in the way") break;
  }
  return failed;
}

type Outcome = "done" | "in the way" | "watched here" | "guarded";

/** thp_vma_allowable_order of the whole range. */
function holdsHugePage(vma: Vma, first: number, last: number): boolean {
  const inside = regionOf(vma.start + TABLE_PAGES - 1);
  return inside < regionOf(vma.end) && first <= last;
}

function collapseRegion(mm: AddressSpace, vma: Vma, region: number): Outcome {
  const entry = mm.table.get(region);
  if (entry instanceof HugeEntry) return "done";
  const check = entry ? checkEntries(mm, vma, entry) : "in the way";
  if (!entry || check !== "done") return check;
  const huge = freshHuge(mm);
  for (let i = 0; i < TABLE_PAGES; i += 1) {
    const flags = entry.flags[i];
    if ((flags & Entry.PRESENT) === 0 || flags & Entry.ZERO) continue;
    mm.frames.copy(entry.frames[i], huge.frame + i);
    releaseEntry(mm, flags, entry.frames[i]);
  }
  mm.table.set(region, huge);
  return "done";
}

/**
 * hpage_collapse_scan_pmd for MADV_COLLAPSE, to which holes, pages of zeroes and pages shared by fork are as good as any other. What a
 * userfaultfd watches is not: the first entry in the way decides. A guard counts as swapped, and can't be swapped in.
 */
function checkEntries(mm: AddressSpace, vma: Vma, { flags, frames }: LeafTable): Outcome {
  let isGuarded = false;
  let isWritable = mm.machine.profile.collapsesReadOnly;
  for (let i = 0; i < TABLE_PAGES; i += 1) {
    const entry = flags[i];
    if (entry & Entry.UFFD_WP) return "in the way";
    if (entry & Entry.MARKER) {
      isGuarded = true;
    } else if (entry === 0 || entry & Entry.ZERO) {
      if (vma.uffd) return "watched here";
    } else if ((entry & (Entry.ANON | Entry.SWAP)) === 0) {
      return "in the way";
    } else if (vma.has(VmFlag.WRITE) && entry & Entry.PRESENT && mm.frames.mapCount(frames[i]) === 1) {
      isWritable = true;
    }
  }
  if (!isWritable) return "in the way";
  return isGuarded ? "guarded" : "done";
}
