// "Did you mean …": the known name nearest to one that is not known.

/** Longer names are nobody's slip of the finger. */
const LONGEST = 40;

/** @returns ` (did you mean "…"?)`, or nothing where no name is near. */
export function suggestion(name: string, known: Iterable<string>): string {
  const found = nearest(name, known);
  return found === undefined ? "" : ` (did you mean "${found}"?)`;
}

/** The known name with the fewest changed letters, if these are few for its length. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = name.length <= 3 ? 1.5 : name.length <= 6 ? 2.5 : 3.5;
  for (const candidate of known) {
    if (candidate === name || candidate.length > LONGEST || name.length > LONGEST) continue;
    if (Math.abs(candidate.length - name.length) >= least) continue;
    // Of two that are as near, the one as long.
    const lengths = Math.abs(candidate.length - name.length) / 10;
    const changes = candidate.toLowerCase() === name.toLowerCase() ? 0.5 : distance(name, candidate) + lengths;
    if (changes < least) {
      least = changes;
      best = candidate;
    }
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbour (Damerau and Levenshtein). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
