// Two changes of the same pages, one after the other, as one change.
import { PAGE_SIZE } from "../page.ts";
import { Changes, type ChangesCursor } from "./changes.ts";
import { ChangesWriter } from "./changes-writer.ts";
import { differences, MOST_RUNS } from "./difference.ts";
import { GONE, JOINED, Kind, MIXED } from "./form.ts";

/** Flags of either; whether the page is gone the second one says. */
const FLAGS = JOINED | MIXED;

/** What changed from before `first` to after `second`. */
export function compose(first: Changes, second: Changes): Changes {
  if (first.isEmpty) return second;
  if (second.isEmpty) return first;
  const writer = new ChangesWriter(first.byteLength + second.byteLength);
  const [a, b] = [first.cursor(), second.cursor()];
  let [hasA, hasB] = [a.next(), b.next()];
  while (hasA || hasB) {
    if (hasA && hasB && a.page === b.page) {
      composePage(writer, a, b);
      [hasA, hasB] = [a.next(), b.next()];
    } else if (hasA && (!hasB || a.page < b.page)) {
      writer.addEntry(a.page, a.head, a.body());
      hasA = a.next();
    } else {
      writer.addEntry(b.page, b.head, b.body());
      hasB = b.next();
    }
  }
  return Changes.over(writer.take());
}

function composePage(writer: ChangesWriter, a: ChangesCursor, b: ChangesCursor): void {
  const flags = ((a.head | b.head) & FLAGS) | (b.head & GONE);
  // What was not known in between can't be gone behind; and of a page that was not known before, the reason stays.
  if (b.kind >= Kind.NOW_ONLY || a.kind === Kind.UNKNOWN) {
    const kept = b.kind >= Kind.NOW_ONLY ? b : a;
    writer.addEntry(a.page, (kept.head & ~GONE) | flags, kept.body());
    return;
  }
  const before = new Uint8Array(PAGE_SIZE);
  const after = new Uint8Array(PAGE_SIZE);
  // Of bytes that neither changed both hold zeroes, so that they do not differ; of a whole page they are what it held.
  if (a.kind === Kind.NOW_ONLY) {
    a.redo(before, 0);
    after.set(before);
    b.redoRuns(after, 0);
  } else {
    b.undo(before, 0);
    a.redoRuns(after, 0);
    b.redoRuns(after, 0);
    // Bytes that only the first changed were, before the second, what the first made of them.
    a.undo(before, 0);
  }
  const spans = new Uint16Array(MOST_RUNS * 2);
  if (a.kind === Kind.NOW_ONLY) {
    const runs = differences(new Int32Array(PAGE_SIZE / 4), 0, new Int32Array(after.buffer), 0, spans);
    writer.addNow(a.page, a.reason ?? "not copied", flags, spans, runs, { bytes: after, at: 0 });
    return;
  }
  const runs = differences(new Int32Array(before.buffer), 0, new Int32Array(after.buffer), 0, spans);
  const kind = a.kind === Kind.FROM_ZEROES ? Kind.FROM_ZEROES : Kind.CHANGED;
  writer.addRuns(a.page, kind | flags, spans, runs, { bytes: before, at: 0 }, { bytes: after, at: 0 });
}
