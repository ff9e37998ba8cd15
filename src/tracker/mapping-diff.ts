// Which mappings came and went between two lists of them.
import { type Mapping, sameOrigin } from "../memory/mapping.ts";
import type { PageSet } from "../memory/page-set.ts";

export interface MappingDiff {
  readonly created: readonly Mapping[];
  readonly removed: readonly Mapping[];
}

/**
 * Compares two lists in address order. A mapping that grew, shrank, was split or merged is the same mapping; one that was
 * replaced by another at the same place was removed and created, which the lists alone can't tell:
 * @param lost pages that were registered when the mappings were armed and are registered no longer.
 */
export function diffMappings(before: readonly Mapping[], now: readonly Mapping[], lost: PageSet): MappingDiff {
  const created = unmatched(now, before);
  const removed = unmatched(before, now);
  for (const mapping of lost.isEmpty ? [] : now) {
    if (created.includes(mapping)) continue;
    for (const [start, end] of lost.clip(mapping.start, mapping.end).pairs()) {
      created.push({ ...mapping, start, end });
      removed.push({ ...mapping, start, end });
    }
  }
  const byStart = (a: Mapping, b: Mapping): number => a.start - b.start;
  return { created: created.sort(byStart), removed: removed.sort(byStart) };
}

/** Mappings of `list` that no mapping of `others` overlaps and shares its origin with. */
function unmatched(list: readonly Mapping[], others: readonly Mapping[]): Mapping[] {
  const result: Mapping[] = [];
  let first = 0;
  for (const mapping of list) {
    while (first < others.length && others[first].end <= mapping.start) first += 1;
    let matched = false;
    for (let i = first; i < others.length && others[i].start < mapping.end && !matched; i += 1) {
      matched = sameOrigin(mapping, others[i]);
    }
    if (!matched) result.push(mapping);
  }
  return result;
}
