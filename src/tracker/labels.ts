// Notes on written pages that are not, or not surely, the program's own stores.

import type { Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import type { PageSet } from "../memory/page-set.ts";
import type { SparseMapping } from "./account.ts";
import type { ThreadControlBlocks } from "./thread-control.ts";

/**
 * @param written the step's pages; @param fresh pages of mappings that came during it; @param mappings of now.
 * @returns notes in address order for each kind; a page may have several.
 */
export function labelPages(
  written: PageSet,
  fresh: PageSet,
  sparse: readonly SparseMapping[],
  threads: ThreadControlBlocks,
  mappings: readonly Mapping[],
): PageNote[] {
  if (written.isEmpty) return [];
  const notes: PageNote[] = [];
  // The mappings themselves, not their written pages: few notes, however scattered the writes.
  for (const [start, end] of fresh.pairs())
    if (written.countIn(start, end) > 0) notes.push({ start, end, note: "new mapping" });
  for (const { start, end, isShared } of sparse) {
    if (isShared && written.countIn(start, end) > 0) notes.push({ start, end, note: "read or written" });
  }
  for (const { page, onlyKernel } of threads.pagesIn(written, mappings)) {
    notes.push({ start: page, end: page + 1, note: "rseq", ...(onlyKernel === undefined ? {} : { onlyKernel }) });
  }
  return notes;
}
