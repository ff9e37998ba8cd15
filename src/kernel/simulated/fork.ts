// fork's part in memory (kernel/fork.c dup_mmap, mm/memory.c copy_page_range).
import { UffdEvent } from "../abi.ts";
import type { AddressSpace } from "./address-space.ts";
import { Entry, isUffdMarker, TABLE_PAGES } from "./entry.ts";
import { HugeEntry, regionOf } from "./page-table.ts";
import { inPieces } from "./pieces.ts";
import { AnonVma, UFFD_FLAGS, type Vma, VmFlag } from "./vma.ts";
import { CONTINUE, walk } from "./walker.ts";
import type { Resumable } from "./work.ts";

/**
 * Copies the memory into a child's, which is fresh: private pages are shared until one of the two writes. No userfaultfd follows.
 * @throws {OutOfMemory} what was copied so far is in the child's memory.
 */
export function* forkMemory(parent: AddressSpace, child: AddressSpace): Resumable<void> {
  child.startBrk = parent.startBrk;
  child.brk = parent.brk;
  child.startStack = parent.startStack;
  child.mmapBase = parent.mmapBase;
  for (const vma of parent.vmas.areas) {
    if (vma.has(VmFlag.DONTCOPY)) continue;
    const copy = vma.part(vma.start, vma.end);
    if (!copy.uffd || (copy.uffd.features & UffdEvent.FORK) === 0) {
      copy.uffd = undefined;
      copy.flags &= ~UFFD_FLAGS;
    }
    copy.flags &= ~VmFlag.LOCKED;
    if (vma.has(VmFlag.WIPEONFORK)) {
      copy.anonVma = undefined;
      copy.hasParents = false;
    } else if (vma.anonVma) {
      copy.anonVma = new AnonVma();
      copy.hasParents = true;
    }
    child.vmas.insert(copy);
    parent.work.done += 1;
    yield;
    if (!needsCopy(vma, copy)) continue;
    yield* inPieces(parent, vma.start, vma.end, (from, to) => copyTables(parent, child, copy, from, to));
  }
}

/** vma_needs_copy: the rest comes back by faults. */
function needsCopy(vma: Vma, copy: Vma): boolean {
  if (vma.has(VmFlag.WIPEONFORK)) return false;
  return copy.isWriteProtected || vma.anonVma !== undefined || vma.mayHoldGuards || vma.isHugetlb;
}

function copyTables(parent: AddressSpace, child: AddressSpace, copy: Vma, start: number, end: number): number {
  return walk(parent.table, start, end, {
    huge: (entry, region) => {
      if (isUffdMarker(entry.flags) && !copy.isWriteProtected) return CONTINUE;
      if (entry.flags & (Entry.ZERO | Entry.MARKER)) {
        child.table.set(region, new HugeEntry(keptFlags(entry.flags, copy), entry.frame, entry.isHugetlb));
        return CONTINUE;
      }
      for (let i = 0; i < TABLE_PAGES; i += 1) parent.frames.map(entry.frame + i);
      const copied = new HugeEntry(keptFlags(entry.flags, copy), entry.frame, entry.isHugetlb);
      // A file's pages stay writable by both.
      entry.mayBeShared ||= (entry.flags & Entry.ANON) !== 0;
      copied.mayBeShared = entry.mayBeShared;
      child.table.set(region, copied);
      return CONTINUE;
    },
    leaf: ({ flags, frames }, first, last, page) => {
      const region = regionOf(page);
      const there = child.table.get(region);
      const target = there instanceof HugeEntry ? child.table.split(region, there) : child.table.leaf(region);
      for (let i = first; i < last; i += 1) {
        const entry = flags[i];
        if (entry === 0 || (isUffdMarker(entry) && !copy.isWriteProtected)) continue;
        if (entry & Entry.PRESENT) parent.frames.map(frames[i]);
        else if (entry & Entry.SWAP) parent.machine.swap.share(frames[i]);
        target.flags[i] = keptFlags(entry, copy);
        target.frames[i] = frames[i];
      }
      return CONTINUE;
    },
  });
}

function keptFlags(flags: number, copy: Vma): number {
  return copy.isWriteProtected ? flags : flags & ~Entry.UFFD_WP;
}
