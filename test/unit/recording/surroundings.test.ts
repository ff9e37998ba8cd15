// Bytes that a step left alone, told by the steps around it: against a plain account of every byte.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { differences, MOST_RUNS } from "../../../src/memory/contents/difference.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { NOT_KEPT } from "../../../src/recording/contents/byte-state.ts";
import { bytesAround } from "../../../src/recording/contents/surroundings.ts";
import { StepStore } from "../../../src/recording/step-store.ts";
import { stepOf } from "../ui/page.ts";

const PAGE = 16;

function changesOf(before: Uint8Array, after: Uint8Array, isKnown: boolean): Changes {
  const spans = new Uint16Array(2 * MOST_RUNS);
  const writer = new ChangesWriter();
  if (!isKnown) {
    spans.set([0, PAGE_SIZE]);
    writer.addNow(PAGE, "not copied", 0, spans, 1, { bytes: after, at: 0 });
    return Changes.over(writer.take());
  }
  const kind = before.every(byte => byte === 0) ? Kind.FROM_ZEROES : Kind.CHANGED;
  const runs = differences(new Int32Array(before.buffer), 0, new Int32Array(after.buffer), 0, spans);
  if (runs === 0) return Changes.NONE;
  writer.addRuns(PAGE, kind, spans, runs, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  return Changes.over(writer.take());
}

const store = fc.tuple(fc.nat(63), fc.integer({ min: 1, max: 12 }), fc.nat(3));
/** How much a step tells: its changes, only what is there now, nothing at all. */
const telling = fc.constantFrom("all", "all", "all", "now", "none");
const anyStep = fc.record({ stores: fc.array(store, { maxLength: 3 }), byDebugger: fc.option(store), telling });

describe("Bytes that a step left alone", () => {
  it("are what memory held, wherever other steps tell them", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 10 }), fc.nat(3), (program, first) => {
        const steps = new StepStore();
        const memories: Uint8Array[] = [];
        let memory = new Uint8Array(PAGE_SIZE).fill(first);
        const run = (stores: readonly (readonly [number, number, number])[], isKnown: boolean): Changes => {
          const before = memory;
          memory = memory.slice();
          for (const [at, length, value] of stores) memory.fill(value, at, at + length);
          return changesOf(before, memory, isKnown);
        };
        for (const [i, { stores, byDebugger, telling: told }] of program.entries()) {
          const debuggers = run(byDebugger ? [byDebugger] : [], true);
          const changes = run(stores, told !== "now");
          const written = stores.length > 0 ? PageSet.of(PAGE, PAGE + 1) : PageSet.EMPTY;
          const contents =
            told === "none"
              ? { changes: Changes.NONE, byDebugger: debuggers, missing: "overtaken" as const }
              : { changes: stores.length > 0 ? changes : Changes.NONE, byDebugger: debuggers };
          steps.add(stepOf({ number: i + 1, written, contents }));
          memories.push(memory);
        }
        for (const [i, expected] of memories.entries()) {
          const told = bytesAround(steps, PAGE, i + 1);
          for (const [at, byte] of told.entries())
            if (byte !== NOT_KEPT) assert.equal(byte, expected[at], `${i} ${at}`);
          const all = program.every(each => each.telling === "all");
          const isChanged = (at: number): boolean => memories.some(each => each[at] !== memories[0]?.[at]);
          for (let at = 0; all && at < 80; at += 1)
            if (isChanged(at)) assert.notEqual(told[at], NOT_KEPT, `${i} ${at}`);
        }
      }),
    );
  });

  it("are none of a step that is not kept", () => {
    assert.ok(bytesAround(new StepStore(), PAGE, 1).every(byte => byte === NOT_KEPT));
  });
});
