// Which copies of pages go when there is no more room, and that each is found where it was put.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageCopies } from "../../../src/tracker/contents/page-copies.ts";

const kept = (copies: PageCopies, pages: readonly number[]): number[] => pages.filter(page => copies.slotOf(page) >= 0);

describe("Copies of pages", () => {
  it("go where they were never written first, the coldest before all", () => {
    const copies = new PageCopies(4);
    for (const page of [10, 11, 12]) copies.add(page);
    copies.touch(20);
    copies.touch(10);
    copies.touch(21);
    assert.deepEqual(kept(copies, [10, 11, 12, 20, 21]), [10, 11, 20, 21]);
    copies.touch(22);
    assert.deepEqual(kept(copies, [10, 11, 20, 21, 22]), [10, 20, 21, 22]);
  });

  it("go in the order in which they were written first, but for those written again since", () => {
    const copies = new PageCopies(3);
    for (const page of [1, 2, 3, 1, 4]) copies.touch(page);
    assert.deepEqual(kept(copies, [1, 2, 3, 4]), [1, 3, 4]);
    copies.touch(5);
    assert.deepEqual(kept(copies, [1, 3, 4, 5]), [1, 4, 5]);
  });

  it("make room also where every page was written again", () => {
    const copies = new PageCopies(100);
    for (let turn = 0; turn < 2; turn += 1) for (let page = 0; page < 100; page += 1) copies.touch(page);
    assert.ok(copies.touch(1000) >= 0);
    assert.equal(copies.count, 100);
  });

  it("are found in one slot each, whatever came and went", () => {
    const action = fc.tuple(fc.constantFrom("add", "touch", "drop", "look"), fc.nat(30));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (actions, capacity) => {
        const copies = new PageCopies(capacity);
        const model = new Map<number, number>();
        for (const [what, page] of actions) {
          if (what === "drop") {
            copies.drop(page);
            model.delete(page);
          } else if (what === "touch" || (what === "add" && !model.has(page))) {
            const slot = what === "touch" ? copies.touch(page) : copies.add(page);
            // Whoever had it before has gone.
            for (const [other, taken] of model) if (taken === slot && other !== page) model.delete(other);
            if (slot >= 0) model.set(page, slot);
          }
          assert.equal(copies.slotOf(page), model.get(page) ?? -1);
        }
        for (let page = 0; page <= 30; page += 1) assert.equal(copies.slotOf(page), model.get(page) ?? -1);
        assert.equal(copies.count, model.size);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
