// The calls on a userfaultfd (fs/userfaultfd.c, mm/userfaultfd.c).
import { PAGE_SIZE } from "../../memory/page.ts";
import { Uffd, UffdFeature, UffdMessage } from "../abi.ts";
import { Errno } from "../errno.ts";
import { isAligned, TASK_SIZE, toPage } from "./arguments.ts";
import { TABLE_PAGES } from "./entry.ts";
import { inPieces } from "./pieces.ts";
import { protectForUserfaultfd } from "./protect.ts";
import { readWords, type UserStruct, writeWords } from "./user-struct.ts";
import { type FaultWait, type UserfaultfdContext, usesMarkers } from "./userfaultfd-context.ts";
import { UFFD_FLAGS, type Vma, VmFlag } from "./vma.ts";
import type { Wait } from "./waiting.ts";
import type { Resumable } from "./work.ts";

/** All features of Linux 6.18, bits 0 to 16 (UFFD_API_FEATURES). */
const ALL_FEATURES = 0x1ffffn;
/** REGISTER, UNREGISTER, API. */
const API_IOCTLS = 0x8000000000000003n;
/** WAKE to POISON, and those of them that hugetlb memory has. */
const RANGE_IOCTLS = 0x1fcn;
const HUGETLB_IOCTLS = 0x1ccn;
const MODE = { MISSING: 1n, WP: 2n, MINOR: 4n } as const;
const PROTECT_MODE = { WP: 1n, DONTWAKE: 2n } as const;
const CONTINUE_BIT = 1n << 7n;
const WRITEPROTECT_BIT = 1n << 6n;
/** vm.mmap_min_addr, below which older kernels watch nothing. */
const LOWEST_ADDRESS = 65536n;

/** userfaultfd_ioctl. */
export function* userfaultfdIoctl(context: UserfaultfdContext, request: number, struct: UserStruct): Resumable<number> {
  if (request === Uffd.API_REQUEST) return yield* negotiate(context, struct);
  if (!context.isInitialized) return -Errno.EINVAL;
  switch (request) {
    case Uffd.REGISTER_REQUEST:
      return yield* register(context, struct);
    case Uffd.UNREGISTER_REQUEST:
      return yield* unregister(context, struct);
    case Uffd.WRITEPROTECT_REQUEST:
      return yield* writeProtect(context, struct);
    case Uffd.WAKE_REQUEST:
      return yield* wake(context, struct);
  }
  return -Errno.EINVAL;
}

function* negotiate(context: UserfaultfdContext, struct: UserStruct): Resumable<number> {
  const words = yield* readWords(struct, 3);
  if (!words) return -Errno.EFAULT;
  const [api, features] = words;
  const isSound = api === BigInt(Uffd.API) && (features & ~ALL_FEATURES) === 0n;
  if (isSound && !(yield* writeWords(struct, 0, api, ALL_FEATURES, API_IOCTLS))) return -Errno.EFAULT;
  if (!isSound || context.isInitialized) {
    return (yield* writeWords(struct, 0, 0n, 0n, 0n)) ? -Errno.EINVAL : -Errno.EFAULT;
  }
  context.isInitialized = true;
  context.features = Number(features);
  if (context.isAsync) context.features |= UffdFeature.WP_UNPOPULATED;
  return 0;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly areas: readonly Vma[];
}

/** What a range given in bytes holds; -errno where it is none, or holds nothing, or begins within a hugetlb page. */
function registrable(context: UserfaultfdContext, startAddress: bigint, length: bigint): Range | number {
  const { mm } = context;
  if (!isRange(context, startAddress, length)) return -Errno.EINVAL;
  if (!mm.isAlive) return -Errno.ENOMEM;
  const start = toPage(startAddress);
  const end = toPage(startAddress + length);
  const areas = mm.vmas.overlapping(start, end);
  return areas.length === 0 || isMisaligned(areas[0], start) ? -Errno.EINVAL : { start, end, areas };
}

