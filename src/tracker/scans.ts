// The scans the tracker makes: each a set of masks with its reason, and the loop that runs one to its end.

import { PagemapScan } from "../kernel/abi.ts";
import type { Pagemap, ScanRequest } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { Category } from "../memory/category.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { type PageSet, RunBuilder } from "../memory/page-set.ts";

const { WPALLOWED, WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE } = Category;

type Masks = Omit<ScanRequest, "start" | "end">;

/** Reports and re-arms all written pages of completely armed mappings. Exactly these masks take the kernel's fast path. */
export const WRITTEN_AND_REARM: Masks = {
  flags: PagemapScan.WP_MATCHING,
  inverted: 0,
  required: WRITTEN,
  anyOf: 0,
  returned: WRITTEN,
};

/**
 * Reports and re-arms the written pages of a mapping armed by its populated pages only. Its holes read as written, so a page
 * must be there to count; the zero page is there after a mere read.
 */
export const POPULATED_WRITTEN_AND_REARM: Masks = {
  flags: PagemapScan.WP_MATCHING,
  inverted: PFNZERO,
  required: WRITTEN | PFNZERO,
  anyOf: PRESENT | SWAPPED,
  returned: 0,
};

/** The same for private file mappings, where a page only read is still the file's. */
export const POPULATED_PRIVATE_FILE_WRITTEN_AND_REARM: Masks = {
  ...POPULATED_WRITTEN_AND_REARM,
  inverted: PFNZERO | FILE,
  required: WRITTEN | PFNZERO | FILE,
};

/**
 * Populated pages of every mapping that is not registered, zero pages left out. FILE tells file pages from private ones; what HUGE
 * maps may be of hugetlb, which must not be armed before it is looked up.
 */
export const POPULATED_OUTSIDE: Masks = {
  flags: 0,
  inverted: WPALLOWED | PFNZERO,
  required: WPALLOWED | PFNZERO,
  anyOf: PRESENT | SWAPPED,
  returned: FILE | HUGE,
};

/**
 * All pages of mappings that are not registered, holes included. The kernel passes over a registered mapping without a look at
 * its pages, so that this costs nothing for what is armed; its opposite below walks over all of it.
 */
export const UNREGISTERED: Masks = { flags: 0, inverted: WPALLOWED, required: WPALLOWED, anyOf: 0, returned: 0 };

/** All pages of registered mappings, holes included: the kernel's own word on what is registered. */
export const REGISTERED: Masks = { flags: 0, inverted: 0, required: WPALLOWED, anyOf: 0, returned: 0 };

/** Pages in memory. */
export const RESIDENT: Masks = { flags: 0, inverted: 0, required: PRESENT, anyOf: 0, returned: 0 };

/** Pages in memory that something was stored to once: the page of zeroes stands where a program only read. */
export const STORED: Masks = {
  flags: 0,
  inverted: PFNZERO,
  required: PRESENT | PFNZERO,
  anyOf: 0,
  returned: 0,
};

/** The same without pages of files: what the process has of its own, in memory of no file and in private memory of files. */
export const STORED_PRIVATE: Masks = {
  flags: 0,
  inverted: PFNZERO | FILE,
  required: PRESENT | PFNZERO | FILE,
  anyOf: 0,
  returned: 0,
};

/** Pages that bear no protection, of memory that is watched synchronously; nothing is protected again by it. */
export const UNPROTECTED: Masks = { flags: 0, inverted: 0, required: WRITTEN, anyOf: 0, returned: WRITTEN };

/** Written pages, of which nothing is protected again; memory that is not armed counts as written. */
export const POPULATED_WRITTEN: Masks = { ...UNPROTECTED, anyOf: PRESENT | SWAPPED };

/** Pages that neither exist nor bear a marker. */
export const ABSENT: Masks = {
  flags: 0,
  inverted: PRESENT | SWAPPED,
  required: PRESENT | SWAPPED,
  anyOf: 0,
  returned: 0,
};

/** Pages that exist, in memory or in swap; of armed mappings also the markers in holes. */
export const POPULATED: Masks = { flags: 0, inverted: 0, required: 0, anyOf: PRESENT | SWAPPED, returned: 0 };

/** The same without pages of files, and without the page of zeroes. */
export const POPULATED_PRIVATE: Masks = {
  flags: 0,
  inverted: FILE | PFNZERO,
  required: FILE | PFNZERO,
  anyOf: PRESENT | SWAPPED,
  returned: 0,
};

