// mmap, munmap and brk (mm/mmap.c, mm/vma.c).

import { PAGE_SIZE, USER_PAGES_END } from "../../memory/page.ts";
import { MapFlag, Protection } from "../abi.ts";
import { Errno } from "../errno.ts";
import type { AddressSpace } from "./address-space.ts";
import { alignUp, isAligned, TASK_SIZE, toPage, wrappingSum } from "./arguments.ts";
import { TABLE_PAGES } from "./entry.ts";
import type { Description } from "./open-file.ts";
import { inPieces } from "./pieces.ts";
import { populate } from "./populate.ts";
import { STACK_GUARD_GAP } from "./stack-growth.ts";
import { Vma, VmFlag } from "./vma.ts";
import { MOST_AREAS } from "./vma-list.ts";
import { finished, type Resumable } from "./work.ts";
import { freeTables, zap } from "./zap.ts";

/** What a hint is rounded up to (vm.mmap_min_addr). */
const LOWEST_ADDRESS = 65536n;
const HUGETLB_PAGES = 512;
/** MAX_LFS_FILESIZE. */
const MOST_FILE_BYTES = 0x7fffffffffffffffn;
const MOST_OFFSET = 0xffffffffffffffffn;
/** LEGACY_MAP_MASK: what MAP_SHARED_VALIDATE knows for files in memory. */
const VALIDATED_FLAGS =
  MapFlag.SHARED_VALIDATE |
  MapFlag.FIXED |
  MapFlag.ANONYMOUS |
  0x800 |
  0x1000 |
  MapFlag.GROWSDOWN |
  MapFlag.LOCKED |
  MapFlag.NORESERVE |
  MapFlag.POPULATE |
  MapFlag.NONBLOCK |
  MapFlag.STACK |
  MapFlag.HUGETLB |
  0x4000000 |
  0x40;

