// A scan of a process that arms and changes nothing: its pages by category, all of them or those that are looked for.
import type { Kernel } from "../kernel/kernel.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { Category, categoryNames } from "../memory/category.ts";
import type { Mapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { CATEGORY_WORDS, type PageQuery, POPULATED_QUERY } from "../memory/page-query.ts";
import { chosenIn, type MemoryChoice } from "./choice.ts";
import { knownCategories, scanRegions } from "./scans.ts";

export interface Snapshot {
  readonly mappings: readonly Mapping[];
  /** Runs of page numbers, [start, end) pairs; run i has the Category bits `categories[i]`. */
  readonly runs: Float64Array;
  readonly categories: Uint16Array;
  readonly microseconds: number;
}

/** What is looked for. */
export interface SnapshotRequest {
  readonly query: PageQuery;
  /** In which memory; absent: in all. */
  readonly where?: MemoryChoice | undefined;
}

const { WPALLOWED, WRITTEN, SOFT_DIRTY, GUARD } = Category;
const MARKED = WPALLOWED | WRITTEN;

/**
 * @param request absent: all that is in memory or in swap.
 * @throws {KernelError} ESRCH, ENOENT when the process is gone; EACCES, EPERM for another user's; ENOTTY before Linux 6.7. {Error} the
 *   kernel does not know a category that is asked for.
 */
export function takeSnapshot(
  kernel: Kernel,
  pid: number,
  { query, where }: SnapshotRequest = { query: POPULATED_QUERY },
): Snapshot {
  const begin = performance.now();
  const pagemap = kernel.openPagemap(pid);
  try {
    const { required, anyOf, inverted, reported } = query;
    // These two came after the others.
    const wanted = (required | anyOf | inverted | reported) & (SOFT_DIRTY | GUARD);
    const unknown = wanted & ~(wanted === 0 ? 0 : knownCategories(pagemap, wanted));
    if (unknown & (required | anyOf)) {
      const words = categoryNames(unknown).map(name => `"${CATEGORY_WORDS[name].is}"`);
      throw new Error(
        `This kernel does not tell which pages are ${words.join(" and ")}: Linux 6.8 knows soft-dirty pages, 6.16 guard pages.`,
      );
    }
    const mappings = kernel.mappings(pid);
    const runs: number[] = [];
    const categories: number[] = [];
    const masks = { flags: 0, inverted, required, anyOf, returned: (reported | MARKED) & ~unknown };
    const vector = new RegionVector(1 << 14);
    for (const [first, last] of where ? rangesOf(mappings, where) : [[0, USER_PAGES_END]]) {
      scanRegions(pagemap, masks, first, last, vector, (start, end, bits) => {
        // Without arming the kernel calls every page written that bears no marker: that would say nothing.
        const told = (bits & WPALLOWED ? bits : bits & ~WRITTEN) & reported;
        // Told apart only by what is reported.
        if (runs.at(-1) === start && categories.at(-1) === told) runs[runs.length - 1] = end;
        else {
          runs.push(start, end);
          categories.push(told);
        }
      });
    }
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

/** The chosen pages, [start, end) pairs in address order. */
function rangesOf(mappings: readonly Mapping[], where: MemoryChoice): [number, number][] {
  return mappings.flatMap(mapping => [...chosenIn(mapping, where).pairs()]);
}
