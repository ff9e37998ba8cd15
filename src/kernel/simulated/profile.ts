// Where kernels differ: which version's behaviour the simulator shows.

export interface KernelProfile {
  /** As `uname -r` begins: "6.18". */
  readonly name: string;
  /** Soft-dirty bits and the category (CONFIG_MEM_SOFT_DIRTY, Linux 6.8 for the category). */
  readonly softDirty: boolean;
  readonly softDirtyCategory: boolean;
  /** MADV_GUARD_INSTALL and the category GUARD; Linux 6.13 and 6.16. */
  readonly guardRegions: boolean;
  readonly guardCategory: boolean;
  /** PROCMAP_QUERY; Linux 6.11. */
  readonly mappingQuery: boolean;
  /** A page-table entry that is none reads as written (07b4377bdbe7, 2026). */
  readonly noneIsWritten: boolean;
  /** A hole without page table reads as written where it is registered (40de8160ca7f, 2026). */
  readonly holeIsWritten: boolean;
  /** mremap clears the write protection of what it moves out of a userfaultfd (0cef0bb836e3, 6.13). */
  readonly remapClearsProtection: boolean;
  /** walk_end stays at the last internal flush of more than 512 regions (all kernels known). */
  readonly emptyTablesFreed: boolean;
}

/** Linux 6.18 with the stable fixes of 2026, as measured on 6.18.44. */
export const LINUX_6_18: KernelProfile = {
  name: "6.18",
  softDirty: false,
  softDirtyCategory: true,
  guardRegions: true,
  guardCategory: true,
  mappingQuery: true,
  noneIsWritten: true,
  holeIsWritten: true,
  remapClearsProtection: true,
  emptyTablesFreed: true,
};

/** Linux 6.7, the first with PAGEMAP_SCAN; with soft-dirty, as distributions build it. */
export const LINUX_6_7: KernelProfile = {
  name: "6.7",
  softDirty: true,
  softDirtyCategory: false,
  guardRegions: false,
  guardCategory: false,
  mappingQuery: false,
  noneIsWritten: false,
  holeIsWritten: false,
  remapClearsProtection: false,
  emptyTablesFreed: false,
};
