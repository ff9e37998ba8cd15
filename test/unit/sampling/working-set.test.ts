// Windows of many lengths out of samples, against windows that are counted one by one.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import { pagesWithin, WorkingSet } from "../../../src/sampling/working-set.ts";

const setOf = (pages: readonly number[]): PageSet =>
  pages.reduce((all, page) => all.union(PageSet.of(page, page + 1)), PageSet.EMPTY);

describe("A working set", () => {
  it("is what windows of 1, 2, 4, … samples wrote, on average and at most", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(30), { maxLength: 6 }), { minLength: 1, maxLength: 20 }), samples => {
        const set = new WorkingSet();
        for (const pages of samples) set.add(setOf(pages), 0.5);
        for (const [level, point] of set.curve.entries()) {
          const length = 2 ** level;
          const windows = Array.from(
            { length: Math.floor(samples.length / length) },
            (_, i) => new Set(samples.slice(i * length, (i + 1) * length).flat()).size,
          );
          assert.deepEqual(point, {
            seconds: length / 2,
            mean: windows.reduce((sum, count) => sum + count, 0) / windows.length,
            most: Math.max(...windows),
            windows: windows.length,
          });
        }
        assert.equal(set.curve.length, Math.floor(Math.log2(samples.length)) + 1);
      }),
    );
  });

  it("is told for windows of any length, and grows on as it grew last", () => {
    const curve = [
      { seconds: 1, mean: 10, most: 10, windows: 2 },
      { seconds: 2, mean: 14, most: 14, windows: 1 },
    ];
    assert.deepEqual(
      [0, 0.5, 1, 1.5, 2, 4].map(seconds => pagesWithin(curve, seconds)),
      [0, 5, 10, 12, 14, 22],
    );
    assert.equal(pagesWithin([], 5), 0);
  });
});
