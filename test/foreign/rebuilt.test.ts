// Before any session is judged by it: the rebuilt memory is found to be off wherever a byte was told wrong, or not at all.
import assert from "node:assert/strict";
import { Changes } from "../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../src/memory/contents/changes-writer.ts";
import { differences, MOST_RUNS } from "../../src/memory/contents/difference.ts";
import { Kind } from "../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { NOTHING_TOLD, type Step } from "../../src/recording/step.ts";
import { EMPTY_LAYOUT } from "../../src/tracker/reports.ts";
import { Rebuilt } from "./rebuilt.ts";

const PAGE = 0x1000;
const ARMED = { armed: PageSet.of(PAGE, PAGE + 1), mappings: [] };

/** A step that tells one page's change. */
function step(before: Uint8Array, after: Uint8Array, byDebugger = false): Step {
  const spans = new Uint16Array(MOST_RUNS * 2);
  const runs = differences(new Int32Array(before.buffer), 0, new Int32Array(after.buffer), 0, spans);
  const writer = new ChangesWriter();
  writer.addRuns(PAGE, Kind.CHANGED, spans, runs, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  const told = Changes.over(writer.take());
  const contents = byDebugger
    ? { changes: Changes.NONE, byDebugger: told }
    : { changes: told, byDebugger: Changes.NONE };
  const rest = { number: 1, by: "next", stops: 1, layout: EMPTY_LAYOUT, scanMicroseconds: 0, settled: true } as const;
  return { ...NOTHING_TOLD, ...rest, written: ARMED.armed, contents };
}

describe("Memory rebuilt from a first copy and told bytes", () => {
  let real: Uint8Array;
  let rebuilt: Rebuilt;
  let was: Uint8Array;

  beforeEach(() => {
    real = new Uint8Array(PAGE_SIZE).fill(7);
    was = real.slice();
    rebuilt = new Rebuilt({
      states: () => ["own"],
      read: (_start, _end, into) => {
        into.set(real);
        return 1;
      },
    });
    rebuilt.copy(ARMED);
    real[100] = 8;
  });

  it("is the real one where the change was told", () => {
    assert.deepEqual([...rebuilt.check([step(was, real)], ARMED), ...rebuilt.unexplained], []);
    assert.equal(rebuilt.told.bytes, 1);
  });

  it("is off where a byte was not told", () => {
    assert.deepEqual(rebuilt.check([step(was, was)], ARMED), []);
    assert.equal(rebuilt.unexplained.length, 1);
    assert.match(rebuilt.check([step(real, real)], ARMED).join(), /before step 1: 0x1000064 .*is 8, told was 7/);
  });

  it("is off where a byte was told with another value before", () => {
    const wrong = was.slice();
    wrong[100] = 6;
    assert.match(rebuilt.check([step(wrong, real)], ARMED).join(), /0x1000064 is said to have been 6, was 7/);
  });

  it("is the real one where the next step tells that the debugger changed it", () => {
    rebuilt.check([step(was, was)], ARMED);
    assert.deepEqual([...rebuilt.check([step(was, real, true)], ARMED), ...rebuilt.unexplained], []);
  });

  it("is off where a step tells no bytes", () => {
    const { contents: _none, ...bare } = step(was, real);
    assert.match(rebuilt.check([bare], ARMED).join(), /tells no bytes/);
  });
});