/** Of these categories those that the kernel knows: an unknown one is refused before anything is walked. */
export function knownCategories(pagemap: Pagemap, wanted: number): number {
  const vector = new RegionVector(1);
  let known = 0;
  for (let bit = 1; bit <= wanted; bit *= 2) {
    if (!(wanted & bit)) continue;
    try {
      pagemap.scan({ start: 0, end: 0, flags: 0, inverted: 0, required: 0, anyOf: 0, returned: bit }, vector);
      known |= bit;
    } catch (error) {
      if (!(error instanceof KernelError && error.code === "EINVAL")) throw error;
    }
  }
  return known;
}

/**
 * Runs a scan over [start, end) until the walk has seen all of it, however often the vector fills.
 * @throws {KernelError} as the ioctl does; {Error} where the kernel makes no progress.
 */
export function scanRegions(
  pagemap: Pagemap,
  masks: Masks,
  start: number,
  end: number,
  vector: RegionVector,
  onRegion: (start: number, end: number, categories: number) => void,
): void {
  let told = start;
  scanSlices(pagemap, masks, start, end, vector, regions => {
    for (let i = 0; i < regions; i += 1) {
      const last = vector.end(i);
      if (last <= told) continue;
      onRegion(Math.max(vector.start(i), told), last, vector.categories(i));
      told = last;
    }
  });
}

/**
 * The same for what may be much: while the kernel fills one vector on another thread, the regions of the one before are decoded.
 * @param first a small vector, scanned into at once: nearly always it holds everything, and no thread is needed.
 * @throws {KernelError} as the ioctl does; the builder then holds what was re-armed before, which no later scan will tell.
 */
export async function scanAheadInto(
  builder: RunBuilder,
  pagemap: Pagemap,
  masks: Masks,
  start: number,
  end: number,
  { first, pair }: { readonly first: RegionVector; readonly pair: readonly [RegionVector, RegionVector] },
): Promise<void> {
  if (start >= end) return;
  let filled = first;
  first.clear();
  let { regions, walkEnd } = salvaging(builder, first, () => pagemap.scan({ ...masks, start, end }, first));
  for (let turn = 0; ; turn += 1) {
    filled.used = regions;
    // A vector with room left means that the walk is over: see scanSlices.
    const more = regions === filled.capacity && walkEnd < end;
    const next = pair[turn % 2];
    if (more) next.clear();
    const from = walkEnd;
    // The second call, too, is made at once: there is little to decode meanwhile, and nearly always it is the last.
    const ahead = more && turn > 0 ? pagemap.scanAhead({ ...masks, start: from, end }, next) : undefined;
    filled.appendTo(builder, regions);
    if (!more) return;
    // While the kernel works on the other one, and not between two of its calls.
    if (ahead) {
      filled.clear();
      ({ regions, walkEnd } = await ahead.catch((error: unknown) => salvaging(builder, next, () => raise(error))));
    } else ({ regions, walkEnd } = salvaging(builder, next, () => pagemap.scan({ ...masks, start: from, end }, next)));
    filled = next;
  }
}

/** Before a walk fails it may have re-armed pages and told their regions, in a vector that was clear. */
function salvaging<T>(builder: RunBuilder, vector: RegionVector, scan: () => T): T {
  try {
    return scan();
  } catch (error) {
    const told = vector.countFilled();
    vector.used = told;
    vector.appendTo(builder, told);
    throw error;
  }
}

function raise(error: unknown): never {
  throw error;
}

/** Calls the ioctl as often as the vector fills. */
function scanSlices(
  pagemap: Pagemap,
  masks: Masks,
  start: number,
  end: number,
  vector: RegionVector,
  onSlice: (regions: number) => void,
): void {
  let from = start;
  while (from < end) {
    const { regions, walkEnd } = pagemap.scan({ ...masks, start: from, end }, vector);
    vector.used = Math.max(vector.used, regions);
    onSlice(regions);
    // Linux 6.18 leaves walk_end at its last internal flush, 512 regions or fewer back, though all of them were returned: with
    // room left in the vector the walk is over whatever it says, and with none left some regions may come twice.
    if (regions < vector.capacity) return;
    if (walkEnd <= from) throw new Error(`PAGEMAP_SCAN stopped at page ${from} of ${start}-${end} and did not go on`);
    from = walkEnd;
  }
}

/** The pages of [start, end) that match, as a set. */
export function scanSet(
  pagemap: Pagemap,
  masks: Masks,
  vector: RegionVector,
  start = 0,
  end = USER_PAGES_END,
): PageSet {
  const builder = new RunBuilder();
  scanInto(builder, pagemap, masks, start, end, vector);
  return builder.finish();
}

/** The same into a set being built, whose pages so far all lie below `start`. */
export function scanInto(
  builder: RunBuilder,
  pagemap: Pagemap,
  masks: Masks,
  start: number,
  end: number,
  vector: RegionVector,
): void {
  scanSlices(pagemap, masks, start, end, vector, regions => vector.appendTo(builder, regions));
}
