// The page-table walker: every page once, whatever stands for it, and nothing left half-told.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Entry, TABLE_PAGES } from "../../../src/kernel/simulated/entry.ts";
import { HugeEntry, PageTable, regionOf } from "../../../src/kernel/simulated/page-table.ts";
import { AGAIN, CONTINUE, walk } from "../../../src/kernel/simulated/walker.ts";

/** Regions near the seams of every level of the tables. */
const SEAMS = [0, 1, 511, 512, 513, 2 ** 18 - 1, 2 ** 18, 2 ** 26 - 1];
const region = fc.oneof(fc.constantFrom(...SEAMS), fc.integer({ min: 0, max: 2 ** 26 - 1 }));

interface Place {
  readonly region: number;
  readonly kind: "leaf" | "huge";
}

const places = fc.array(fc.record({ region, kind: fc.constantFrom("leaf" as const, "huge" as const) }), {
  maxLength: 12,
});
const range = fc.tuple(region, fc.nat(511), fc.nat(2 ** 20)).map(([first, offset, pages]): [number, number] => {
  const start = first * TABLE_PAGES + offset;
  return [start, start + pages];
});

function tableOf(list: readonly Place[]): PageTable {
  const table = new PageTable();
  for (const { region: at, kind } of list) {
    if (table.get(at)) continue;
    if (kind === "leaf") table.leaf(at);
    else table.set(at, new HugeEntry(Entry.PRESENT, 0));
  }
  return table;
}

describe("The page-table walker", () => {
  it("visits every page once, in order, as what stands for it", () => {
    fc.assert(
      fc.property(places, range, (list, [start, end]) => {
        const table = tableOf(list);
        let at = start;
        const visit = (kind: string, from: number, to: number): number => {
          assert.equal(from, at);
          assert.ok(to > from && to <= end);
          const there = table.get(regionOf(from));
          assert.equal(kind, there === undefined ? "hole" : there instanceof HugeEntry ? "huge" : "leaf");
          at = to;
          return CONTINUE;
        };
        const result = walk(table, start, end, {
          leaf: (_table, first, last, page) => visit("leaf", page, page + last - first),
          huge: (_entry, _region, from, to) => visit("huge", from, to),
          hole: (from, to) => visit("hole", from, to),
        });
        assert.equal(result, 0);
        assert.equal(at, Math.max(start, end));
      }),
    );
  });

  it("tells a hole of terabytes as few holes", () => {
    let holes = 0;
    walk(new PageTable(), 0, 2 ** 35, {
      hole: () => {
        holes += 1;
        return CONTINUE;
      },
    });
    assert.equal(holes, 1);
  });

  it("makes the tables that are missing where it is asked to, and then meets no hole", () => {
    const table = new PageTable();
    let pages = 0;
    const callbacks = {
      hole: () => assert.fail("a hole"),
      leaf: (_table: unknown, first: number, last: number) => {
        pages += last - first;
        return CONTINUE;
      },
    };
    assert.equal(walk(table, 100, 2000, callbacks, { allocate: true }), 0);
    assert.equal(pages, 1900);
    // Four leaf tables, and one of each level above.
    assert.equal(table.tables, 7);
  });

  it("looks at a stretch again where a callback has changed what stands there", () => {
    const table = tableOf([{ region: 1, kind: "huge" }]);
    const seen: string[] = [];
    walk(table, 512, 1024, {
      huge: (_entry, at) => {
        seen.push("huge");
        table.set(at, undefined);
        table.leaf(at);
        return AGAIN;
      },
      leaf: (_table, first, last) => {
        seen.push(`leaf ${first}..${last}`);
        return CONTINUE;
      },
    });
    assert.deepEqual(seen, ["huge", "leaf 0..512"]);
  });

  it("ends where a callback refuses, with its refusal, and tells observers before and after all the same", () => {
    const told: string[] = [];
    const observer = {
      changing: (start: number, end: number) => void told.push(`changing ${start}..${end}`),
      changed: (start: number, end: number) => void told.push(`changed ${start}..${end}`),
    };
    const refuse = {
      leaf: () => {
        told.push("leaf");
        return -28;
      },
    };
    const table = tableOf([
      { region: 0, kind: "leaf" },
      { region: 1, kind: "leaf" },
    ]);
    assert.equal(walk(table, 10, 900, refuse, { observers: [observer] }), -28);
    assert.deepEqual(told, ["changing 10..900", "leaf", "changed 10..900"]);
  });
});
