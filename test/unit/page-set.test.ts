// Page sets against the plainest models there are: a Set of page numbers for small ones, lists of runs for large ones.
import assert from "node:assert/strict";
import fc from "fast-check";
import { RegionVector } from "../../src/kernel/region-vector.ts";
import { PageSet, RunBuilder } from "../../src/memory/page-set.ts";

type Run = readonly [number, number];

/** Pages in a chunk of the set's own: its inner borders. */
const CHUNK = 1 << 16;
const SPACE = 60;

function model(set: readonly Run[]): Set<number> {
  const pages = new Set<number>();
  for (const [start, end] of set) for (let page = start; page < end; page += 1) pages.add(page);
  return pages;
}

function pagesOf(set: PageSet): number[] {
  return [...model([...set.pairs()])].sort((a, b) => a - b);
}

const sorted = (pages: Iterable<number>): number[] => [...pages].sort((a, b) => a - b);

/** Few pages, close together, and across a border. */
const few = fc.array(
  fc.tuple(fc.nat(SPACE), fc.nat(SPACE)).map(([a, b]): Run => [a + CHUNK - SPACE / 2, b + CHUNK - SPACE / 2]),
  { maxLength: 12 },
);
const FIRST = CHUNK - SPACE / 2;

/** A page near a chunk's border, or anywhere. */
const edge = fc.oneof(
  fc.tuple(fc.nat(5), fc.integer({ min: -2, max: 2 })).map(([chunk, by]) => Math.max(0, chunk * CHUNK + by)),
  fc.nat(5 * CHUNK),
  fc.integer({ min: 2 ** 35 - 3 * CHUNK, max: 2 ** 35 }),
);
/** So many runs of one length with gaps of one length: as a chunk holds them they are a list, or a bitmap. */
const comb = fc
  .tuple(edge, fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .map(([start, count, length, gap]) =>
    Array.from({ length: count }, (_, i): Run => [start + i * (length + gap), start + i * (length + gap) + length]),
  );
/** Runs of every kind: short, over many chunks, terabytes, thousands in one chunk. */
const many = fc
  .array(
    fc.oneof(
      fc.tuple(edge, edge).map(([a, b]): Run[] => [[a, b]]),
      fc.tuple(edge, fc.nat(70)).map(([a, length]): Run[] => [[a, a + length]]),
      comb,
    ),
    { maxLength: 4 },
  )
  .map(lists => lists.flat());

/** The runs of a set, by sorting and joining: nothing of the implementation. */
function joined(runs: readonly Run[]): [number, number][] {
  const result: [number, number][] = [];
  for (const [start, end] of runs.filter(([a, b]) => a < b).sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}

/** Runs where a rule on both sides holds, by looking between every two edges. */
function combined(a: readonly Run[], b: readonly Run[], keep: (a: boolean, b: boolean) => boolean): [number, number][] {
  const [x, y] = [joined(a), joined(b)];
  const edges = [...new Set([...x.flat(), ...y.flat()])].sort((p, q) => p - q);
  let [i, j] = [0, 0];
  const result: Run[] = [];
  edges.slice(1).forEach((end, at) => {
    const start = edges[at];
    while (i < x.length && x[i][1] <= start) i += 1;
    while (j < y.length && y[j][1] <= start) j += 1;
    if (keep(i < x.length && x[i][0] <= start, j < y.length && y[j][0] <= start)) result.push([start, end]);
  });
  return joined(result);
}

const runsOf = (set: PageSet): [number, number][] => [...set.pairs()];
const total = (runs: readonly Run[]): number => runs.reduce((pages, [start, end]) => pages + end - start, 0);

/** What crosses between processes, as it arrives. */
const sent = (set: PageSet): PageSet => PageSet.fromWire(structuredClone(set.toWire()));

describe("A page set", () => {
  it("holds exactly the pages of the runs it was made from, in runs that neither touch nor overlap", () => {
    fc.assert(
      fc.property(few, given => {
        const set = PageSet.from(given);
        assert.deepEqual(pagesOf(set), sorted(model(given)));
        assert.equal(set.pageCount, model(given).size);
      }),
    );
    fc.assert(
      fc.property(many, given => {
        const set = PageSet.from(given);
        const runs = joined(given);
        assert.deepEqual(runsOf(set), runs);
        assert.equal(set.runCount, runs.length);
        assert.equal(set.pageCount, total(runs));
        assert.equal(set.isEmpty, runs.length === 0);
        assert.deepEqual([...set.runsFrom(0, runs.length + 1)], runs.flat());
        assert.deepEqual([set.first, set.end], [runs[0]?.[0] ?? Number.NaN, runs.at(-1)?.[1] ?? Number.NaN]);
      }),
    );
  });

  it("unites, intersects, subtracts and contains as sets of numbers do", () => {
    fc.assert(
      fc.property(few, few, (left, right) => {
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

  it("unites, intersects, subtracts and contains runs of any size and number", () => {
    fc.assert(
      fc.property(many, many, (left, right) => {
        const [a, b] = [PageSet.from(left), PageSet.from(right)];
        assert.deepEqual(
          runsOf(a.union(b)),
          combined(left, right, (x, y) => x || y),
        );
        const both = a.intersect(b);
        assert.deepEqual(
          runsOf(both),
          combined(left, right, (x, y) => x && y),
        );
        const rest = a.subtract(b);
        assert.deepEqual(
          runsOf(rest),
          combined(left, right, (x, y) => x && !y),
        );
        assert.equal(a.isWithin(b), rest.isEmpty);
        assert.ok(both.isWithin(a) && both.isWithin(b) && rest.isWithin(a));
        // However a set came about, its memory is the same.
        assert.ok(both.union(rest).equals(a));
        assert.ok(PageSet.from(runsOf(both)).equals(both));
      }),
    );
  });

  it("counts, clips and finds within any range", () => {
    fc.assert(
      fc.property(few, fc.nat(SPACE), fc.nat(SPACE), (given, from, to) => {
        const [start, end] = [from + FIRST, to + FIRST];
        const set = PageSet.from(given);
        const inside = sorted(model(given)).filter(page => start <= page && page < end);
        assert.equal(set.countIn(start, end), inside.length);
        assert.deepEqual(pagesOf(set.clip(start, end)), inside);
        assert.equal(set.has(start), model(given).has(start));
        assert.equal(
          set.next(start),
          sorted(model(given)).find(page => page >= start),
        );
      }),
    );
    fc.assert(
      fc.property(many, edge, edge, (given, start, end) => {
        const set = PageSet.from(given);
        const runs = joined(given);
        const clipped = combined(given, [[start, end]], (x, y) => x && y);
        assert.deepEqual(runsOf(set.clip(start, end)), clipped);
        assert.equal(set.countIn(start, end), total(clipped));
        const at = runs.find(run => run[1] > start);
        assert.equal(set.has(start), at !== undefined && at[0] <= start);
        assert.equal(set.next(start), at && Math.max(at[0], start));
        assert.equal(set.previous(start), runs.findLast(run => run[0] < start)?.[0]);
      }),
    );
  });

  it("counts its pages in cells, whatever their size", () => {
    fc.assert(
      fc.property(
        many,
        edge,
        fc.integer({ min: 1, max: 3 * CHUNK }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (given, start, pagesPerCell, cells, short) => {
          const set = PageSet.from(given);
          const end = start + cells * pagesPerCell - (short ? Math.floor(pagesPerCell / 2) : 0);
          const out = new Float64Array(cells);
          set.countCells(start, end, pagesPerCell, cells, out);
          const expected = Array.from({ length: cells }, (_, i) => {
            const from = start + i * pagesPerCell;
            return total(combined(given, [[from, Math.min(end, from + pagesPerCell)]], (x, y) => x && y));
          });
          assert.deepEqual([...out], expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives its runs in parts, each beginning where the one before ended", () => {
    fc.assert(
      fc.property(many, edge, fc.integer({ min: 1, max: 500 }), (given, from, limit) => {
        const set = PageSet.from(given);
        const found: number[] = [];
        for (let page = from; ; ) {
          const part = set.runsFrom(page, limit);
          assert.ok(part.length <= limit * 2);
          if (part.length === 0) break;
          found.push(...part);
          page = part[part.length - 1];
        }
        assert.deepEqual(found, combined(given, [[from, 2 ** 40]], (x, y) => x && y).flat());
      }),
    );
  });

  it("is the same set after it has crossed to another process, in no more bytes than it is", () => {
    fc.assert(
      fc.property(many, given => {
        const set = PageSet.from(given);
        const { index, data } = set.toWire();
        assert.equal(index.byteLength, index.buffer.byteLength);
        assert.equal(data.byteLength, data.buffer.byteLength);
        assert.ok(sent(set).equals(set));
        assert.deepEqual(runsOf(sent(set)), joined(given));
      }),
    );
  });

  it("refuses what comes from no set, and a set of which any number was changed", () => {
    for (const wire of [
      undefined,
      null,
      7,
      {},
      { index: [], data: [] },
      { index: new Float64Array(3), data: new Uint32Array(0) },
    ])
      assert.throws(() => PageSet.fromWire(wire as never), /arrived damaged/);
    fc.assert(
      fc.property(many, fc.nat(), fc.integer({ min: 1, max: 2 ** 31 }), fc.boolean(), (given, at, by, inIndex) => {
        const set = PageSet.from(given);
        fc.pre(!set.isEmpty);
        const wire = structuredClone(set.toWire());
        const changed = inIndex || wire.data.length === 0 ? wire.index : wire.data;
        changed[at % changed.length] += by;
        let received: PageSet;
        try {
          received = PageSet.fromWire(wire);
        } catch (error) {
          assert.match(String(error), /arrived damaged/);
          return;
        }
        // Or it is a set all the same: its runs neither touch nor overlap.
        assert.deepEqual(runsOf(received), joined(runsOf(received)));
      }),
      { numRuns: 300 },
    );
  });

  it("takes 128 KiB for every second page of 4 GiB, and hardly anything for 16 TiB on end", () => {
    const alternating = PageSet.from(Array.from({ length: 1 << 19 }, (_, i): Run => [i * 2, i * 2 + 1]));
    assert.equal(alternating.runCount, 524_288);
    assert.ok(alternating.byteLength < 130 * 1024, `${alternating.byteLength} bytes`);
    const { index, data } = alternating.toWire();
    assert.ok(index.byteLength + data.byteLength < 130 * 1024);
    const giant = PageSet.of(2 ** 34 + 5, 2 ** 34 + 2 ** 32 + 77);
    assert.equal(giant.pageCount, 2 ** 32 + 72);
    assert.ok(giant.byteLength < 256, `${giant.byteLength} bytes`);
  });

  it("holds the highest addresses, where the vsyscall page is, and refuses what lies beyond", () => {
    const [start, end] = [0xffffffffff600, 0xffffffffff601];
    assert.deepEqual(runsOf(PageSet.of(start, end)), [[start, end]]);
    assert.throws(() => PageSet.of(2 ** 52, 2 ** 52 + 1), RangeError);
    assert.throws(() => PageSet.of(-1, 1), RangeError);
  });

  it("is the same whether decoded from the kernel's regions in slices or built run by run", () => {
    const steps = fc.oneof(
      fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 40 })), { minLength: 2500, maxLength: 9000, size: "max" }),
      fc.array(fc.tuple(fc.nat(CHUNK), fc.integer({ min: 1, max: 3 * CHUNK })), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(
        steps,
        fc.nat(2 * CHUNK),
        fc.integer({ min: 1, max: 6000 }),
        fc.nat(3),
        (given, from, capacity, again) => {
          let at = 2 ** 34 + from;
          const runs = given.map(([gap, length]): Run => {
            const run: Run = [at + gap, at + gap + length];
            at += gap + length;
            return run;
          });
          const vector = new RegionVector(capacity);
          const builder = new RunBuilder(1);
          for (let i = 0; i < runs.length; ) {
            const slice = runs.slice(i, i + capacity);
            slice.forEach(([start, end], region) => {
              vector.set(region, start, end, 2);
            });
            vector.appendTo(builder, slice.length);
            // A kernel may tell the last ones of a slice once more in the next.
            i += capacity > again ? Math.max(1, slice.length - (i + capacity < runs.length ? again : 0)) : slice.length;
          }
          assert.deepEqual(runsOf(builder.finish()), joined(runs));
        },
      ),
    );
  });

  it("can be built once more in the same memory, and what was built before stays as it was", () => {
    fc.assert(
      fc.property(many, many, (left, right) => {
        const builder = new RunBuilder();
        for (const [start, end] of joined(left)) builder.add(start, end);
        const first = builder.finish();
        builder.reset();
        for (const [start, end] of joined(right)) builder.add(start, end);
        assert.deepEqual(runsOf(builder.finish()), joined(right));
        assert.deepEqual(runsOf(first), joined(left));
      }),
    );
  });
});
