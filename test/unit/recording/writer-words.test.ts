// Addresses that a user types, and the steps that wrote there in words.
import assert from "node:assert/strict";
import { PageSet } from "../../../src/memory/page-set.ts";
import { NOTHING_TOLD, type Step } from "../../../src/recording/step.ts";
import { parseRange, writerWords } from "../../../src/recording/writer-words.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";

const STEP: Step = {
  number: 7,
  from: { source: "/src/main.c", line: 13, function: "fill" },
  by: "next",
  stops: 1,
  thread: { id: 9, name: "worker" },
  ...NOTHING_TOLD,
  written: PageSet.from([[1, 2]]),
  layout: EMPTY_LAYOUT,
  scanMicroseconds: 0,
  settled: true,
};
const RANGE = { address: 4096, size: 8 };

describe("A range that a user types", () => {
  it("is an address and a length", () => {
    assert.deepEqual(parseRange("0x1000"), { address: 4096, size: 1 });
    assert.deepEqual(parseRange(" 0x7fFF1000 + 0x10 "), { address: 0x7fff1000, size: 16 });
    assert.deepEqual(parseRange("0x1000+64"), { address: 4096, size: 64 });
  });

  it("is none where it is an expression", () => {
    for (const text of ["counters[17]", "0x", "12", "0x1000 + x", "0x12345678901234"])
      assert.equal(parseRange(text), undefined, text);
  });

  it("is refused with no bytes", () => {
    assert.throws(() => parseRange("0x1000+0"), /no bytes/);
  });
});

describe("A step that wrote a range, in words", () => {
  it("is its line, who ran it, and the bytes before and after", () => {
    const change = { address: 4100, before: Uint8Array.of(0), after: Uint8Array.of(0x79) };
    assert.deepEqual(writerWords({ step: STEP, changes: [change], isShared: false }, RANGE), {
      label: "main.c:13",
      description: "fill · worker · step 7",
      detail: "byte 4: 00 → 79",
    });
  });

  it("says so where only the page is known", () => {
    assert.match(writerWords({ step: STEP, isShared: false }, RANGE).detail, /Wrote the page.*not known/);
  });

  it("counts changes and bytes that are too many to tell", () => {
    const change = { address: 4096, before: new Uint8Array(40), after: new Uint8Array(40).fill(1) };
    const { detail } = writerWords({ step: STEP, changes: [change, change, change, change], isShared: true }, RANGE);
    assert.match(detail, /… \(40 bytes\)/);
    assert.match(detail, /1 more \(some of it may be the debugger's/);
  });
});
