// Where kernels differ: which version's behaviour the simulator shows.

/** Each field is one change of Linux that a program can see, with the version that brought it. */
export interface KernelProfile {
  /** The name it is chosen by. */
  readonly name: string;
  /** Soft-dirty bits (CONFIG_MEM_SOFT_DIRTY: a choice of who builds the kernel, which most distributions make). */
  readonly softDirty: boolean;
  /** The category SOFT_DIRTY; 6.8 (e6a9a2cbc13b). */
  readonly softDirtyCategory: boolean;
  /** MADV_GUARD_INSTALL; 6.13. */
  readonly guardRegions: boolean;
  /** The category GUARD; 6.16. */
  readonly guardCategory: boolean;
  /** MAP_DROPPABLE; 6.11. */
  readonly droppable: boolean;
  /** PROCMAP_QUERY; 6.11. */
  readonly mappingQuery: boolean;
  /** Splitting a huge page maps its pages of zeroes to the one page of zeroes; 6.12. */
  readonly zeroesReplaced: boolean;
  /** mremap takes the write protection off what it moves away from a userfaultfd; 6.13 (0cef0bb836e3), and the stable kernels of 6.12. */
  readonly remapClearsProtection: boolean;
  /** A write to the huge page of zeroes makes a huge page, and not a small one; 6.13. */
  readonly hugeZeroStaysHuge: boolean;
  /** MADV_DONTNEED gives back page tables that it empties; 6.14. */
  readonly emptyTablesFreed: boolean;
  /** Memory that holds pages merges with a neighbour that never held any; 6.16 (879bca0a2c4f). */
  readonly mergesIntoUnfaulted: boolean;
  /** MREMAP_DONTUNMAP takes the area it copies from as a whole: unlocks all of it, and the copy may merge with it; not 6.12 (measured). */
  readonly sourceStaysWhole: boolean;
  /** MADV_COLLAPSE takes memory of which no page may be written in place; after 6.12. */
  readonly collapsesReadOnly: boolean;
  /** Of a file mapped for code, what follows a missing page is read, and not what lies around it; after 6.12. */
  readonly codeReadAhead: boolean;
  /** pagemap tells of all of a huge page whether its first page is mapped only once; 6.15. */
  readonly hugeExclusiveByFirst: boolean;
  /** Files that are none on a disk, a userfaultfd's say, refuse executable mappings in particular; 6.16. */
  readonly anonInodesNoExec: boolean;
  /** MAP_DROPPABLE memory can't be registered with a userfaultfd; after 6.12. */
  readonly droppableUnwatched: boolean;
  /** A userfaultfd can't unregister what another one registered; 6.17. */
  readonly unregistersOwnOnly: boolean;
  /** mremap moves several areas at once, and refuses before it has unmapped anything; 6.17, which has it written anew. */
  readonly remapRewritten: boolean;
  /** A userfaultfd may watch memory below vm.mmap_min_addr; the stable kernels of 2026. */
  readonly watchesLowAddresses: boolean;
  /** A scan of memory that is gone is refused (ESRCH), and not answered with nothing; measured: 6.12.117, but not 6.18.44. */
  readonly deadScanFails: boolean;
  /** An entry that is none reads as written; the stable kernels of 2026 (07b4377bdbe7). */
  readonly noneIsWritten: boolean;
  /** A hole without a page table reads as written where it is registered; the stable kernels of 2026 (40de8160ca7f). */
  readonly holeIsWritten: boolean;
}

/** Linux 6.18 with the stable fixes of 2026: compared call by call with 6.18.44. */
export const LINUX_6_18: KernelProfile = {
  name: "6.18",
  softDirty: false,
  softDirtyCategory: true,
  guardRegions: true,
  guardCategory: true,
  droppable: true,
  mappingQuery: true,
  zeroesReplaced: true,
  remapClearsProtection: true,
  hugeZeroStaysHuge: true,
  emptyTablesFreed: true,
  mergesIntoUnfaulted: true,
  sourceStaysWhole: true,
  collapsesReadOnly: true,
  codeReadAhead: true,
  hugeExclusiveByFirst: true,
  anonInodesNoExec: true,
  droppableUnwatched: true,
  unregistersOwnOnly: true,
  remapRewritten: true,
  watchesLowAddresses: true,
  deadScanFails: false,
  noneIsWritten: true,
  holeIsWritten: true,
};

/** Linux 6.12 with the stable fixes of 2026, as Debian builds it: compared call by call with 6.12.117. */
export const LINUX_6_12: KernelProfile = {
  ...LINUX_6_18,
  name: "6.12",
  softDirty: true,
  guardRegions: false,
  guardCategory: false,
  hugeZeroStaysHuge: false,
  emptyTablesFreed: false,
  mergesIntoUnfaulted: false,
  sourceStaysWhole: false,
  collapsesReadOnly: false,
  codeReadAhead: false,
  hugeExclusiveByFirst: false,
  anonInodesNoExec: false,
  droppableUnwatched: false,
  unregistersOwnOnly: false,
  remapRewritten: false,
  deadScanFails: true,
};

/** Linux 6.7, the first with PAGEMAP_SCAN; with soft-dirty, as distributions build it. By the kernel's sources, not by comparison. */
export const LINUX_6_7: KernelProfile = {
  ...LINUX_6_12,
  name: "6.7",
  softDirtyCategory: false,
  droppable: false,
  mappingQuery: false,
  zeroesReplaced: false,
  remapClearsProtection: false,
  watchesLowAddresses: false,
  noneIsWritten: false,
  holeIsWritten: false,
};

/** All there are, the default first. */
export const PROFILES: readonly KernelProfile[] = [LINUX_6_18, LINUX_6_12, LINUX_6_7];
