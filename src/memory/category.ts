// Page categories: the PAGE_IS_* bits of PAGEMAP_SCAN (include/uapi/linux/fs.h), with the names they are shown by.

export const Category = {
  /** The page's mapping is registered for asynchronous write protection. */
  WPALLOWED: 1 << 0,
  /** Written since it was last protected. */
  WRITTEN: 1 << 1,
  /** Backed by a file or shared memory. */
  FILE: 1 << 2,
  /** In memory. */
  PRESENT: 1 << 3,
  /** In swap; also how a write-protect marker in a hole reads. */
  SWAPPED: 1 << 4,
  /** The shared page of zeroes: read, never written. */
  PFNZERO: 1 << 5,
  /** Mapped by a huge page. */
  HUGE: 1 << 6,
  /** Written since clear_refs; Linux 6.8. */
  SOFT_DIRTY: 1 << 7,
  /** A guard marker (MADV_GUARD_INSTALL); Linux 6.16. */
  GUARD: 1 << 8,
} as const;

export type CategoryName = keyof typeof Category;

/** The names of the bits set in `categories`, lowest bit first. */
export function categoryNames(categories: number): CategoryName[] {
  return (Object.keys(Category) as CategoryName[]).filter(name => (categories & Category[name]) !== 0);
}
