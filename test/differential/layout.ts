// Where programs do their work: fixed addresses that mean the same to the live process and to the simulated one.
import type { KernelProfile } from "../../src/kernel/simulated/profile.ts";
import { Category } from "../../src/memory/category.ts";

export const PAGE = 4096n;

/**
 * The middle of the arena: a multiple of 512 GiB, so that mappings across it span page tables of every level, and 2 MiB
 * aligned for huge pages on either side. Page numbers in scenarios count from here.
 */
export const MIDDLE = 0x108000000000n;

/** Mappings, pages and faults are compared between these; nothing of the live process's own lies near. */
export const ARENA_START = MIDDLE - (32n << 20n);
export const ARENA_END = MIDDLE + (32n << 20n);

/** Where the heap of every program begins, empty. */
export const HEAP = MIDDLE + 96n * PAGE;

/** Ordinary memory of both processes that is not compared as a mapping: what system calls fill, and what is read back of it. */
export const SCRATCH = 0x200000000000n;
export const SCRATCH_BYTES = 64 * 1024;

/** Where a userfaultfd's messages are read to. */
export const MESSAGES = SCRATCH + BigInt(SCRATCH_BYTES / 2);
export const MESSAGES_BYTES = 32n * 64n;

/** After each operation the arena is scanned; the simulated process takes that in memory of its own, where the live one has static memory. */
export const AUDIT = 0x210000000000n;
export const AUDIT_REGIONS = 8192;

/** Pages around the middle whose pagemap entries are read after each operation. */
export const AUDIT_FIRST = -16;
export const AUDIT_PAGES = 96;

/** All categories there are: WPALLOWED to GUARD. */
export const ALL_CATEGORIES = 0x1ffn;

/** All categories a kernel has. */
export function categoriesOf({ softDirtyCategory, guardCategory }: KernelProfile): bigint {
  const missing = (softDirtyCategory ? 0 : Category.SOFT_DIRTY) | (guardCategory ? 0 : Category.GUARD);
  return ALL_CATEGORIES & ~BigInt(missing);
}

/** Bits of a pagemap entry that are compared: soft-dirty, exclusive, uffd-wp, guard, file, swap, present. Frame numbers are not. */
export const PAGEMAP_BITS =
  (1n << 55n) | (1n << 56n) | (1n << 57n) | (1n << 58n) | (1n << 61n) | (1n << 62n) | (1n << 63n);

/** What a result says in place of an address the kernel chose itself: outside the arena, and unmapped again at once. */
export const ELSEWHERE = 1;

/** Size of the file that programs can open. */
export const FILE_BYTES = 40 * 4096;

/** The most bytes one load or process_vm_readv answers. */
export const MAX_BYTES = 64;
