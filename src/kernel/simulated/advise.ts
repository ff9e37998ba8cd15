// madvise (mm/madvise.c): which advice may be given where, and what changes an area's flags.
import { Advice } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import * as Pages from "./advise-pages.ts";
import { alignUp, isAligned, toPage, wrappingSum } from "./arguments.ts";
import { collapse } from "./collapse.ts";
import { orNoMemory } from "./out-of-memory.ts";
import { type Vma, VmFlag } from "./vma.ts";
import type { Resumable } from "./work.ts";

const KNOWN = new Set<number>(Object.values(Advice));
const GUARDS: readonly number[] = [Advice.GUARD_INSTALL, Advice.GUARD_REMOVE];

export function* madvise(mm: AddressSpace, address: bigint, length: bigint, advice: number): Resumable<number> {
  const { guardRegions } = mm.machine.profile;
  if (!KNOWN.has(advice) || (!guardRegions && GUARDS.includes(advice)) || !isAligned(address)) return -Errno.EINVAL;
  const bytes = alignUp(length);
  if (length !== 0n && bytes === 0n) return -Errno.EINVAL;
  const endAddress = wrappingSum(address, bytes);
  if (endAddress < address) return -Errno.EINVAL;
  if (endAddress === address) return 0;
  const start = toPage(address);
  const end = toPage(endAddress);
  if (advice === Advice.POPULATE_READ || advice === Advice.POPULATE_WRITE) {
    return yield* Pages.populateAll(mm, start, end, advice === Advice.POPULATE_WRITE);
  }
  return yield* walkAreas(mm, start, end, (vma, first, last) => adviseArea(mm, vma, first, last, advice));
}

/** madvise_walk_vmas: gaps are passed over, but told at the end. */
function* walkAreas(
  mm: AddressSpace,
  start: number,
  end: number,
  visit: (vma: Vma, start: number, end: number) => number | Resumable<number>,
): Resumable<number> {
  let result = 0;
  let at = start;
  while (at < end) {
    const vma = mm.vmas.areas[mm.vmas.indexAfter(at)];
    if (!vma) return -Errno.ENOMEM;
    if (at < vma.start) {
      result = -Errno.ENOMEM;
      at = vma.start;
      if (at >= end) break;
    }
    const last = Math.min(vma.end, end);
    const answer = visit(vma, at, last);
    const refused = typeof answer === "number" ? answer : yield* answer;
    if (refused < 0) return refused;
    mm.work.done += 1;
    at = last;
    yield;
  }
  return result;
}

/** madvise_vma_behavior. */
function adviseArea(
  mm: AddressSpace,
  vma: Vma,
  start: number,
  end: number,
  advice: number,
): number | Resumable<number> {
  switch (advice) {
    case Advice.REMOVE:
      return Pages.punchHole(mm, vma, start, end);
    case Advice.WILLNEED:
      return 0;
    case Advice.COLD:
    case Advice.PAGEOUT:
      return vma.has(VmFlag.LOCKED | VmFlag.SPECIAL | VmFlag.HUGETLB)
        ? -Errno.EINVAL
        : Pages.pageOut(mm, vma, start, end, advice === Advice.PAGEOUT);
    case Advice.FREE:
    case Advice.DONTNEED:
    case Advice.DONTNEED_LOCKED:
      return Pages.discard(mm, vma, start, end, advice);
    case Advice.COLLAPSE:
      return collapse(mm, vma, start, end);
    case Advice.GUARD_INSTALL:
      return Pages.installGuards(mm, vma, start, end);
    case Advice.GUARD_REMOVE:
      return Pages.removeGuards(mm, vma, start, end);
  }
  const flags = advisedFlags(vma, advice);
  if (flags < 0 && flags >= -200) return flags;
  if (flags !== vma.flags && (!vma.canSplitAt(start) || !vma.canSplitAt(end))) return -Errno.EINVAL;
  if (flags !== vma.flags && orNoMemory(() => mm.vmas.modify(vma, start, end, { flags }).start) < 0)
    return -Errno.EAGAIN;
  return 0;
}

/** @returns the area's new flags, or -errno. */
function advisedFlags(vma: Vma, advice: number): number {
  const { flags } = vma;
  switch (advice) {
    case Advice.NORMAL:
      return flags & ~(VmFlag.RAND_READ | VmFlag.SEQ_READ);
    case Advice.SEQUENTIAL:
      return (flags & ~VmFlag.RAND_READ) | VmFlag.SEQ_READ;
    case Advice.RANDOM:
      return (flags & ~VmFlag.SEQ_READ) | VmFlag.RAND_READ;
    case Advice.DONTFORK:
      return flags | VmFlag.DONTCOPY;
    case Advice.DOFORK:
      return vma.has(VmFlag.SPECIAL | VmFlag.DONTEXPAND) ? -Errno.EINVAL : flags & ~VmFlag.DONTCOPY;
    case Advice.WIPEONFORK:
      return vma.file || vma.has(VmFlag.SHARED) ? -Errno.EINVAL : flags | VmFlag.WIPEONFORK;
    case Advice.KEEPONFORK:
      return vma.has(VmFlag.DROPPABLE) ? -Errno.EINVAL : flags & ~VmFlag.WIPEONFORK;
    case Advice.DONTDUMP:
      return flags | VmFlag.DONTDUMP;
    case Advice.DODUMP:
      return vma.has(VmFlag.DROPPABLE) || (!vma.isHugetlb && vma.has(VmFlag.SPECIAL | VmFlag.DONTEXPAND))
        ? -Errno.EINVAL
        : flags & ~VmFlag.DONTDUMP;
    case Advice.MERGEABLE:
      return vma.has(VmFlag.SHARED | VmFlag.MAYSHARE | VmFlag.SPECIAL | VmFlag.HUGETLB | VmFlag.DROPPABLE)
        ? flags
        : flags | VmFlag.MERGEABLE;
    case Advice.UNMERGEABLE:
      return flags & ~VmFlag.MERGEABLE;
    case Advice.HUGEPAGE:
      return (flags & ~VmFlag.NOHUGEPAGE) | VmFlag.HUGEPAGE;
    case Advice.NOHUGEPAGE:
      return (flags & ~VmFlag.HUGEPAGE) | VmFlag.NOHUGEPAGE;
  }
  return -Errno.EINVAL;
}
