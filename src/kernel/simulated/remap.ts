// mremap (mm/mremap.c; Linux 6.17 has it written anew, and the profile says which).
import { PAGE_SIZE } from "../../memory/page.ts";
import { RemapFlag, UffdEvent } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { alignUp, isAligned, TASK_SIZE, toPage } from "./arguments.ts";
import { Entry, TABLE_PAGES } from "./entry.ts";
import { highestGap, unmapPages } from "./map.ts";
import { moveTables } from "./move-tables.ts";
import { populate } from "./populate.ts";
import { UFFD_FLAGS, type Vma, VmFlag } from "./vma.ts";
import { MOST_AREAS } from "./vma-list.ts";
import { CONTINUE, walk } from "./walker.ts";
import type { Resumable } from "./work.ts";

/** As many as 64 bits can address. */
const ALL_PAGES = 2 ** 52;

interface Remap {
  readonly start: number;
  readonly oldPages: number;
  readonly newPages: number;
  readonly flags: number;
  /** Where to; with FIXED and DONTUNMAP. */
  readonly target: number;
}

/** @returns the mapping's address now, or -errno. */
export function* mremap(
  mm: AddressSpace,
  address: bigint,
  oldLength: bigint,
  newLength: bigint,
  flags: number,
  newAddress: bigint,
): Resumable<number> {
  const { MAYMOVE, FIXED, DONTUNMAP } = RemapFlag;
  const { remapRewritten } = mm.machine.profile;
  const oldBytes = alignUp(oldLength);
  const newBytes = alignUp(newLength);
  const moves = (flags & (FIXED | DONTUNMAP)) !== 0;
  if (flags & ~(MAYMOVE | FIXED | DONTUNMAP) || !isAligned(address) || newBytes === 0n) return -Errno.EINVAL;
  if (moves && !(flags & MAYMOVE)) return -Errno.EINVAL;
  const isSameSize = remapRewritten ? oldBytes === newBytes : oldLength === newLength;
  if (flags & DONTUNMAP && !isSameSize) return -Errno.EINVAL;
  const oldEnd = BigInt.asUintN(64, address + oldBytes);
  const isSound =
    newBytes <= TASK_SIZE &&
    (!moves ||
      (newAddress <= TASK_SIZE - newBytes &&
        isAligned(newAddress) &&
        (newAddress + newBytes <= address || oldEnd <= newAddress)));
  if (remapRewritten && !isSound) return -Errno.EINVAL;
  if (address >= TASK_SIZE) return -Errno.EFAULT;
  const remap: Remap = {
    start: toPage(address),
    oldPages: toPage(oldBytes),
    newPages: toPage(newBytes),
    flags,
    target: toPage(newAddress),
  };
  if (remapRewritten && flags & FIXED && oldBytes === newBytes) return yield* moveAll(mm, remap);
  const vma = mm.vmas.at(remap.start);
  if (!vma) return -Errno.EFAULT;
  const refused = remapRewritten || !moves ? checkArea(vma, remap) : checkHugetlb(vma, remap);
  if (refused < 0) return refused;
  if (moves && !isSound) return -Errno.EINVAL;
  return yield* moves ? moveTo(mm, remap) : resize(mm, vma, remap);
}

/** remap_move: several areas may move together, with the gaps between them, where none is a userfaultfd's. */
function* moveAll(mm: AddressSpace, remap: Remap): Resumable<number> {
  const end = remap.start + remap.oldPages;
  let { target } = remap;
  let result = -Errno.EFAULT;
  let seen = false;
  let lastEnd = 0;
  let at = remap.start;
  while (at < end) {
    const vma = mm.vmas.areas[mm.vmas.indexAfter(at)];
    if (!vma || vma.start >= end) break;
    const start = Math.max(vma.start, remap.start);
    if (!seen && remap.start < start) return -Errno.EFAULT;
    const pages = Math.min(end, vma.end) - start;
    const offset = seen ? vma.start - lastEnd : 0;
    lastEnd = vma.end;
    if (vma.has(UFFD_FLAGS) && (seen || vma.end < end)) return -Errno.EFAULT;
    const part = { ...remap, start, oldPages: pages, newPages: pages, target: target + offset };
    const refused = checkArea(vma, part);
    const moved = refused < 0 ? refused : yield* moveTo(mm, part);
    if (moved < 0) return moved;
    if (!seen) result = moved;
    seen = true;
    target = moved / PAGE_SIZE + pages;
    at = start + pages;
  }
  return result;
}

