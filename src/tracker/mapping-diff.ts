// Which mappings came and went between two lists of them, page by page: a mapping may grow, shrink, split or merge.
import { type Mapping, sameOrigin } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";

export interface MappingDiff {
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
}

/**
 * Compares two lists in address order. Parts of mappings that are only in one of them were created or removed; so were, both,
 * parts that another mapping took over. One replaced by its like at the same place looks the same in both lists:
 * @param lost pages that were registered when the mappings were armed and are registered no longer.
 */
export function diffMappings(before: readonly Mapping[], now: readonly Mapping[], lost: PageSet): MappingDiff {
  return { created: partsNotIn(now, before, lost), removed: partsNotIn(before, now, lost) };
}

/** The parts of the mappings in `list` that no mapping of `others` of the same origin holds too. */
function partsNotIn(list: readonly Mapping[], others: readonly Mapping[], lost: PageSet): Mapping[] {
  const parts: Mapping[] = [];
  let first = 0;
  for (const mapping of list) {
    while (first < others.length && others[first].end <= mapping.start) first += 1;
    const kept: [number, number][] = [];
    for (let i = first; i < others.length && others[i].start < mapping.end; i += 1) {
      if (!sameOrigin(mapping, others[i])) continue;
      kept.push([Math.max(mapping.start, others[i].start), Math.min(mapping.end, others[i].end)]);
    }
    const whole = PageSet.of(mapping.start, mapping.end);
    for (const [start, end] of whole.subtract(PageSet.from(kept).subtract(lost)).pairs()) {
      parts.push({ ...mapping, start, end });
    }
  }
  return parts;
}
