// The region map's layout and counting: every page has its place, and no count differs from a naive one.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import type { MappingRow } from "../../../src/ui/panel-messages.ts";
import { Coverage } from "../../../webview/map/coverage.ts";
import { cellAt, cellCorner, cellOfPage, layoutMap } from "../../../webview/map/layout.ts";

const rows = fc
  .array(fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 2 ** 32 })), { minLength: 1, maxLength: 8 })
  .map(list => {
    let at = 1;
    return list.map(([gap, length]): MappingRow => {
      const row: MappingRow = {
        start: at + gap,
        end: at + gap + length,
        permissions: "rw-p",
        name: "",
        kind: "anonymous",
        armed: "complete",
      };
      at = row.end;
      return row;
    });
  });

describe("The region map", () => {
  it("gives every page a cell at every zoom, and finds the cell again under its corner", () => {
    fc.assert(
      fc.property(
        rows,
        fc.nat(40),
        fc.integer({ min: 120, max: 1800 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (list, zoom, width, where) => {
          const layout = layoutMap(list, width, zoom);
          for (const row of list) {
            const page = row.start + Math.floor((row.end - row.start) * where);
            const cell = cellOfPage(layout, page);
            assert.ok(cell && cell.start <= page && page < cell.end);
            const { x, y } = cellCorner(layout, cell);
            assert.deepEqual(cellAt(layout, x + 1, y + 1), cell);
            assert.ok(x < width && y < layout.height);
          }
        },
      ),
    );
  });

  it("reaches one page a cell for all mappings at its deepest zoom", () => {
    fc.assert(
      fc.property(rows, list => {
        const { deepest } = layoutMap(list, 1000, 0);
        assert.ok(layoutMap(list, 1000, deepest).blocks.every(({ pagesPerCell }) => pagesPerCell === 1));
      }),
    );
  });

  it("counts the pages of each cell as one by one counting would, by either of its two ways", () => {
    const runs = fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { maxLength: 60 });
    fc.assert(
      fc.property(
        runs,
        fc.nat(300),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 64 }),
        (pairs, start, length, per) => {
          const set = PageSet.from(pairs);
          const coverage = new Coverage(set);
          const end = start + length;
          const cells = Math.ceil(length / per);
          const counts = new Float64Array(cells);
          coverage.countCells(start, end, per, cells, counts);
          for (let i = 0; i < cells; i += 1) {
            assert.equal(counts[i], set.countIn(start + i * per, Math.min(end, start + (i + 1) * per)));
          }
          assert.equal(coverage.count(start, end), set.countIn(start, end));
        },
      ),
    );
  });

  it("finds the next and the previous written page", () => {
    const coverage = new Coverage(
      PageSet.from([
        [4, 6],
        [9, 10],
      ]),
    );
    assert.deepEqual(
      [0, 4, 5, 6, 10].map(page => coverage.next(page)),
      [4, 4, 5, 9, undefined],
    );
    assert.deepEqual(
      [4, 5, 9, 10].map(page => coverage.previous(page)),
      [undefined, 4, 4, 9],
    );
  });
});
