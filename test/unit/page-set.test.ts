// Page sets against the plainest model there is: a Set of page numbers.
import assert from "node:assert/strict";
import fc from "fast-check";
import { RegionVector } from "../../src/kernel/region-vector.ts";
import { PageSet, RunBuilder } from "../../src/memory/page-set.ts";

const SPACE = 60;
const pairs = fc.array(fc.tuple(fc.nat(SPACE), fc.nat(SPACE)), { maxLength: 12 });

function model(set: readonly (readonly [number, number])[]): Set<number> {
  const pages = new Set<number>();
  for (const [start, end] of set) for (let page = start; page < end; page += 1) pages.add(page);
  return pages;
}

function pagesOf(set: PageSet): number[] {
  return [...model([...set.pairs()])].sort((a, b) => a - b);
}

const sorted = (pages: Iterable<number>): number[] => [...pages].sort((a, b) => a - b);

describe("A page set", () => {
  it("holds exactly the pages of the runs it was made from, in runs that neither touch nor overlap", () => {
    fc.assert(
      fc.property(pairs, given => {
        const set = PageSet.from(given);
        assert.deepEqual(pagesOf(set), sorted(model(given)));
        assert.equal(set.pageCount, model(given).size);
        for (let i = 1; i < set.runs.length; i += 1) assert.ok(set.runs[i - 1] < set.runs[i]);
      }),
    );
  });

  it("unites, intersects, subtracts and contains as sets of numbers do", () => {
    fc.assert(
      fc.property(pairs, pairs, (left, right) => {
        const [a, b] = [PageSet.from(left), PageSet.from(right)];
        const [x, y] = [model(left), model(right)];
        assert.deepEqual(pagesOf(a.union(b)), sorted(x.union(y)));
        assert.deepEqual(pagesOf(a.intersect(b)), sorted(x.intersection(y)));
        assert.deepEqual(pagesOf(a.subtract(b)), sorted(x.difference(y)));
        assert.equal(a.isWithin(b), x.isSubsetOf(y));
        assert.equal(a.equals(b), x.symmetricDifference(y).size === 0);
      }),
    );
  });

  it("counts, clips and finds within any range", () => {
    fc.assert(
      fc.property(pairs, fc.nat(SPACE), fc.nat(SPACE), (given, start, end) => {
        const set = PageSet.from(given);
        const inside = sorted(model(given)).filter(page => start <= page && page < end);
        assert.equal(set.countIn(start, end), inside.length);
        assert.deepEqual(pagesOf(set.clip(start, end)), inside);
        assert.equal(set.has(start), model(given).has(start));
      }),
    );
  });

  it("is the same whether decoded from the kernel's regions in slices or built run by run", () => {
    const ascending = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { maxLength: 40 }).map(steps => {
      let at = 2 ** 34;
      return steps.map(([gap, length]): [number, number] => {
        const run: [number, number] = [at + gap, at + gap + length];
        at += gap + length;
        return run;
      });
    });
    fc.assert(
      fc.property(ascending, fc.integer({ min: 1, max: 9 }), (runs, capacity) => {
        const vector = new RegionVector(capacity);
        const builder = new RunBuilder(1);
        for (let i = 0; i < runs.length; i += capacity) {
          const slice = runs.slice(i, i + capacity);
          slice.forEach(([start, end], at) => {
            vector.set(at, start, end, 2);
          });
          vector.appendTo(builder, slice.length);
        }
        assert.ok(builder.finish().equals(PageSet.from(runs)));
      }),
    );
  });
});
