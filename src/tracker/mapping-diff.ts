// Which mappings came and went between two lists of them, page by page: a mapping may grow, shrink, split or merge.
import { type Mapping, sameOrigin } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";

export interface MappingDiff {
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
}

/**
 * Compares two lists in address order. Parts of mappings that are only in one of them were created or removed. Where a mapping of
 * another file, or of other memory, now lies at the same pages, the old one was removed there and the new one created.
 *
 * A program may also unmap memory and map memory of the same kind at the same place: an allocator does that to get zeroes. Both
 * lists then hold the same line. What gives it away is that the new mapping is not registered with our userfaultfd any more:
 * @param lost pages that were registered when the mappings were armed and are registered no longer.
 */
export function diffMappings(before: readonly Mapping[], now: readonly Mapping[], lost: PageSet): MappingDiff {
  if (before === now && lost.isEmpty) return { created: [], removed: [] };
  return { created: partsNotIn(now, before, lost), removed: partsNotIn(before, now, lost) };
}

/** The parts of the mappings in `list` that no mapping of `others` of the same origin holds too. */
function partsNotIn(list: readonly Mapping[], others: readonly Mapping[], lost: PageSet): Mapping[] {
  const parts: Mapping[] = [];
  let first = 0;
  for (const mapping of list) {
    while (first < others.length && others[first].end <= mapping.start) first += 1;
    const { start, end } = mapping;
    if (isWithin(mapping, others[first]) && (lost.isEmpty || lost.countIn(start, end) === 0)) continue;
    const kept: [number, number][] = [];
    for (let i = first; i < others.length && others[i].start < end; i += 1) {
      if (sameOrigin(mapping, others[i])) kept.push([Math.max(start, others[i].start), Math.min(end, others[i].end)]);
    }
    const whole = PageSet.of(start, end);
    for (const [from, to] of whole.subtract(PageSet.from(kept).subtract(lost.clip(start, end))).pairs()) {
      parts.push({ ...mapping, start: from, end: to });
    }
  }
  return parts;
}

function isWithin(mapping: Mapping, other: Mapping | undefined): boolean {
  return other !== undefined && other.start <= mapping.start && mapping.end <= other.end && sameOrigin(mapping, other);
}
