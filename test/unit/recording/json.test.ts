// Steps as JSON: every page of every range with the notes that are about it.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PageNote, PageNoteKind } from "../../../src/memory/page-note.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { stepJson } from "../../../src/recording/json.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import { mappingOf, stepOf } from "../ui/page.ts";

const KINDS: readonly PageNoteKind[] = ["rseq", "new mapping", "read or written"];
const extent = fc
  .tuple(fc.nat(120), fc.integer({ min: 1, max: 25 }))
  .map(([start, length]): [number, number] => [start, start + length]);
const notes = fc.array(
  fc.tuple(extent, fc.constantFrom(...KINDS)).map(([[start, end], note]): PageNote => ({ start, end, note })),
  { maxLength: 10 },
);

describe("A step's ranges as JSON", () => {
  it("hold each written page once, with just the notes that are about it", () => {
    fc.assert(
      fc.property(fc.array(extent, { maxLength: 8 }), notes, (extents, told) => {
        const written = PageSet.from(extents);
        const layout = { ...EMPTY_LAYOUT, mappings: [mappingOf(10, 40, "[heap]"), mappingOf(60, 50)] };
        const ranges = stepJson(stepOf({ number: 1, written, notes: told, layout })).written;
        const found = new Map<number, string[]>();
        for (const { start, end, pages, note } of ranges) {
          const [first, last] = [Number(start) / 4096, Number(end) / 4096];
          assert.equal(pages, last - first);
          for (let page = first; page < last; page += 1) {
            assert.ok(!found.has(page));
            found.set(page, note?.split(", ").sort() ?? []);
          }
        }
        assert.equal(found.size, written.pageCount);
        for (const [page, words] of found) {
          assert.ok(written.has(page));
          const naive = told.filter(({ start, end }) => start <= page && page < end).map(({ note }) => note);
          assert.deepEqual(words, [...new Set(naive)].sort());
        }
      }),
    );
  });

  it("are not cut where nothing changes", () => {
    const adjacent: PageNote[] = [1, 2, 3].map(start => ({ start, end: start + 1, note: "rseq" }));
    const { written } = stepJson(stepOf({ number: 1, written: PageSet.of(0, 6), notes: adjacent }));
    assert.deepEqual(
      written.map(({ pages, note }) => [pages, note]),
      [
        [1, undefined],
        [3, "rseq"],
        [2, undefined],
      ],
    );
  });
});
