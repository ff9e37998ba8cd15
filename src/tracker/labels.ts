// Notes on written pages that are not, or not surely, the program's own stores.

import { findMapping, isShared, type Mapping } from "../memory/mapping.ts";
import type { PageNote } from "../memory/page-note.ts";
import type { PageSet } from "../memory/page-set.ts";
import type { ArmedMapping } from "./reports.ts";
import type { ThreadControlBlocks } from "./thread-control.ts";

/**
 * @param written the step's pages; @param fresh pages of mappings that came during it.
 * @returns notes in address order for each kind; a page may have several.
 */
export function labelPages(
  written: PageSet,
  fresh: PageSet,
  arming: { readonly armedMappings: readonly ArmedMapping[] },
  mappings: readonly Mapping[],
  threads: ThreadControlBlocks,
): PageNote[] {
  const notes: PageNote[] = [];
  // The mappings themselves, not their written pages: few notes, however scattered the writes.
  for (const [start, end] of fresh.pairs())
    if (written.countIn(start, end) > 0) notes.push({ start, end, note: "new mapping" });
  for (const { start, end, way } of arming.armedMappings) {
    const mapping = mappings[findMapping(mappings, start)];
    if (way === "populated" && mapping && isShared(mapping) && written.countIn(start, end) > 0) {
      notes.push({ start, end, note: "read or written" });
    }
  }
  for (const page of threads.pagesIn(written)) notes.push({ start: page, end: page + 1, note: "rseq" });
  return notes;
}