/** @returns the mapping's address, or -errno. */
export function* mmap(
  mm: AddressSpace,
  address: bigint,
  length: bigint,
  protection: number,
  mapFlags: number,
  file: Description | undefined,
  offset: bigint,
): Resumable<number> {
  if (!isAligned(offset)) return -Errno.EINVAL;
  const isAnonymous = (mapFlags & MapFlag.ANONYMOUS) !== 0;
  if (!isAnonymous && !file) return -Errno.EBADF;
  if (length === 0n) return -Errno.EINVAL;
  const isFixed = (mapFlags & (MapFlag.FIXED | MapFlag.FIXED_NOREPLACE)) !== 0;
  const hugetlb = isAnonymous && (mapFlags & MapFlag.HUGETLB) !== 0;
  const bytes = hugetlb ? BigInt.asUintN(64, length + 0x1fffffn) & ~0x1fffffn : alignUp(length);
  if (bytes === 0n) return hugetlb ? -Errno.EINVAL : -Errno.ENOMEM;
  const pages = bytes >> 12n;
  const fileOffset = offset >> 12n;
  if (BigInt.asUintN(64, fileOffset + pages) < fileOffset) return -Errno.EOVERFLOW;
  if (mm.vmas.areas.length > MOST_AREAS) return -Errno.ENOMEM;
  const place = findPlace(mm, address, bytes, isFixed, hugetlb);
  if (place < 0) return place;
  const start = place;
  const end = start + Number(pages);
  if (mapFlags & MapFlag.FIXED_NOREPLACE && mm.vmas.overlapping(start, end).length > 0) return -Errno.EEXIST;

  let flags = accessFlags(protection) | VmFlag.MAYREAD | VmFlag.MAYWRITE | VmFlag.MAYEXEC;
  if (mapFlags & MapFlag.GROWSDOWN) flags |= VmFlag.GROWSDOWN;
  if (mapFlags & MapFlag.STACK) flags |= VmFlag.NOHUGEPAGE;
  if (mapFlags & MapFlag.LOCKED) flags |= VmFlag.LOCKED;
  const backing = isAnonymous ? undefined : file;
  const type = mapFlags & 0xf;
  // A file of no size of its own is limited by the offset's 64 bits alone (file_mmap_ok).
  const most = backing?.kind === "userfaultfd" ? MOST_OFFSET : MOST_FILE_BYTES;
  if (backing && (bytes > most || fileOffset > (most - bytes) >> 12n)) {
    return -Errno.EOVERFLOW;
  }
  const sharing = sharingFlags(type, mapFlags, flags, backing, protection, mm.machine.profile.droppable);
  if (sharing < 0) return sharing;
  flags |= sharing;
  // /proc and the inodes of no file system allow no code.
  if (backing && backing.kind !== "file") {
    return protection & Protection.EXEC && (backing.kind !== "userfaultfd" || mm.machine.profile.anonInodesNoExec)
      ? -Errno.EPERM
      : -Errno.ENODEV;
  }
  if (flags & VmFlag.GROWSDOWN && (backing || flags & VmFlag.MAYSHARE)) return -Errno.EINVAL;
  if (flags & VmFlag.MAYSHARE && backing && !backing.isWritable) flags &= ~(VmFlag.MAYWRITE | VmFlag.SHARED);
  if (mapFlags & MapFlag.NORESERVE) flags |= VmFlag.NORESERVE;
  if (hugetlb) flags |= VmFlag.HUGETLB | VmFlag.DONTEXPAND;

  if ((flags & (VmFlag.NORESERVE | VmFlag.SHARED | VmFlag.WRITE)) === VmFlag.WRITE && !hugetlb) {
    if (Number(pages) > mm.machine.totalPages) return -Errno.ENOMEM;
    flags |= VmFlag.ACCOUNT;
  }
  const memory =
    hugetlb || (!backing && flags & VmFlag.MAYSHARE) ? mm.machine.newSharedMemory(Number(bytes), hugetlb) : undefined;
  if (memory && hugetlb && !(flags & VmFlag.NORESERVE)) {
    const promised = mm.machine.hugetlb.promise(memory, Number(pages) / HUGETLB_PAGES);
    if (promised < 0) return promised;
  }
  const refused = yield* unmapPages(mm, start, end);
  if (refused < 0) return refused;
  const memoryFile = backing?.file ?? memory;
  // Memory of no file is known by where it was made.
  const firstPage = backing ? Number(fileOffset) : memoryFile ? 0 : start;
  const traits = { flags: flags | VmFlag.SOFTDIRTY, file: memoryFile, opening: backing, uffd: undefined };
  const vma = mm.vmas.add(start, end, firstPage, traits);
  // A mapping that has only grown is all soft-dirty too: it might be another in the old one's place.
  vma.flags |= VmFlag.SOFTDIRTY;
  if (mapFlags & MapFlag.LOCKED || (mapFlags & (MapFlag.POPULATE | MapFlag.NONBLOCK)) === MapFlag.POPULATE)
    yield* populate(mm, vma, start, end);
  return start * PAGE_SIZE;
}

/** What the way of sharing adds to an area's flags (do_mmap's switch over MAP_TYPE). @returns -errno where there is no such way. */
function sharingFlags(
  type: number,
  mapFlags: number,
  flags: number,
  backing: Description | undefined,
  protection: number,
  knowsDroppable: boolean,
): number {
  const isReadOnly = backing !== undefined && !(backing.kind === "file" && backing.isWritable);
  switch (type) {
    case MapFlag.PRIVATE:
      return 0;
    case MapFlag.SHARED_VALIDATE:
      if (!backing) return -Errno.EINVAL;
      if (mapFlags & ~VALIDATED_FLAGS) return -Errno.EOPNOTSUPP;
      return protection & Protection.WRITE && isReadOnly ? -Errno.EACCES : VmFlag.SHARED | VmFlag.MAYSHARE;
    case MapFlag.SHARED:
      return protection & Protection.WRITE && isReadOnly ? -Errno.EACCES : VmFlag.SHARED | VmFlag.MAYSHARE;
    case MapFlag.DROPPABLE:
      if (!knowsDroppable || backing || mapFlags & (MapFlag.LOCKED | MapFlag.HUGETLB) || flags & VmFlag.GROWSDOWN)
        return -Errno.EINVAL;
      return VmFlag.DROPPABLE | VmFlag.NORESERVE | VmFlag.WIPEONFORK | VmFlag.DONTDUMP;
  }
  return -Errno.EINVAL;
}

