// The map as the page paints it: every cell found again under its corner, and a cell as full as it is.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import { CELL as HOST_CELL } from "../../../src/ui/map/geometry.ts";
import { mapReply } from "../../../src/ui/map/view.ts";
import { type MapBlock, MapLayer } from "../../../src/ui/protocol.ts";
import { CELL } from "../../../webview/map/cell.ts";
import { filledLines, paintCells } from "../../../webview/map/cells.ts";
import { cellAt, cellOfPage, cornerOfPage, visibleLines } from "../../../webview/map/geometry.ts";
import { mappingOf } from "../ui/page.ts";

const mappings = fc
  .array(fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 2 ** 30 })), { minLength: 1, maxLength: 8 })
  .map(list => {
    let at = 1;
    return list.map(([gap, length]) => {
      const mapping = mappingOf(at + gap, length);
      at = mapping.end;
      return mapping;
    });
  });

const FILTER = { writtenOnly: false, foldLibraries: false, text: "" };

function replyOf(list: readonly ReturnType<typeof mappingOf>[], width: number, zoom: number) {
  const recording = new LiveRecording("a");
  recording.setLayout({ ...EMPTY_LAYOUT, mappings: list });
  recording.setResident(PageSet.of(1, 2));
  const box = { width, height: 400, scroll: 0, overscan: 400 };
  return mapReply(recording, { recording: recording.id, ...box, zoom, order: "address", filter: FILTER });
}

describe("The map on the page", () => {
  it("has cells of the size that its host lays out", () => {
    assert.equal(CELL, HOST_CELL);
  });

  it("finds every page's cell again under the cell's corner, at every zoom", () => {
    fc.assert(
      fc.property(
        mappings,
        fc.nat(40),
        fc.integer({ min: 120, max: 1800 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (list, zoom, width, where) => {
          const reply = replyOf(list, width, zoom);
          for (const { start, end } of reply.blocks) {
            const page = start + Math.floor((end - start) * where);
            const cell = cellOfPage(reply.blocks, page);
            const corner = cornerOfPage(reply, page);
            assert.ok(cell && corner && cell.start <= page && page < cell.end);
            assert.deepEqual(cellAt(reply, corner.x + 1, corner.y + 1), cell);
            assert.deepEqual(cellAt(reply, corner.x + CELL - 1, corner.y + CELL - 1), cell);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("fills a cell in proportion: half of it half, all of it only where all is, something always", () => {
    assert.equal(filledLines(255), CELL - 1);
    assert.equal(filledLines(254), CELL - 2);
    assert.ok(Math.abs(filledLines(128) - (CELL - 1) / 2) <= 0.5);
    assert.equal(filledLines(1), 2);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 254 }), level => assert.ok(filledLines(level) <= filledLines(level + 1))),
    );
  });

  it("gives no two layers of a picture the same look, whatever the colours", () => {
    const looks = (layers: readonly number[]): string[] => layers.map(layer => lookOf(layer).join(""));
    const { WRITTEN, DEBUGGER, KERNEL, OLDER_FIRST, FILE, PRIVATE, ZERO, HUGE, SWAPPED, RESIDENT, HOLE } = MapLayer;
    const { DEGREE_FIRST, DEGREE_LAST, CLASS_FIRST, CLASS_LAST, ONLY_HERE, ONLY_THERE, BOTH, SAME, UNKNOWN } = MapLayer;
    const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
    for (const layers of [
      [WRITTEN, DEBUGGER, KERNEL, OLDER_FIRST],
      [WRITTEN, FILE, PRIVATE, ZERO, HUGE, SWAPPED],
      [WRITTEN, SAME, UNKNOWN, DEBUGGER, KERNEL, OLDER_FIRST, RESIDENT, HOLE],
      [...from(DEGREE_FIRST, DEGREE_LAST), RESIDENT, HOLE],
      [...from(CLASS_FIRST, CLASS_LAST), RESIDENT, HOLE],
      [ONLY_HERE, ONLY_THERE, BOTH, RESIDENT, HOLE],
    ]) {
      assert.equal(new Set(looks(layers)).size, layers.length);
    }
  });

  it("sets small signs, older steps' and swapped pages', apart from memory's grey", () => {
    for (const layer of [MapLayer.OLDER_FIRST, MapLayer.OLDER_LAST, MapLayer.SWAPPED]) {
      assert.ok(!lookOf(layer).includes(PALETTE[MapLayer.RESIDENT]), `layer ${layer}`);
    }
  });

  it("paints nothing beyond the image, wherever the block lies", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -200, max: 200 }),
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 90 }),
        (top, width, height) => {
          const pixels = new Uint32Array(width * height + 1);
          const block = blockOf(60, MapLayer.WRITTEN);
          const lines = visibleLines(block, 12, top, top + height);
          paintCells({ pixels, width, height }, block, 12, top, lines, PALETTE);
          assert.equal(pixels[width * height], 0);
        },
      ),
    );
  });
});

/** One colour for all layers. */
const PALETTE = new Uint32Array(MapLayer.UNKNOWN + 1).fill(1);
PALETTE[MapLayer.RESIDENT] = 2;
PALETTE[MapLayer.HOLE] = 3;

function blockOf(cells: number, layer: number): MapBlock {
  const levels = new Uint8Array(cells * 2);
  for (let i = 0; i < cells; i += 1) levels.set([layer, 255], i * 2);
  const box = {
    start: 0,
    end: cells,
    top: 0,
    height: 60,
    cellsLeft: 4,
    cellsTop: 5,
    pagesPerCell: 1,
    cells,
    firstCell: 0,
  };
  return { ...box, levels, name: "", permissions: "", kind: "anonymous", armed: "no", caption: "", wrote: false };
}

function lookOf(layer: number): number[] {
  const pixels = new Uint32Array(CELL * CELL);
  const block = { ...blockOf(1, layer), cellsLeft: 0, cellsTop: 0 };
  paintCells({ pixels, width: CELL, height: CELL }, block, 1, 0, { first: 0, end: 1 }, PALETTE);
  return [...pixels];
}
