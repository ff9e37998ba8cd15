// Who wrote a range: against a plain account of every byte.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { differences, MOST_RUNS } from "../../../src/memory/contents/difference.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { NOTHING_TOLD, type Step } from "../../../src/recording/step.ts";
import { StepStore } from "../../../src/recording/step-store.ts";
import { byteWritersOf } from "../../../src/recording/writers.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";

const PAGES = 3;
const FIRST = 16;
const BASE = FIRST * PAGE_SIZE;

function stepOf(number: number, pages: readonly number[], more: Partial<Step>): Step {
  const written = PageSet.from(pages.map((page): [number, number] => [page, page + 1]));
  return {
    number,
    by: "next",
    stops: 1,
    ...NOTHING_TOLD,
    written,
    layout: EMPTY_LAYOUT,
    scanMicroseconds: 0,
    settled: true,
    ...more,
  };
}

function changesOf(before: Uint8Array, after: Uint8Array, pages: readonly number[]): Changes {
  const writer = new ChangesWriter();
  const spans = new Uint16Array(2 * MOST_RUNS);
  for (const page of pages) {
    const at = (page - FIRST) * PAGE_SIZE;
    const runs = differences(new Int32Array(before.buffer), at / 4, new Int32Array(after.buffer), at / 4, spans);
    writer.addRuns(page, Kind.CHANGED, spans, runs, { bytes: before, at }, { bytes: after, at });
  }
  return Changes.over(writer.take());
}

const store = fc.tuple(fc.nat(PAGES * PAGE_SIZE - 1), fc.integer({ min: 1, max: 40 }), fc.nat(3));
const anyStep = fc.array(store, { maxLength: 4 });

describe("The steps that wrote a range", () => {
  it("are those that changed a byte of it, the newest first, with the bytes before and after", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 12 }), store, (program, [start, length]) => {
        const steps = new StepStore();
        const end = Math.min(PAGES * PAGE_SIZE, start + length);
        const expected: [number, Map<number, [number, number]>][] = [];
        let memory = new Uint8Array(PAGES * PAGE_SIZE);
        for (const [i, stores] of program.entries()) {
          const before = memory;
          memory = memory.slice();
          const pages = new Set<number>();
          for (const [at, bytes, value] of stores) {
            memory.fill(value, at, at + bytes);
            for (let byte = at; byte < Math.min(memory.length, at + bytes); byte += 1)
              pages.add(FIRST + Math.floor(byte / PAGE_SIZE));
          }
          const sorted = [...pages].sort((a, b) => a - b);
          const changes = changesOf(before, memory, sorted);
          steps.add(stepOf(i + 1, sorted, { contents: { changes, byDebugger: Changes.NONE } }));
          const changed = new Map<number, [number, number]>();
          for (let at = start; at < end; at += 1)
            if (before[at] !== memory[at]) changed.set(at, [before[at] ?? 0, memory[at] ?? 0]);
          if (changed.size > 0) expected.unshift([i + 1, changed]);
        }
        const { writers, hasMore } = byteWritersOf(steps, BASE + start, BASE + end, 100);
        const told = writers.map(({ step, changes = [] }): [number, Map<number, [number, number]>] => {
          const bytes = new Map<number, [number, number]>();
          for (const { address, before, after } of changes)
            for (const [i, byte] of after.entries()) bytes.set(address - BASE + i, [before[i] ?? 0, byte]);
          return [step.number, bytes];
        });
        assert.deepEqual(told, expected);
        assert.equal(hasMore, false);
      }),
    );
  });

  it("are told as of the page where no bytes are known", () => {
    const steps = new StepStore();
    steps.add(stepOf(1, [FIRST], {}));
    steps.add(stepOf(2, [FIRST + 1], {}));
    steps.add(
      stepOf(3, [FIRST], { contents: { changes: Changes.NONE, byDebugger: Changes.NONE, missing: "overtaken" } }),
    );
    const { writers } = byteWritersOf(steps, BASE, BASE + 8, 100);
    assert.deepEqual(
      writers.map(({ step, changes }) => [step.number, changes]),
      [
        [3, undefined],
        [1, undefined],
      ],
    );
  });

  it("are as many as were asked for, and it says that there are more", () => {
    const steps = new StepStore();
    for (let number = 1; number <= 5; number += 1) steps.add(stepOf(number, [FIRST], {}));
    const { writers, hasMore } = byteWritersOf(steps, BASE, BASE + 1, 2);
    assert.deepEqual([writers.map(({ step }) => step.number), hasMore], [[5, 4], true]);
  });
});