function* register(context: UserfaultfdContext, struct: UserStruct): Resumable<number> {
  const { mm } = context;
  // The kernel reads all but the last word, and stores only that.
  const words = yield* readWords(struct, 3);
  if (!words) return -Errno.EFAULT;
  const [startAddress, length, mode] = words;
  if (mode === 0n || mode & ~(MODE.MISSING | MODE.WP | MODE.MINOR)) return -Errno.EINVAL;
  const wanted =
    (mode & MODE.MISSING ? VmFlag.UFFD_MISSING : 0) |
    (mode & MODE.WP ? VmFlag.UFFD_WP : 0) |
    (mode & MODE.MINOR ? VmFlag.UFFD_MINOR : 0);
  const range = registrable(context, startAddress, length);
  if (typeof range === "number") return range;
  const { start, end, areas } = range;
  for (const vma of areas) {
    if (!canUserfault(context, vma, wanted)) return -Errno.EINVAL;
    if (!vma.has(VmFlag.MAYWRITE)) return -Errno.EPERM;
    if (end <= vma.end && isMisaligned(vma, end)) return -Errno.EINVAL;
    if (vma.uffd && vma.uffd !== context) return -Errno.EBUSY;
  }
  const hugetlb = areas.some(vma => vma.isHugetlb);
  eachArea(context, start, end, (vma, first, last) => {
    if (vma.uffd === context && (vma.flags & wanted) === wanted) return;
    mm.vmas.modify(vma, first, last, { flags: (vma.flags & ~UFFD_FLAGS) | wanted, uffd: context });
  });
  let ioctls = hugetlb ? HUGETLB_IOCTLS : RANGE_IOCTLS;
  if (!(mode & MODE.WP)) ioctls &= ~WRITEPROTECT_BIT;
  if (!(mode & MODE.MINOR)) ioctls &= ~CONTINUE_BIT;
  return (yield* writeWords(struct, 3, ioctls)) ? 0 : -Errno.EFAULT;
}

function* unregister(context: UserfaultfdContext, struct: UserStruct): Resumable<number> {
  const words = yield* readWords(struct, 2);
  if (!words) return -Errno.EFAULT;
  const range = registrable(context, words[0], words[1]);
  if (typeof range === "number") return range;
  const { start, end, areas } = range;
  for (const vma of areas) {
    if (vma.uffd && vma.uffd !== context && context.mm.machine.profile.unregistersOwnOnly) return -Errno.EINVAL;
    if (!canUserfault(context, vma, vma.flags & UFFD_FLAGS)) return -Errno.EINVAL;
  }
  eachArea(context, start, end, (vma, first, last) => {
    if (!vma.uffd) return;
    // Who waits with a store to a protected page is left waiting, for UFFDIO_WAKE or the end of the userfaultfd.
    if (vma.has(VmFlag.UFFD_MISSING)) context.wake(first * PAGE_SIZE, last * PAGE_SIZE);
    clearArea(context, vma, first, last);
  });
  return 0;
}

function* wake(context: UserfaultfdContext, struct: UserStruct): Resumable<number> {
  const words = yield* readWords(struct, 2);
  if (!words) return -Errno.EFAULT;
  const [start, length] = words;
  if (!isRange(context, start, length)) return -Errno.EINVAL;
  context.wake(Number(start), Number(start + length));
  return 0;
}

function* writeProtect(context: UserfaultfdContext, struct: UserStruct): Resumable<number> {
  const { mm } = context;
  const words = yield* readWords(struct, 3);
  if (!words) return -Errno.EFAULT;
  const [startAddress, length, mode] = words;
  if (!isRange(context, startAddress, length)) return -Errno.EINVAL;
  if (mode & ~(PROTECT_MODE.WP | PROTECT_MODE.DONTWAKE)) return -Errno.EINVAL;
  if (mode === (PROTECT_MODE.WP | PROTECT_MODE.DONTWAKE)) return -Errno.EINVAL;
  if (!mm.isAlive) return -Errno.ESRCH;
  const start = toPage(startAddress);
  const end = toPage(startAddress + length);
  const areas = mm.vmas.overlapping(start, end);
  if (areas.length === 0) return -Errno.ENOENT;
  for (const vma of areas) {
    if (!vma.isWriteProtected) return -Errno.ENOENT;
    if (isMisaligned(vma, start) || isMisaligned(vma, end)) return -Errno.EINVAL;
    const isProtected = (mode & PROTECT_MODE.WP) !== 0n;
    yield* inPieces(
      mm,
      Math.max(start, vma.start),
      Math.min(end, vma.end),
      (from, to) => {
        protectForUserfaultfd(mm, vma, from, to, isProtected);
        return 0;
      },
      isProtected && usesMarkers(vma),
    );
    yield;
  }
  if (mode === 0n) context.wake(start * PAGE_SIZE, end * PAGE_SIZE);
  return 0;
}

/** What one read(2) waits for: that there is something to read. */
class ReadWait implements Wait {
  private readonly context: UserfaultfdContext;

