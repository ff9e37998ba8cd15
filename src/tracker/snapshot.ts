// A scan of a whole process that arms and changes nothing: its populated pages by category.

import type { Kernel } from "../kernel/kernel.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { Category } from "../memory/category.ts";
import type { Mapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { scanRegions } from "./scans.ts";

export interface Snapshot {
  readonly mappings: readonly Mapping[];
  /** Runs of page numbers, [start, end) pairs; run i has the Category bits `categories[i]`. */
  readonly runs: Float64Array;
  readonly categories: Uint16Array;
  readonly microseconds: number;
}

const { WPALLOWED, WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE } = Category;

/**
 * @throws {KernelError} ESRCH, ENOENT when the process is gone; EACCES, EPERM for another user's; ENOTTY before Linux 6.7.
 */
export function takeSnapshot(kernel: Kernel, pid: number): Snapshot {
  const begin = performance.now();
  const pagemap = kernel.openPagemap(pid);
  try {
    const mappings = kernel.mappings(pid);
    const runs: number[] = [];
    const categories: number[] = [];
    const masks = {
      flags: 0,
      inverted: 0,
      required: 0,
      anyOf: PRESENT | SWAPPED,
      returned: WPALLOWED | WRITTEN | FILE | PRESENT | SWAPPED | PFNZERO | HUGE,
    };
    scanRegions(pagemap, masks, 0, USER_PAGES_END, new RegionVector(1 << 14), (start, end, bits) => {
      runs.push(start, end);
      // Without arming the kernel calls every page written that bears no marker: that would say nothing.
      categories.push(bits & WPALLOWED ? bits : bits & ~WRITTEN);
    });
    return {
      mappings,
      runs: Float64Array.from(runs),
      categories: Uint16Array.from(categories),
      microseconds: Math.round((performance.now() - begin) * 1000),
    };
  } finally {
    pagemap.close();
  }
}
