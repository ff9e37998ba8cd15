// What a fork no longer shares, mapping by mapping: counts for a table, and as JSON.
import { type Mapping, shortName } from "../memory/mapping.ts";
import { formatAddress } from "../memory/page.ts";
import type { ForkLook } from "../tracker/fork-lens.ts";

/** Counts of pages. */
export interface ForkCounts {
  readonly shared: number;
  /** Each process has a copy of its own; of these, by whose store. */
  readonly copied: number;
  readonly byParent: number;
  readonly byChild: number;
  readonly onlyParent: number;
  readonly onlyChild: number;
}

export interface ForkRow extends ForkCounts {
  readonly mapping: Mapping;
}

const KINDS = ["shared", "copied", "byParent", "byChild", "onlyParent", "onlyChild"] as const;

export function forkTotals(look: ForkLook): ForkCounts {
  return countsOf(kind => look[kind].pageCount);
}

/** The mappings in which there is anything, those with the most that is no longer shared first. */
export function forkRows(look: ForkLook): ForkRow[] {
  const parted = ({ copied, onlyParent, onlyChild }: ForkCounts): number => copied + onlyParent + onlyChild;
  return look.mappings
    .map((mapping): ForkRow => {
      const { start, end } = mapping;
      return { mapping, ...countsOf(kind => look[kind].countIn(start, end)) };
    })
    .filter(row => parted(row) + row.shared > 0)
    .sort((a, b) => parted(b) - parted(a) || a.mapping.start - b.mapping.start);
}

/** @param milliseconds since the first look. */
export function forkJson(look: ForkLook, milliseconds: number): object {
  return {
    event: "fork",
    milliseconds: Math.round(milliseconds),
    evidence: look.evidence,
    pages: forkTotals(look),
    byMapping: forkRows(look).map(({ mapping, ...counts }) => ({
      start: formatAddress(mapping.start),
      end: formatAddress(mapping.end),
      name: mapping.name === "" ? shortName(mapping) : mapping.name,
      ...counts,
    })),
    microseconds: look.microseconds,
  };
}

function countsOf(count: (kind: (typeof KINDS)[number]) => number): ForkCounts {
  const [shared, copied, byParent, byChild, onlyParent, onlyChild] = KINDS.map(count);
  return { shared, copied, byParent, byChild, onlyParent, onlyChild };
}