  constructor(context: UserfaultfdContext) {
    this.context = context;
  }

  get isOver(): boolean {
    return this.context.hasUnread;
  }

  get mayBeAnswered(): boolean {
    return false;
  }

  giveUp(): void {}
}

/**
 * userfaultfd_read_iter: as many messages as there are and as fit, waiting for the first where the descriptor may wait.
 * @param put stores a message that many bytes behind the buffer's begin. @returns false where that can't be.
 */
export function* readUserfaultfd(
  context: UserfaultfdContext,
  length: bigint,
  mayWait: boolean,
  put: (offset: number, message: Uint8Array) => Resumable<boolean>,
): Resumable<number> {
  if (!context.isInitialized) return -Errno.EINVAL;
  let done = 0;
  while (length - BigInt(done) >= BigInt(UffdMessage.SIZE)) {
    const fault = context.next();
    if (fault) {
      if (!(yield* put(done, messageOf(context, fault)))) return done || -Errno.EFAULT;
      done += UffdMessage.SIZE;
    } else if (done > 0) {
      return done;
    } else if (!mayWait) {
      return -Errno.EAGAIN;
    } else {
      yield new ReadWait(context);
    }
  }
  return done || -Errno.EINVAL;
}

/** struct uffd_msg. */
function messageOf({ features }: UserfaultfdContext, { flags, address, task }: FaultWait): Uint8Array {
  const bytes = new Uint8Array(UffdMessage.SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint8(UffdMessage.AT.EVENT, UffdMessage.PAGEFAULT);
  view.setBigUint64(UffdMessage.AT.FLAGS, BigInt(flags), true);
  view.setBigUint64(UffdMessage.AT.ADDRESS, BigInt(address), true);
  if (features & UffdFeature.THREAD_ID) view.setUint32(UffdMessage.AT.THREAD, task.id, true);
  return bytes;
}

/** Disarms everything and lets everybody go on who waits, as the kernel does when the last descriptor is closed (userfaultfd_release). */
export function releaseUserfaultfd(context: UserfaultfdContext): void {
  const { mm } = context;
  if (mm.isAlive) {
    eachArea(context, 0, toPage(TASK_SIZE), (vma, first, last) => {
      if (vma.uffd === context) clearArea(context, vma, first, last);
    });
  }
  context.wake(0, Number.POSITIVE_INFINITY);
}

/** userfaultfd_clear_vma. */
function clearArea({ mm }: UserfaultfdContext, vma: Vma, start: number, end: number): void {
  if (vma.isWriteProtected) protectForUserfaultfd(mm, vma, start, end, false);
  mm.vmas.modify(vma, start, end, { flags: vma.flags & ~UFFD_FLAGS, uffd: undefined });
}

/** Visits the areas of a range by address: each visit may split and merge them. */
function eachArea(
  { mm }: UserfaultfdContext,
  start: number,
  end: number,
  visit: (vma: Vma, start: number, end: number) => void,
): void {
  let at = start;
  while (at < end) {
    const vma = mm.vmas.areas[mm.vmas.indexAfter(at)];
    if (!vma || vma.start >= end) return;
    const last = Math.min(vma.end, end);
    visit(vma, Math.max(vma.start, start, at), last);
    at = last;
  }
}

/** validate_range. */
function isRange({ mm }: UserfaultfdContext, start: bigint, length: bigint): boolean {
  const lowest = mm.machine.profile.watchesLowAddresses ? 0n : LOWEST_ADDRESS;
  return (
    isAligned(start) &&
    isAligned(length) &&
    length !== 0n &&
    start >= lowest &&
    start < TASK_SIZE &&
    length <= TASK_SIZE - start
  );
}

/** vma_can_userfault. */
function canUserfault({ mm, isAsync }: UserfaultfdContext, vma: Vma, wanted: number): boolean {
  const inMemory = vma.isAnonymous || vma.isHugetlb || vma.file?.inMemory === true;
  if (vma.has(VmFlag.SPECIAL)) return false;
  if (vma.has(VmFlag.DROPPABLE) && mm.machine.profile.droppableUnwatched) return false;
  if (wanted & VmFlag.UFFD_MINOR && (vma.isAnonymous || !inMemory)) return false;
  if (isAsync && wanted === VmFlag.UFFD_WP) return true;
  return inMemory;
}

function isMisaligned(vma: Vma, page: number): boolean {
  return vma.isHugetlb && page % TABLE_PAGES !== 0;
}