function checkHugetlb(vma: Vma, { start, oldPages, newPages, target }: Remap): number {
  if (!vma.isHugetlb) return 0;
  const fits = newPages <= oldPages && [start, oldPages, newPages, target].every(page => vma.canSplitAt(page));
  return fits ? 0 : -Errno.EINVAL;
}

/** check_prep_vma; vma_to_resize before 6.17. */
function checkArea(vma: Vma | undefined, remap: Remap): number {
  if (!vma) return -Errno.EFAULT;
  const { start, oldPages, newPages, flags } = remap;
  const refused = checkHugetlb(vma, remap);
  if (refused < 0) return refused;
  const moves = (flags & (RemapFlag.FIXED | RemapFlag.DONTUNMAP)) !== 0;
  if (!moves && newPages <= oldPages) return 0;
  if (oldPages === 0 && !vma.has(VmFlag.SHARED | VmFlag.MAYSHARE)) return -Errno.EINVAL;
  if (flags & RemapFlag.DONTUNMAP && vma.has(VmFlag.DONTEXPAND | VmFlag.SPECIAL)) return -Errno.EINVAL;
  // What is given up before a move may reach beyond the area.
  if (Math.min(oldPages, newPages) > vma.end - start) return -Errno.EFAULT;
  if (newPages <= oldPages) return 0;
  if (vma.has(VmFlag.DONTEXPAND | VmFlag.SPECIAL)) return -Errno.EFAULT;
  return 0;
}

/** mremap_at: where it stays if it can. */
function* resize(mm: AddressSpace, vma: Vma, remap: Remap): Resumable<number> {
  const { start, oldPages, newPages, flags } = remap;
  if (newPages === oldPages) return start * PAGE_SIZE;
  if (newPages < oldPages) {
    const refused = yield* shrink(mm, remap);
    return refused < 0 ? refused : start * PAGE_SIZE;
  }
  const growth = newPages - oldPages;
  const newEnd = vma.end + growth;
  const fits =
    vma.end - start === oldPages && newEnd <= toPage(TASK_SIZE) && mm.vmas.overlapping(vma.end, newEnd).length === 0;
  if (fits) {
    if (!canCharge(mm, vma, growth)) return -Errno.ENOMEM;
    const grownFrom = vma.end;
    const grown = mm.vmas.add(grownFrom, newEnd, vma.fileIndex(grownFrom), vma, vma);
    if (grown.has(VmFlag.LOCKED)) yield* populate(mm, grown, grownFrom, newEnd);
    return start * PAGE_SIZE;
  }
  if (!(flags & RemapFlag.MAYMOVE)) return -Errno.ENOMEM;
  const target = highestGap(mm, newPages);
  return target < 0 ? target : yield* moveArea(mm, { ...remap, target });
}

/** shrink_vma: gives up what lies behind the new length, whatever is there; before 6.17 a length may go round all addresses. */
function* shrink(mm: AddressSpace, { start, oldPages, newPages }: Remap): Resumable<number> {
  const first = (start + newPages) % ALL_PAGES;
  const end = first + oldPages - newPages;
  return end > toPage(TASK_SIZE) ? -Errno.EINVAL : yield* unmapPages(mm, first, end);
}

