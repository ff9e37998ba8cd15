// Watched ranges as bytes and pages: which range holds an address, and which pages are watched as a whole.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PAGE_SIZE, pageOf } from "../../../src/memory/page.ts";
import { WatchMap } from "../../../src/tracker/watches/watch-map.ts";

const PAGE = PAGE_SIZE;
/** Ranges in the first pages, overlapping as they like. */
const ranges = fc.array(
  fc
    .tuple(fc.nat(6 * PAGE), fc.integer({ min: 1, max: 2 * PAGE }))
    .map(([start, length]) => ({ start, end: start + length })),
  { maxLength: 12 },
);

describe("A map of watched ranges", () => {
  it("holds what a search of all ranges finds, the first one given where several do", () => {
    fc.assert(
      fc.property(ranges, fc.nat(9 * PAGE), (list, address) => {
        const expected = list.findIndex(({ start, end }) => start <= address && address < end);
        assert.equal(new WatchMap(list).rangeAt(address), expected);
      }),
    );
  });

  it("knows of each page which of its bytes are watched, and whether all are", () => {
    fc.assert(
      fc.property(ranges, list => {
        const map = new WatchMap(list);
        for (let page = 0; page < 9; page += 1) {
          const watched = new Set<number>();
          for (const { start, end } of list)
            for (let at = Math.max(start, page * PAGE); at < Math.min(end, (page + 1) * PAGE); at += 1) watched.add(at);
          const told = [...map.within(page)];
          assert.equal(
            told.reduce((sum, { start, end }) => sum + end - start, 0),
            watched.size,
          );
          assert.ok(
            told.every(({ start, end }) => watched.has(start) && watched.has(end - 1) && pageOf(start) === page),
          );
          assert.equal(map.pages.has(page), watched.size > 0);
          assert.equal(map.edges.has(page), watched.size > 0 && watched.size < PAGE);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses what is no range of addresses, in words", () => {
    const refused = [
      { start: 5, end: 5 },
      { start: 9, end: 5 },
      { start: -1, end: 5 },
      { start: 0.5, end: 5 },
      { start: 0, end: 2 ** 47 },
      { start: Number.NaN, end: 5 },
    ];
    for (const range of refused) assert.throws(() => new WatchMap([range]), /can't watch 0x.* no range of addresses/);
  });
});
