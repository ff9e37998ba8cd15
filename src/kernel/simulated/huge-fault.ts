// Faults on huge pages of private memory (mm/huge_memory.c).
import type { AddressSpace } from "./address-space.ts";
import { Entry, TABLE_PAGES } from "./entry.ts";
import { ZERO_FRAME } from "./frames.ts";
import { HugeEntry } from "./page-table.ts";
import { type Vma, VmFlag } from "./vma.ts";

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
export function makeHuge(mm: AddressSpace, vma: Vma, region: number, isWrite: boolean): void {
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
export function writeHuge(mm: AddressSpace, vma: Vma, region: number, entry: HugeEntry): boolean {
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