/** munmap(2). */
export function* munmap(mm: AddressSpace, address: bigint, length: bigint): Resumable<number> {
  if (!isAligned(address) || address > TASK_SIZE || length > TASK_SIZE - address) return -Errno.EINVAL;
  const bytes = alignUp(length);
  if (bytes === 0n) return -Errno.EINVAL;
  return yield* unmapPages(mm, toPage(address), toPage(address + bytes));
}

/** Takes away whatever is mapped in pages [start, end), with its tables (do_vmi_align_munmap). */
export function* unmapPages(mm: AddressSpace, start: number, end: number): Resumable<number> {
  const touched = mm.vmas.overlapping(start, end);
  if (touched.length === 0) return 0;
  const cuts = (page: number): boolean =>
    touched.some(vma => vma.start < page && page < vma.end && !vma.canSplitAt(page));
  if (cuts(start) || cuts(end)) return -Errno.EINVAL;
  const first = touched[0];
  if (first.start < start && first.end > end && mm.vmas.areas.length >= MOST_AREAS) return -Errno.ENOMEM;
  if (first.start < start) touched[0] = mm.vmas.split(first, start);
  const last = touched[touched.length - 1];
  if (last.end > end) mm.vmas.split(last, end);
  for (const vma of touched) {
    yield* inPieces(mm, vma.start, vma.end, (from, to) => {
      zap(mm, vma, from, to, { dropMarkers: true });
      return 0;
    });
    yield;
  }
  mm.vmas.removeAll(touched);
  const index = mm.vmas.indexAfter(start);
  const files = new Set(touched.map(({ file }) => file));
  for (const file of files) if (file?.inMemory) mm.machine.dropUnused(file);
  const floor = mm.vmas.areas[index - 1]?.end ?? 0;
  const ceiling = mm.vmas.areas[index]?.start ?? USER_PAGES_END;
  freeTables(mm, touched[0].start, last.end, floor, ceiling);
  return 0;
}

/** brk(2): answers the break that holds afterwards, the old one where it can't be moved. */
export function brk(mm: AddressSpace, address: bigint): number {
  const wanted = Number(address);
  if (address > TASK_SIZE || wanted < mm.startBrk) return mm.brk;
  const oldEnd = Math.ceil(mm.brk / PAGE_SIZE);
  const newEnd = Math.ceil(wanted / PAGE_SIZE);
  const moved = newEnd === oldEnd || (wanted <= mm.brk ? shrinkHeap(mm, newEnd, oldEnd) : growHeap(mm, oldEnd, newEnd));
  if (moved) mm.brk = wanted;
  return mm.brk;
}

function shrinkHeap(mm: AddressSpace, newEnd: number, oldEnd: number): boolean {
  const areas = mm.vmas.overlapping(newEnd, oldEnd);
  return areas.length > 0 && finished(unmapPages(mm, newEnd, oldEnd)) === 0;
}

