// For tests: a recording whose steps tell their bytes, made up: named changes, bookkeeping, pages without names and pages unknown.
import { Changes } from "../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../src/memory/contents/changes-writer.ts";
import { differences, MOST_RUNS } from "../../src/memory/contents/difference.ts";
import { Kind } from "../../src/memory/contents/form.ts";
import { addressOf, PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import type { NamedChange } from "../../src/recording/changed-names.ts";
import type { LiveRecording } from "../../src/recording/live.ts";
import { makeRecording, startOf } from "./made-recording.ts";

const MADE = { title: "made with bytes", mappings: 6, pages: 40, steps: 2 };

/** The heap is its second mapping. */
export const HEAP = startOf(MADE, 1);

/** Its last step, 3, changes two named objects and a byte without a name, and writes a page of which nothing is known before. */
export function makeContents(): LiveRecording {
  const recording = makeRecording(MADE);
  const step = recording.steps.byNumber(2);
  if (!step) throw new Error("the made recording has no second step");
  const before = new Uint8Array(PAGE_SIZE);
  before.set(new TextEncoder().encode("the old words, and what follows them"), 0x108);
  const after = before.slice();
  after.set(new TextEncoder().encode("the new words, and more"), 0x108);
  after[0x40] = 42;
  after[0x800] = 0xff;
  const spans = new Uint16Array(2 * MOST_RUNS);
  const runs = differences(new Int32Array(before.buffer), 0, new Int32Array(after.buffer), 0, spans);
  const writer = new ChangesWriter();
  writer.addRuns(HEAP, Kind.CHANGED, spans, runs, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  spans.set([0, 3]);
  writer.addNow(HEAP + 2, "not copied", 0, spans, 1, { bytes: Uint8Array.of(1, 2, 3), at: 0 });
  writer.addUnknown(HEAP + 3, "unreadable");
  const at = addressOf(HEAP);
  const named: NamedChange[] = [
    { start: at + 0x40, end: at + 0x44, bytes: 1, words: "counters[17]", value: "0 → 42", isNoise: false },
    { start: at + 0x10c, end: at + 0x11f, bytes: 7, words: "block of 48 bytes at 0x10029108", isNoise: false },
    { start: at + 0x600, end: at + 0x608, bytes: 8, words: "malloc's top of the heap", isNoise: true },
  ];
  recording.addStep({
    ...step,
    number: 3,
    written: PageSet.of(HEAP, HEAP + 5),
    contents: { changes: Changes.over(writer.take()), byDebugger: Changes.NONE },
    names: { changes: named, unnamed: 0 },
  });
  return recording;
}
