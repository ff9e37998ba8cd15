// What /proc/PID/pagemap tells of a page as it is read, an u64 each (Documentation/admin-guide/mm/pagemap.rst), in terms of categories.
import { Category } from "../../memory/category.ts";

/** A process's pagemap and clear_refs, open. They keep belonging to the memory they were opened on. */
export interface OpenEntries {
  /**
   * Entries of the pages from `first` on.
   * @returns how many were filled: none where the memory is gone.
   */
  read(first: number, into: BigUint64Array): number;
  /**
   * Forgets which pages are soft-dirty, of the whole process: "4" written to clear_refs.
   * @throws {KernelError} EACCES, EPERM without the right to; ESRCH the process is gone.
   */
  clear(): void;
  close(): void;
}

export interface PagemapFiles {
  /** @throws {KernelError} ENOENT no such process; EACCES, EPERM another user's. */
  open(pid: number): OpenEntries;
  /** The frame of the page of zeroes; undefined where frames are not shown to who has no CAP_SYS_ADMIN. */
  zeroFrame(): bigint | undefined;
}

/** Bits of an entry's upper half. */
const SOFT_DIRTY = 1 << 23;
const EXCLUSIVE = 1 << 24;
const FILE = 1 << 29;
const SWAPPED = 1 << 30;
const PRESENT = 1 << 31;
/** Frame numbers have 55 bits. */
const FRAME_HIGH = (1 << 23) - 1;

/** The categories that an entry tells of, without WPALLOWED and WRITTEN, which are an account's. */
export function categoriesOf(low: number, high: number, zero: ZeroFrame | undefined): number {
  let found = 0;
  if (high & PRESENT) {
    found = Category.PRESENT;
    if (high & FILE) found |= Category.FILE;
    else if (isZero(low, high, zero)) found |= Category.PFNZERO;
  } else if (high & SWAPPED) found = Category.SWAPPED;
  return found;
}

/**
 * Whether something was stored to the page since the bits were cleared, so far as the entry tells: of a mapping that came since, or that one
 * joined, all pages say so (VM_SOFTDIRTY). The page of zeroes stands where a program only read; a page of a private file's that was only
 * read is the file's still.
 */
export function isStored(low: number, high: number, isPrivateFile: boolean, zero: ZeroFrame | undefined): boolean {
  if ((high & SOFT_DIRTY) === 0 || (high & (PRESENT | SWAPPED)) === 0) return false;
  if (high & PRESENT && high & FILE) return !isPrivateFile;
  return !isZero(low, high, zero);
}

export interface ZeroFrame {
  readonly low: number;
  readonly high: number;
}

export function halves(frame: bigint): ZeroFrame {
  return { low: Number(frame & 0xffffffffn) | 0, high: Number(frame >> 32n) };
}

function isZero(low: number, high: number, zero: ZeroFrame | undefined): boolean {
  if (!zero || !(high & PRESENT) || high & (FILE | EXCLUSIVE)) return false;
  return (low | 0) === zero.low && (high & FRAME_HIGH) === zero.high;
}
