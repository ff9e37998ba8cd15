// /proc/PID/pagemap as it is read, an u64 a page, and clear_refs (fs/proc/task_mmu.c).
import { USER_PAGES_END } from "../../memory/page.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, TABLE_PAGES } from "./entry.ts";
import { HugeEntry, regionOf } from "./page-table.ts";
import { VmFlag } from "./vma.ts";
import { CONTINUE, walk } from "./walker.ts";

/** Bits of an entry (Documentation/admin-guide/mm/pagemap.rst). */
export const PagemapBit = {
  SOFT_DIRTY: 1n << 55n,
  EXCLUSIVE: 1n << 56n,
  UFFD_WP: 1n << 57n,
  GUARD: 1n << 58n,
  FILE: 1n << 61n,
  SWAPPED: 1n << 62n,
  PRESENT: 1n << 63n,
} as const;

/** Fills in what stands for the pages from `first` on, up to the end of user addresses. @returns how many were filled. */
export function readPagemap(mm: AddressSpace, first: number, into: BigUint64Array): number {
  const count = Math.max(0, Math.min(into.length, USER_PAGES_END - first));
  for (let i = 0; i < count; i += 1) into[i] = pagemapEntry(mm, first + i);
  return count;
}

/** Soft-dirty apart, a page in no mapping reads as 0. */
function pagemapEntry(mm: AddressSpace, page: number): bigint {
  const vma = mm.vmas.at(page);
  if (!vma) return 0n;
  const { softDirty, guardCategory, hugeExclusiveByFirst } = mm.machine.profile;
  let bits = softDirty && vma.has(VmFlag.SOFTDIRTY) ? PagemapBit.SOFT_DIRTY : 0n;
  const region = regionOf(page);
  const entry = mm.table.get(region);
  if (!entry) return bits;
  const index = page - region * TABLE_PAGES;
  const isHuge = entry instanceof HugeEntry;
  const flags = isHuge ? entry.flags : entry.flags[index];
  const frame = isHuge ? entry.frame + index : entry.frames[index];
  if (flags === 0) return bits;
  if (softDirty && flags & Entry.SOFT_DIRTY) bits |= PagemapBit.SOFT_DIRTY;
  if (flags & Entry.UFFD_WP) bits |= PagemapBit.UFFD_WP;
  if ((flags & Entry.PRESENT) === 0) {
    if (guardCategory && flags & Entry.GUARD) bits |= PagemapBit.GUARD;
    // A marker for a whole hugetlb page tells of its protection alone.
    if (isHuge) return bits;
    return bits | PagemapBit.SWAPPED | (BigInt(flags & Entry.SWAP ? frame : 0) << 5n);
  }
  bits |= PagemapBit.PRESENT;
  // The huge page of zeroes counts as a file's; the small one is no page at all to the kernel.
  if (flags & Entry.ZERO) return isHuge ? bits | PagemapBit.FILE : bits;
  if ((flags & Entry.ANON) === 0) bits |= PagemapBit.FILE;
  // Newer kernels look only at a huge page's first page, to say whether anyone else maps it.
  const counted = isHuge && (hugeExclusiveByFirst || vma.isHugetlb) ? entry.frame : frame;
  if (mm.frames.mapCount(counted) === 1) bits |= PagemapBit.EXCLUSIVE;
  return bits | BigInt(frame);
}

/**
 * A write to clear_refs. Kind 4 forgets which pages are soft-dirty, of the whole process at once: there is no other reach.
 * Kinds 1 to 3 clear what the simulator does not keep (referenced bits).
 */
export function clearRefs(mm: AddressSpace, kind: number): number {
  if (!Number.isInteger(kind) || kind < 1 || kind > 5) return -Errno.EINVAL;
  if (kind !== 4) return 0;
  for (const vma of mm.vmas.areas) {
    vma.flags &= ~VmFlag.SOFTDIRTY;
    walk(
      mm.table,
      vma.start,
      vma.end,
      {
        huge: entry => {
          entry.flags &= ~Entry.SOFT_DIRTY;
          return CONTINUE;
        },
        leaf: ({ flags }, first, last) => {
          for (let i = first; i < last; i += 1) flags[i] &= ~Entry.SOFT_DIRTY;
          return CONTINUE;
        },
      },
      { observers: mm.observers },
    );
  }
  return 0;
}