/** mremap_to. */
function* moveTo(mm: AddressSpace, remap: Remap): Resumable<number> {
  const { start, oldPages, newPages, flags, target } = remap;
  if (flags & RemapFlag.FIXED) {
    const refused = yield* unmapPages(mm, target, target + newPages);
    if (refused < 0) return refused;
  }
  if (newPages < oldPages) {
    const refused = yield* shrink(mm, remap);
    if (refused < 0) return refused;
  }
  // Kernels before 6.17 look only now.
  const rest = { ...remap, oldPages: Math.min(oldPages, newPages) };
  const refused = checkArea(mm.vmas.at(start), rest);
  if (refused < 0) return refused;
  if (flags & RemapFlag.FIXED) return yield* moveArea(mm, rest);
  const isFree = target > 0 && mm.vmas.overlapping(target, target + newPages).length === 0;
  const found = isFree ? target : highestGap(mm, newPages);
  return found < 0 ? found : yield* moveArea(mm, { ...remap, target: found });
}

/** move_vma: a copy of the area in the new place, its page tables moved there, and the old one unmapped. */
function* moveArea(mm: AddressSpace, { start, oldPages, newPages, flags, target }: Remap): Resumable<number> {
  const vma = mm.vmas.at(start);
  if (!vma) return -Errno.EFAULT;
  const keepsOld = (flags & RemapFlag.DONTUNMAP) !== 0;
  // The unmapping that follows may split one area into three.
  if (mm.vmas.areas.length >= MOST_AREAS - 3) return -Errno.ENOMEM;
  if (!canCharge(mm, vma, keepsOld ? newPages : newPages - oldPages)) return -Errno.ENOMEM;
  // Private memory that holds no pages belongs to its new place, so that it can merge there.
  const offset = vma.isAnonymous && !vma.anonVma ? target : vma.fileIndex(start);
  const losesUserfaultfd = vma.uffd !== undefined && (vma.uffd.features & UffdEvent.REMAP) === 0;
  const whole = vma.start === start && vma.end === start + oldPages;
  const apart = keepsOld && !mm.machine.profile.sourceStaysWhole ? vma : undefined;
  const moved = mm.vmas.add(target, target + newPages, offset, vma, vma, apart);
  moveTables(mm, start, target, oldPages, losesUserfaultfd && mm.machine.profile.remapClearsProtection);
  if (losesUserfaultfd) {
    moved.uffd = undefined;
    moved.flags &= ~UFFD_FLAGS;
  }
  if (moved.has(VmFlag.LOCKED) && newPages > oldPages) yield* populate(mm, moved, target + oldPages, target + newPages);
  if (!keepsOld) {
    yield* unmapPages(mm, start, start + oldPages);
  } else {
    leaveEmpty(mm, start, start + oldPages, moved, whole);
  }
  return target * PAGE_SIZE;
}

/** dontunmap_complete: what stays behind is empty, not locked, and ties no pages. */
function leaveEmpty(mm: AddressSpace, start: number, end: number, moved: Vma, whole: boolean): void {
  let old = mm.vmas.at(start);
  if (!old) return;
  if (old.has(VmFlag.LOCKED)) {
    const flags = old.flags & ~VmFlag.LOCKED;
    if (!mm.machine.profile.sourceStaysWhole) old = mm.vmas.modify(old, start, end, { flags });
    old.flags = flags;
    lockPages(mm, old);
  }
  if (!whole || old === moved) return;
  old.anonVma = undefined;
  old.hasParents = false;
}

/** Nobody unlocks the pages that are there. */
function lockPages(mm: AddressSpace, { start, end }: Vma): void {
  walk(mm.table, start, end, {
    huge: ({ flags, frame }) => {
      if ((flags & (Entry.PRESENT | Entry.ZERO)) !== Entry.PRESENT) return CONTINUE;
      for (let i = 0; i < TABLE_PAGES; i += 1) mm.frames.lock(frame + i);
      return CONTINUE;
    },
    leaf: ({ flags, frames }, first, last) => {
      for (let i = first; i < last; i += 1) if (flags[i] & Entry.PRESENT) mm.frames.lock(frames[i]);
      return CONTINUE;
    },
  });
}

function canCharge(mm: AddressSpace, vma: Vma, pages: number): boolean {
  return !vma.has(VmFlag.ACCOUNT) || pages <= mm.machine.totalPages;
}
