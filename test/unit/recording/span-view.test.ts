// A page before the first and after the last of several steps: what an account of every byte says it was.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { NOT_KNOWN } from "../../../src/recording/contents/byte-state.ts";
import { spanView } from "../../../src/recording/contents/span-view.ts";
import { StepStore } from "../../../src/recording/step-store.ts";
import { stepOf } from "../ui/page.ts";
import { changedPages, type Run } from "./made.ts";

const PAGE = 16;

/** Steps that store one byte each, or none of this page. @param stores offset and value. */
function stored(stores: readonly (readonly [number, number] | null)[]) {
  const steps = new StepStore();
  const memory = new Uint8Array(PAGE_SIZE).fill(9);
  const memories = [memory.slice()];
  for (const [i, store] of stores.entries()) {
    const runs: Run[] = [];
    if (store) {
      const [at, value] = store;
      if (memory[at] !== value) runs.push([at, [memory[at]], [value]]);
      memory[at] = value;
    }
    // Of a page that was written with the bytes it had there is an entry without runs.
    const changes = store ? changedPages([PAGE, ...runs]) : Changes.NONE;
    const written = store ? PageSet.of(PAGE, PAGE + 1) : PageSet.EMPTY;
    steps.add(stepOf({ number: i + 1, written, contents: { changes, byDebugger: Changes.NONE } }));
    memories.push(memory.slice());
  }
  return { steps, memories };
}

describe("A page over several steps", () => {
  it("is what it was before the first and after the last, whichever of them wrote it", () => {
    const store = fc.option(fc.tuple(fc.nat(20), fc.nat(3)), { freq: 3 });
    fc.assert(
      fc.property(fc.array(store, { minLength: 1, maxLength: 12 }), fc.nat(11), fc.nat(11), (stores, a, b) => {
        const { steps, memories } = stored(stores);
        const first = Math.min(a, b, stores.length - 1) + 1;
        const last = Math.min(Math.max(a, b), stores.length - 1) + 1;
        const view = spanView(steps, { first, last }, PAGE, { newest: memories[stores.length] });
        assert.deepEqual(Uint8Array.from(view.before), memories[first - 1]);
        assert.deepEqual(Uint8Array.from(view.after), memories[last]);
        const differ = [...view.before].map((byte, i) => (byte === view.after[i] ? 0 : 1));
        assert.deepEqual([...view.changed], differ);
      }),
    );
  });

  it("says of bytes that changed back that they did, and marks them not", () => {
    const { steps, memories } = stored([
      [4, 1],
      [7, 3],
      [4, 9],
    ]);
    const view = spanView(steps, { first: 1, last: 3 }, PAGE, { newest: memories[3] });
    assert.deepEqual([view.changed[4], view.changed[7]], [0, 1]);
    assert.deepEqual(view.notes, ["1 byte changed in between, and changed back."]);
  });

  it("is not known before where the first of the steps does not tell it", () => {
    const { steps, memories } = stored([
      [4, 1],
      [4, 2],
    ]);
    const first = steps.byNumber(1);
    assert.ok(first);
    steps.replace({
      ...first,
      contents: { changes: Changes.NONE, byDebugger: Changes.NONE, missing: "forgotten" },
    });
    const view = spanView(steps, { first: 1, last: 2 }, PAGE, { newest: memories[2] });
    assert.equal(view.before[4], NOT_KNOWN);
    assert.equal(view.after[4], 2);
    assert.equal(view.changed[4], 1);
  });
});
