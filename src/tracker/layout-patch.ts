// How one layout follows from the one before: what changed of its lists, so that a process with many mappings sends few.

import { type Mapping, sameMapping } from "../memory/mapping.ts";
import { type ArmedMapping, EMPTY_LAYOUT, type Layout, type NotArmed, type Unseen } from "./reports.ts";

/** At `at` of the old list `remove` items give way to `insert`. */
export interface Splice<T> {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly T[];
}

export interface LayoutPatch {
  /** Revision of the layout that the patch belongs on; that of {@link EMPTY_LAYOUT} where it holds a whole layout. */
  readonly from: number;
  readonly revision: number;
  readonly mappings: readonly Splice<Mapping>[];
  readonly armed: readonly Splice<ArmedMapping>[];
  readonly notArmed: readonly Splice<NotArmed>[];
  readonly unseen: readonly Splice<Unseen>[];
  readonly pinnedElsewhere: number;
  readonly inFlight: readonly string[];
}

interface Placed {
  readonly start: number;
  readonly end: number;
}

export function patchBetween(before: Layout, now: Layout): LayoutPatch {
  return {
    from: before.revision,
    revision: now.revision,
    mappings: splices(before.mappings, now.mappings, sameMapping),
    armed: splices(before.armed, now.armed, sameArmed),
    notArmed: splices(before.notArmed, now.notArmed, sameWords),
    unseen: splices(before.unseen, now.unseen, sameWords),
    pinnedElsewhere: now.pinnedElsewhere,
    inFlight: now.inFlight,
  };
}

/**
 * @param known is not looked at where the patch holds a whole layout.
 * @throws {Error} where the patch belongs on another layout.
 */
export function applyPatch(known: Layout, patch: LayoutPatch): Layout {
  const before = patch.from === EMPTY_LAYOUT.revision ? EMPTY_LAYOUT : known;
  if (patch.from !== before.revision) {
    throw new Error(`A change of the memory layout ${patch.from} can't be applied to layout ${before.revision}.`);
  }
  return {
    revision: patch.revision,
    mappings: spliced(before.mappings, patch.mappings),
    armed: spliced(before.armed, patch.armed),
    notArmed: spliced(before.notArmed, patch.notArmed),
    unseen: spliced(before.unseen, patch.unseen),
    pinnedElsewhere: patch.pinnedElsewhere,
    inFlight: patch.inFlight,
  };
}

/** Whether both say the same, whatever their revisions. */
export function sameLayout(a: Layout, b: Layout): boolean {
  return (
    a.pinnedElsewhere === b.pinnedElsewhere &&
    sameList(a.inFlight, b.inFlight, (one, other) => one === other) &&
    sameList(a.mappings, b.mappings, sameMapping) &&
    sameList(a.armed, b.armed, sameArmed) &&
    sameList(a.notArmed, b.notArmed, sameWords) &&
    sameList(a.unseen, b.unseen, sameWords)
  );
}

/** Both lists are in address order; what is equal in both stays. */
function splices<T extends Placed>(
  before: readonly T[],
  now: readonly T[],
  same: (a: T, b: T) => boolean,
): Splice<T>[] {
  if (before === now) return [];
  const found: Splice<T>[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < now.length) {
    if (i < before.length && j < now.length && (before[i] === now[j] || same(before[i], now[j]))) {
      i += 1;
      j += 1;
      continue;
    }
    const [at, first] = [i, j];
    // On both sides to the next place where the lists agree: items are compared where they start at the same page only.
    while (i < before.length || j < now.length) {
      if (j >= now.length || (i < before.length && before[i].start < now[j].start)) i += 1;
      else if (i >= before.length || before[i].start > now[j].start) j += 1;
      else if (same(before[i], now[j])) break;
      else {
        i += 1;
        j += 1;
      }
    }
    found.push({ at, remove: i - at, insert: now.slice(first, j) });
  }
  return found;
}

function spliced<T>(before: readonly T[], changes: readonly Splice<T>[]): readonly T[] {
  if (changes.length === 0) return before;
  const now: T[] = [];
  let from = 0;
  const keep = (until: number): void => {
    for (; from < until; from += 1) now.push(before[from]);
  };
  for (const { at, remove, insert } of changes) {
    keep(at);
    for (const item of insert) now.push(item);
    from = at + remove;
  }
  keep(before.length);
  return now;
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i] || same(item, b[i])));
}

function sameArmed(a: ArmedMapping, b: ArmedMapping): boolean {
  return a.start === b.start && a.end === b.end && a.way === b.way;
}

function sameWords(a: NotArmed, b: NotArmed): boolean {
  return a.start === b.start && a.end === b.end && a.name === b.name && a.reason === b.reason;
}
