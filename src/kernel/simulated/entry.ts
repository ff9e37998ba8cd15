// What a page-table entry holds, as bits of our own: which ones stand together is as in arch/x86/include/asm/pgtable.h and swapops.h.

/** Pages that one leaf table, or one huge page, covers. */
export const TABLE_PAGES = 512;

/** No bit at all is an entry that is none. Without PRESENT, SWAP and MARKER tell what stands there. */
export const Entry = {
  PRESENT: 1 << 0,
  /** Write-protected by a userfaultfd; also in swap entries, and always in a plain marker. */
  UFFD_WP: 1 << 1,
  /** The frame is the process's own, not a file's. */
  ANON: 1 << 2,
  /** The shared page of zeroes, or the huge one. */
  ZERO: 1 << 3,
  /** The frame field is a slot of the swap area. */
  SWAP: 1 << 4,
  /** A marker: it stands for a userfaultfd's protection of a hole, unless GUARD is set too. */
  MARKER: 1 << 5,
  GUARD: 1 << 6,
  SOFT_DIRTY: 1 << 8,
  /** Given up by MADV_FREE, and not stored to since: the next reclaim takes it. */
  LAZY: 1 << 9,
} as const;

/** How many different flags an entry can have. */
export const ENTRY_KINDS = 1 << 10;

/** A plain userfaultfd marker (make_pte_marker(PTE_MARKER_UFFD_WP)). */
export const UFFD_MARKER = Entry.MARKER | Entry.UFFD_WP;
export const GUARD_MARKER = Entry.MARKER | Entry.GUARD;

/** Whether an entry is a marker that a userfaultfd left in a hole. */
export function isUffdMarker(flags: number): boolean {
  return (flags & (Entry.MARKER | Entry.GUARD)) === Entry.MARKER;
}
