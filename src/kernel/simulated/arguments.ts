// Checks of a call's arguments that many calls share: unsigned 64-bit values to page numbers, with Linux's own limits.

/** One past the last user address (TASK_SIZE of 47 bits). */
export const TASK_SIZE = 0x7ffffffff000n;
const PAGE_MASK = 0xfffn;

export const isAligned = (value: bigint): boolean => (value & PAGE_MASK) === 0n;

/** PAGE_ALIGN in 64 bits: what rounds up beyond the last page becomes 0. */
export const alignUp = (value: bigint): bigint => BigInt.asUintN(64, value + PAGE_MASK) & ~PAGE_MASK;

/** A sum as the kernel's unsigned longs make it. */
export const wrappingSum = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, a + b);

/** The page an aligned address begins. */
export const toPage = (address: bigint): number => Number(address >> 12n);