/** A page must be left to the next mapping, and a stack's guard gap. */
function growHeap(mm: AddressSpace, oldEnd: number, newEnd: number): boolean {
  const next = mm.vmas.areas[mm.vmas.indexAfter(oldEnd)];
  const gap = next?.has(VmFlag.GROWSDOWN) ? STACK_GUARD_GAP : 0;
  if (next && newEnd + 1 > Math.max(0, next.start - gap)) return false;
  if (newEnd > toPage(TASK_SIZE) || newEnd - oldEnd > mm.machine.totalPages) return false;
  if (mm.vmas.areas.length > MOST_AREAS) return false;
  const flags =
    accessFlags(Protection.READ | Protection.WRITE) |
    VmFlag.MAYREAD |
    VmFlag.MAYWRITE |
    VmFlag.MAYEXEC |
    VmFlag.ACCOUNT |
    VmFlag.SOFTDIRTY;
  const traits = { flags, file: undefined, uffd: undefined };
  // It never joins what lies above, as a gap is between them, nor what ends where the heap begins.
  if (oldEnd === Math.ceil(mm.startBrk / PAGE_SIZE)) mm.vmas.insert(new Vma(oldEnd, newEnd, oldEnd, traits));
  else mm.vmas.add(oldEnd, newEnd, oldEnd, traits).flags |= VmFlag.SOFTDIRTY;
  return true;
}

export function accessFlags(protection: number): number {
  return (
    (protection & Protection.READ ? VmFlag.READ : 0) |
    (protection & Protection.WRITE ? VmFlag.WRITE : 0) |
    (protection & Protection.EXEC ? VmFlag.EXEC : 0)
  );
}

/** __get_unmapped_area. @returns a page, or -errno. */
function findPlace(mm: AddressSpace, address: bigint, bytes: bigint, isFixed: boolean, hugetlb: boolean): number {
  if (bytes > TASK_SIZE) return -Errno.ENOMEM;
  if (isFixed) {
    if (address > TASK_SIZE - bytes) return -Errno.ENOMEM;
    if (!isAligned(address)) return -Errno.EINVAL;
    return hugetlb && toPage(address) % HUGETLB_PAGES !== 0 ? -Errno.EINVAL : toPage(address);
  }
  const pages = toPage(bytes);
  const rounded = address & ~0xfffn;
  const hint = rounded !== 0n && rounded < LOWEST_ADDRESS ? LOWEST_ADDRESS : rounded;
  if (hint !== 0n && wrappingSum(hint, bytes) <= TASK_SIZE && hint <= TASK_SIZE - bytes && !hugetlb) {
    const page = toPage(hint);
    if (isRoomAt(mm, page, pages)) return page;
  }
  const alignment = hugetlb || pages % TABLE_PAGES === 0 ? TABLE_PAGES : 1;
  return highestGap(mm, pages, alignment);
}

/** Whether nothing is in the way at a hint, a stack's guard gap above included. */
function isRoomAt(mm: AddressSpace, page: number, pages: number): boolean {
  const index = mm.vmas.indexAfter(page);
  const next = mm.vmas.areas[index];
  if (!next) return true;
  const gap = next.has(VmFlag.GROWSDOWN) ? STACK_GUARD_GAP : 0;
  return page + pages <= next.start - gap;
}

/** The highest gap below mmapBase that is large enough (vm_unmapped_area, top down). @returns its first page, or -errno. */
export function highestGap(mm: AddressSpace, pages: number, alignment = 1): number {
  const { areas } = mm.vmas;
  const guarded = (vma: Vma): number => vma.start - (vma.has(VmFlag.GROWSDOWN) ? STACK_GUARD_GAP : 0);
  let top = mm.mmapBase;
  let index = mm.vmas.indexAfter(top);
  // A mapping may have grown across the base.
  if (index < areas.length) top = Math.min(top, guarded(areas[index]));
  for (; index >= 0; index -= 1) {
    const below = areas[index - 1];
    const bottom = below?.end ?? Number(LOWEST_ADDRESS >> 12n);
    const start = Math.floor((top - pages) / alignment) * alignment;
    if (start >= bottom) return start;
    if (below) top = Math.min(top, guarded(below));
  }
  return -Errno.ENOMEM;
}
