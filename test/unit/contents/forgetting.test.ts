// What a recording keeps of changed bytes: within a budget, the oldest forgotten first, and said to be.
import assert from "node:assert/strict";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { differences, MOST_RUNS } from "../../../src/memory/contents/difference.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { pageAfter } from "../../../src/recording/contents/history.ts";
import { changedJson } from "../../../src/recording/contents/json.ts";
import { changedLines } from "../../../src/recording/contents/words.ts";
import { NOTHING_TOLD, type Step } from "../../../src/recording/step.ts";
import { StepStore } from "../../../src/recording/step-store.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";

const PAGE = 0x1000;
const spans = new Uint16Array(MOST_RUNS * 2);

const full = (byte: number): Uint8Array => new Uint8Array(PAGE_SIZE).fill(byte);

/** Step n fills the page with n. */
function step(number: number): Step {
  const [before, after] = [full(number - 1), full(number)];
  const runs = differences(new Int32Array(before.buffer), 0, new Int32Array(after.buffer), 0, spans);
  const writer = new ChangesWriter();
  writer.addRuns(PAGE, Kind.CHANGED, spans, runs, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  const contents = { changes: Changes.over(writer.take()), byDebugger: Changes.NONE };
  const rest = { number, by: "next", stops: 1, layout: EMPTY_LAYOUT, scanMicroseconds: 0, settled: true } as const;
  return { ...NOTHING_TOLD, ...rest, written: PageSet.of(PAGE, PAGE + 1), contents };
}

function storeOf(count: number, budget: number): StepStore {
  const store = new StepStore({ steps: 1000, bytes: 1e9, contents: budget });
  for (let number = 1; number <= count; number += 1) store.add(step(number));
  return store;
}

describe("Changed bytes that are kept", () => {
  it("are forgotten with the oldest steps first, which stay, and say so", () => {
    const store = storeOf(10, 4.5 * 2 * PAGE_SIZE);
    assert.equal(store.count, 10);
    const known = [...store].filter(({ contents }) => contents?.missing === undefined).map(({ number }) => number);
    assert.deepEqual(known, [7, 8, 9, 10]);
    const [told] = changedJson(store.byNumber(3) as Step);
    assert.deepEqual([told.before, told.after], [null, null]);
    assert.match(told.why ?? "", /forgotten/);
    assert.match(changedLines(store.byNumber(3) as Step).join(), /0x1000000: \? → \? {2}\(it was forgotten/);
  });

  it("lead back to any step that is remembered, and no further", () => {
    const store = storeOf(10, 4.5 * 2 * PAGE_SIZE);
    for (let number = 6; number <= 10; number += 1) {
      assert.deepEqual(pageAfter(store, PAGE, number, full(10)), { bytes: full(number), isMixed: false });
    }
    for (let number = 0; number < 6; number += 1) {
      assert.deepEqual(pageAfter(store, PAGE, number, full(10)), { unknown: "forgotten" });
    }
  });

  it("are those of the newest step alone where the budget is nothing", () => {
    const store = storeOf(5, 0);
    const known = [...store].filter(({ contents }) => contents?.missing === undefined).map(({ number }) => number);
    assert.deepEqual(known, [5]);
  });

  it("do not come back when a forgotten step is told more fully", () => {
    const store = storeOf(10, 4.5 * 2 * PAGE_SIZE);
    store.replace(step(2));
    assert.equal(store.byNumber(2)?.contents?.missing, "forgotten");
  });

  it("of steps that are forgotten altogether are unknown", () => {
    const store = new StepStore({ steps: 3, bytes: 1e9, contents: 1e9 });
    for (let number = 1; number <= 10; number += 1) store.add(step(number));
    assert.deepEqual(pageAfter(store, PAGE, 7, full(10)), { bytes: full(7), isMixed: false });
    assert.deepEqual(pageAfter(store, PAGE, 6, full(10)), { unknown: "forgotten" });
  });
});
