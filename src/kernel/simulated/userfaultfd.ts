// The calls on a userfaultfd (fs/userfaultfd.c, mm/userfaultfd.c).
import { Uffd, UffdFeature } from "../abi.ts";
import { Errno } from "../errno.ts";
import { isAligned, TASK_SIZE, toPage } from "./arguments.ts";
import { TABLE_PAGES } from "./entry.ts";
import { inPieces } from "./pieces.ts";
import { protectForUserfaultfd } from "./protect.ts";
import { type UserfaultfdContext, usesMarkers } from "./userfaultfd-context.ts";
import { UFFD_FLAGS, type Vma, VmFlag } from "./vma.ts";
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
const LOWEST_ADDRESS = 65536n;

/** userfaultfd_ioctl. @param words the call's struct, in and out. */
export function* userfaultfdIoctl(
  context: UserfaultfdContext,
  request: number,
  words: BigUint64Array | undefined,
): Resumable<number> {
  if (request === Uffd.API_REQUEST) return negotiate(context, words);
  if (!context.isInitialized) return -Errno.EINVAL;
  const call = CALLS.get(request);
  if (!call) return -Errno.EINVAL;
  const answer = words ? call(context, words) : -Errno.EFAULT;
  return typeof answer === "number" ? answer : yield* answer;
}

function negotiate(context: UserfaultfdContext, words: BigUint64Array | undefined): number {
  if (!words) return -Errno.EFAULT;
  const features = words[1];
  if (words[0] !== BigInt(Uffd.API) || features & ~ALL_FEATURES) {
    words.fill(0n, 0, 3);
    return -Errno.EINVAL;
  }
  words[1] = ALL_FEATURES;
  words[2] = API_IOCTLS;
  if (context.isInitialized) {
    words.fill(0n, 0, 3);
    return -Errno.EINVAL;
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
function registrable({ mm }: UserfaultfdContext, startAddress: bigint, length: bigint): Range | number {
  if (!isRange(startAddress, length)) return -Errno.EINVAL;
  if (!mm.isAlive) return -Errno.ENOMEM;
  const start = toPage(startAddress);
  const end = toPage(startAddress + length);
  const areas = mm.vmas.overlapping(start, end);
  return areas.length === 0 || isMisaligned(areas[0], start) ? -Errno.EINVAL : { start, end, areas };
}

function register(context: UserfaultfdContext, words: BigUint64Array): number {
  const { mm } = context;
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
  words[3] = ioctls;
  return 0;
}

function unregister(context: UserfaultfdContext, words: BigUint64Array): number {
  const range = registrable(context, words[0], words[1]);
  if (typeof range === "number") return range;
  const { start, end, areas } = range;
  for (const vma of areas) {
    if (vma.uffd && vma.uffd !== context && context.mm.machine.profile.unregistersOwnOnly) return -Errno.EINVAL;
    if (!canUserfault(context, vma, vma.flags & UFFD_FLAGS)) return -Errno.EINVAL;
  }
  eachArea(context, start, end, (vma, first, last) => {
    if (vma.uffd) clearArea(context, vma, first, last);
  });
  return 0;
}

function* writeProtect(context: UserfaultfdContext, words: BigUint64Array): Resumable<number> {
  const { mm } = context;
  const [startAddress, length, mode] = words;
  if (!isRange(startAddress, length)) return -Errno.EINVAL;
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
  return 0;
}

/** Disarms everything, as the kernel does when the last descriptor is closed (userfaultfd_release). */
export function releaseUserfaultfd(context: UserfaultfdContext): void {
  const { mm } = context;
  if (!mm.isAlive) return;
  eachArea(context, 0, toPage(TASK_SIZE), (vma, first, last) => {
    if (vma.uffd === context) clearArea(context, vma, first, last);
  });
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

type Call = (context: UserfaultfdContext, words: BigUint64Array) => number | Resumable<number>;

const CALLS = new Map<number, Call>([
  [Uffd.REGISTER_REQUEST, register],
  [Uffd.UNREGISTER_REQUEST, unregister],
  [Uffd.WRITEPROTECT_REQUEST, writeProtect],
]);

/** validate_range. */
function isRange(start: bigint, length: bigint): boolean {
  return (
    isAligned(start) &&
    isAligned(length) &&
    length !== 0n &&
    start >= LOWEST_ADDRESS &&
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
