// Splits a page set by the mappings its pages lie in: runs from the kernel join across mappings.
import { isZeroedData, kindOf, type Mapping, type MappingKind } from "./mapping.ts";
import type { PageSet } from "./page-set.ts";
import { forEachTouched } from "./touched.ts";

/** A run of pages [start, end) within one mapping; `mapping` is absent where none is known to hold it. */
export interface MappedRun<M> {
  readonly start: number;
  readonly end: number;
  readonly mapping?: M;
  /** The mapping before it in the list, wherever that lies. */
  readonly before?: M;
}

/** Walks the set's runs and the mappings (in address order) side by side. */
export function* splitByMapping<M extends Pick<Mapping, "start" | "end">>(
  pages: PageSet,
  mappings: readonly M[],
): Generator<MappedRun<M>> {
  let index = 0;
  for (const [runStart, end] of pages.pairs()) {
    let start = runStart;
    while (start < end) {
      while (index < mappings.length && mappings[index].end <= start) index += 1;
      const mapping = mappings[index];
      if (!mapping || mapping.start >= end) {
        yield { start, end };
        break;
      }
      if (mapping.start > start) yield { start, end: mapping.start };
      const first = Math.max(start, mapping.start);
      const last = Math.min(end, mapping.end);
      const before = mappings[index - 1];
      yield { start: first, end: last, mapping, ...(before ? { before } : {}) };
      start = last;
    }
  }
}

/**
 * How many pages of the set lie in mappings of each kind, a file's zeroed data with the file; "unmapped" for those in none (unmapped
 * since). Takes its time by the mappings that hold such pages, not by the set's runs.
 */
export function countByKind(pages: PageSet, mappings: readonly Mapping[]): Map<MappingKind | "unmapped", number> {
  const counts = new Map<MappingKind | "unmapped", number>();
  let mapped = 0;
  forEachTouched(pages, mappings, index => {
    const mapping = mappings[index];
    const kind = isZeroedData(mapping, mappings[index - 1]) ? "file" : kindOf(mapping);
    const here = pages.countIn(mapping.start, mapping.end);
    counts.set(kind, (counts.get(kind) ?? 0) + here);
    mapped += here;
  });
  if (mapped < pages.pageCount) counts.set("unmapped", pages.pageCount - mapped);
  return counts;
}
