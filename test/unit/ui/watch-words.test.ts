// What the tree "Write Watches", the panel and the debug console say of watches and of the stores that met them.
import assert from "node:assert/strict";
import { hitBytes, placeWords, presentWords } from "../../../src/session/hit-words.ts";
import type { Hit } from "../../../src/session/watch-hit.ts";
import type { WatchEntry } from "../../../src/session/watch-list.ts";
import type { EntryState } from "../../../src/session/watch-sync.ts";
import { logWords, watchDescription, watchDetails } from "../../../src/ui/watches/words.ts";

const hit: Hit = {
  number: 3,
  watch: { id: "a", what: "counters", ranges: [{ start: 4096, end: 4160 }] },
  address: 4100,
  thread: { id: 17, name: "worker" },
  by: "store",
  isBefore: true,
  place: { function: "fill", source: "/home/me/main.c", line: 12 },
  stack: [
    { function: "fill", source: "/home/me/main.c", line: 12 },
    { function: "main", source: "/home/me/main.c", line: 30 },
    { function: "_start", line: 0 },
  ],
  before: Uint8Array.of(9, 9, 9, 9, 0, 0, 0x2a, 0),
  beforeAt: 4096,
  stopped: true,
  words: "Stopped before a write to counters (byte 4).",
};

const entry: WatchEntry = { id: "a", target: { expression: "counters" }, enabled: true };
const state: EntryState = { state: "watched", notes: [], hits: 0, ranges: [{ start: 4096, end: 4160 }] };

describe("A store that met a watch", () => {
  it("is told by who, where, and what is about to change, and how to go on", () => {
    assert.equal(
      presentWords(hit),
      "Stopped before a write to counters (byte 4). fill() at main.c:12, thread 17 (worker). " +
        "About to change: 00 00 2a 00. Continue lets it through.",
    );
  });

  it("is told with the bytes before and after where it is done already", () => {
    const after = Uint8Array.of(9, 9, 9, 9, 1, 0, 0x2a, 0);
    const done = { ...hit, isBefore: false, after, words: "Stopped after a write to counters." };
    assert.equal(hitBytes(done), "00 00 2a 00 → 01 00 2a 00");
    assert.match(presentWords(done), /Changed: 00 00 2a 00 → 01 00 2a 00\.$/);
  });

  it("is told without what nobody knows", () => {
    const { place: _, ...lost } = { ...hit, before: new Uint8Array(), thread: { id: 1 } };
    assert.equal(
      presentWords(lost),
      "Stopped before a write to counters (byte 4). Its place is not known, thread 1. Continue lets it through.",
    );
    assert.equal(placeWords({ function: "start(int)", line: 0 }), "start(int)");
  });

  it("is logged with its place and the stack behind it", () => {
    assert.equal(
      logWords(hit),
      "counters: written by fill() at main.c:12, thread 17 (worker), there was 00 00 2a 00\n    from main() at main.c:30\n    from _start()",
    );
  });
});

describe("A watch", () => {
  it("says in a few words how it stands, how often it was hit, and on what it stops", () => {
    assert.equal(watchDescription(entry, state), "");
    assert.equal(watchDescription(entry, { ...state, hits: 1 }), "1 hit");
    const asked: WatchEntry = { ...entry, condition: { changes: true, fromHit: 2 }, log: true };
    assert.equal(
      watchDescription(asked, { ...state, state: "refused", hits: 2 }),
      "can't be watched · 2 hits · if changes and from hit 2 · logs",
    );
    assert.equal(watchDescription(entry, { ...state, state: "unresolved" }), "not found yet");
    assert.equal(watchDescription(asked, undefined), "if changes and from hit 2 · logs");
  });

  it("says in full where it lies and what is to be known of it", () => {
    assert.deepEqual(watchDetails({ ...state, notes: ["A miss costs a step."] }), [
      "Watched: 64 bytes at 0x1000.",
      "A miss costs a step.",
    ]);
    assert.deepEqual(watchDetails({ ...state, state: "refused", ranges: [], notes: ["Why."] }), [
      "Not watched.",
      "Why.",
    ]);
    assert.match(watchDetails(undefined).join(), /first stop of the next debug session/);
  });
});
