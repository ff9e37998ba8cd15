// What the map's cells tell beside the chosen step: bytes within a page, several steps at once, age, count; against a plain account.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import { describe as describeCell } from "../../../src/ui/map/describe.ts";
import { locate } from "../../../src/ui/map/locate.ts";
import { degreeOfCount } from "../../../src/ui/map/painting.ts";
import { mapReply } from "../../../src/ui/map/view.ts";
import { MapLayer, type MapLook, type MapQuery } from "../../../src/ui/protocol.ts";
import { mappingOf, stepOf } from "./page.ts";

const FIRST = 1000;
const PAGES = 6;
const layout = { ...EMPTY_LAYOUT, mappings: [mappingOf(FIRST, PAGES, "[heap]")] };

function query(recording: LiveRecording, zoom: number, step: number, look?: MapLook): MapQuery {
  return {
    ...{ recording: recording.id, step, width: 800, height: 1e6, scroll: 0, overscan: 0, zoom, order: "address" },
    filter: { writtenOnly: false, foldLibraries: false, text: "" },
    ...(look ? { look } : {}),
  };
}

/** Layers of all cells of the one mapping, with the bytes of a cell. */
function cellsOf(recording: LiveRecording, zoom: number, step: number, look?: MapLook) {
  const [block] = mapReply(recording, query(recording, zoom, step, look)).blocks;
  assert.equal(block.levels.length, block.cells * 2);
  const layers = Array.from({ length: block.cells }, (_, cell) => block.levels[cell * 2]);
  return { layers, levels: block.levels, bytes: block.pagesPerCell * PAGE_SIZE };
}

/** A page's change: bytes at an offset, or that nothing is known of them; absent: written with the bytes that it had. */
type Change = { readonly offset: number; readonly length: number } | "unknown" | undefined;

const change = fc.oneof(
  fc.record({ offset: fc.integer({ min: 0, max: PAGE_SIZE - 300 }), length: fc.integer({ min: 1, max: 300 }) }),
  fc.constant("unknown" as const),
  fc.constant(undefined),
);
/** By page whether it was written, and what is told of it. */
const step = fc.array(fc.option(fc.record({ change }), { nil: undefined }), { minLength: PAGES, maxLength: PAGES });
type Told = readonly ({ readonly change: Change } | undefined)[];

function recordingOf(steps: readonly Told[]): LiveRecording {
  const recording = new LiveRecording("a");
  recording.setLayout(layout);
  recording.setResident(PageSet.of(FIRST, FIRST + 3));
  steps.forEach((told, i) => {
    const writer = new ChangesWriter();
    const pages: [number, number][] = [];
    told.forEach((page, at) => {
      if (!page) return;
      pages.push([FIRST + at, FIRST + at + 1]);
      if (page.change === "unknown") writer.addUnknown(FIRST + at, "unreadable");
      else if (page.change) {
        const { offset, length } = page.change;
        const before = { bytes: new Uint8Array(PAGE_SIZE), at: 0 };
        const after = { bytes: new Uint8Array(PAGE_SIZE).fill(i + 1, offset, offset + length), at: 0 };
        writer.addRuns(FIRST + at, Kind.CHANGED, Uint16Array.of(offset, offset + length), 1, before, after);
      }
    });
    const contents = { changes: Changes.over(writer.take()), byDebugger: Changes.NONE };
    recording.addStep(stepOf({ number: i + 1, layout, written: PageSet.from(pages), contents }));
  });
  return recording;
}

/** Whether the step is known to have changed a byte of [start, end), counted from the mapping's start; undefined where nobody knows. */
function changed(told: Told, start: number, end: number): boolean | undefined {
  let answer: boolean | undefined = false;
  for (let page = Math.floor(start / PAGE_SIZE); page * PAGE_SIZE < end; page += 1) {
    const what = told[page]?.change;
    if (what === "unknown") answer = undefined;
    else if (what) {
      const from = page * PAGE_SIZE + what.offset;
      if (from < end && start < from + what.length) return true;
    }
  }
  return answer;
}

describe("A map zoomed into pages", () => {
  it("tells of each cell whether the step changed a byte of it, wrote others of its page, or is not known", () => {
    fc.assert(
      fc.property(step, fc.integer({ min: 1, max: 9 }), (told, zoom) => {
        const { layers, bytes } = cellsOf(recordingOf([told]), zoom, 1);
        assert.equal(bytes, PAGE_SIZE / 2 ** zoom);
        layers.forEach((layer, cell) => {
          const [start, end] = [cell * bytes, (cell + 1) * bytes];
          const page = Math.floor(start / PAGE_SIZE);
          const is = changed(told, start, end);
          const rest = page < 3 ? MapLayer.RESIDENT : MapLayer.HOLE;
          if (is) assert.equal(layer, MapLayer.WRITTEN);
          else if (is === undefined) assert.equal(layer, MapLayer.UNKNOWN);
          else assert.equal(layer, told[page] ? MapLayer.SAME : rest);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("fills a cell by how many of its bytes changed", () => {
    const recording = recordingOf([[{ change: { offset: 64, length: 96 } }, ...Array(PAGES - 1).fill(undefined)]]);
    const { levels } = cellsOf(recording, 6, 1);
    assert.deepEqual(
      [...levels.slice(0, 8)],
      [MapLayer.SAME, 255, MapLayer.WRITTEN, 255, MapLayer.WRITTEN, 128, MapLayer.SAME, 255],
    );
  });

  it("tells a byte's steps with what it was and became, and finds the first byte that changed", () => {
    const told: Told = [undefined, { change: { offset: 100, length: 2 } }, undefined, undefined, undefined, undefined];
    const recording = recordingOf([told, Array(PAGES).fill(undefined)]);
    const at = FIRST + 1 + 100 / PAGE_SIZE;
    const byte = 1 / PAGE_SIZE;
    const { lines, writers } = describeCell(recording, at, at + byte, 1);
    assert.deepEqual(lines, ["0x3e9064-0x3e9065 (1 byte)", "[heap] rw-p", "step 1: 00 → 01"]);
    assert.deepEqual(writers, [1]);
    assert.deepEqual(describeCell(recording, at - byte, at, 1).lines.at(-1), "no step changed it");
    const place = locate(recording, query(recording, 12, 1), { to: "written", direction: 1 });
    assert.equal(place?.page, at);
    assert.equal(locate(recording, query(recording, 0, 1), { to: "chosen step" })?.page, FIRST + 1);
  });
});

describe("A map of several steps", () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 9 });
  const zooms = fc.constantFrom(0, 2, 6);

  /** Whether the step counts as a writer of the cell: of a part of a page, unless its bytes are known to be the same. */
  const wrote = (told: Told, start: number, end: number, bytes: number): boolean => {
    if (bytes < PAGE_SIZE) return changed(told, start, end) !== false;
    return told.some((page, i) => page && i * PAGE_SIZE < end && start < (i + 1) * PAGE_SIZE);
  };

  const check = (look: MapLook, expected: (writers: readonly number[], all: number) => number | undefined): void => {
    fc.assert(
      fc.property(steps, zooms, (list, zoom) => {
        const { layers, bytes } = cellsOf(recordingOf(list), zoom, list.length, look);
        layers.forEach((layer, cell) => {
          const writers = list.flatMap((told, i) =>
            wrote(told, cell * bytes, (cell + 1) * bytes, bytes) ? [i + 1] : [],
          );
          const wanted = expected(writers, list.length);
          if (wanted === undefined)
            assert.ok((layer < MapLayer.DEGREE_FIRST && layer !== MapLayer.WRITTEN) || layer === MapLayer.SAME);
          else assert.equal(layer, wanted, `cell ${cell}, written by ${writers}`);
        });
      }),
      { numRuns: 25 },
    );
  };

  it("tells by how many steps a cell was written", () => {
    check({ color: "count" }, writers =>
      writers.length === 0 ? undefined : MapLayer.DEGREE_FIRST - 1 + degreeOfCount(writers.length),
    );
    assert.deepEqual([1, 2, 3, 4, 63, 64, 1e6].map(degreeOfCount), [1, 2, 2, 3, 6, 7, 7]);
  });

  it("tells how long ago its last writer was, and its first", () => {
    const age = (steps: number): number => MapLayer.DEGREE_LAST - Math.floor(Math.log2(steps + 1));
    check({ color: "last" }, (writers, all) => (writers.length === 0 ? undefined : age(all - Math.max(...writers))));
    check({ color: "first" }, (writers, all) => (writers.length === 0 ? undefined : age(all - Math.min(...writers))));
  });

  it("tells of two brushes what is only here, only there, and both", () => {
    check({ color: "step", brush: { first: 1, last: 3 }, other: { first: 3, last: 6 } }, writers => {
      const here = writers.some(number => number <= 3);
      const there = writers.some(number => number >= 3 && number <= 6);
      if (here && there) return MapLayer.BOTH;
      return here ? MapLayer.ONLY_HERE : there ? MapLayer.ONLY_THERE : undefined;
    });
  });

  it("is that of a brush's steps alone, whichever step is chosen", () => {
    const pages = (...written: number[]): Told =>
      Array.from({ length: PAGES }, (_, i) => (written.includes(i) ? { change: undefined } : undefined));
    const recording = recordingOf([pages(0), pages(1, 2), pages(2), pages(5)]);
    const brush = { first: 2, last: 3 };
    const layersOf = (look: MapLook, step = 1) => cellsOf(recording, 0, step, look).layers;
    const { RESIDENT, HOLE, WRITTEN, DEGREE_LAST, DEGREE_FIRST } = MapLayer;
    for (const chosen of [1, 4]) {
      assert.deepEqual(layersOf({ color: "step", brush }, chosen), [RESIDENT, WRITTEN, WRITTEN, HOLE, HOLE, HOLE]);
    }
    assert.deepEqual(layersOf({ color: "last", brush }), [RESIDENT, DEGREE_FIRST, DEGREE_LAST, HOLE, HOLE, HOLE]);
    assert.deepEqual(layersOf({ color: "first", brush }), [RESIDENT, DEGREE_FIRST, DEGREE_FIRST, HOLE, HOLE, HOLE]);
    assert.deepEqual(describeCell(recording, FIRST + 2, FIRST + 3, 1, { color: "step", brush }).lines.slice(2, 3), [
      "written by 2 of the brushed steps: first 2, last 3",
    ]);
  });

  it("holds spans and places from outside within what there is", () => {
    const recording = recordingOf([Array(PAGES).fill({ change: undefined })]);
    for (const brush of [
      { first: 5, last: 2 },
      { first: 0, last: Number.MAX_SAFE_INTEGER },
      { first: 9e15, last: 9e15 },
    ]) {
      for (const color of ["step", "last", "first", "count", "kind", "thread"] as const) {
        for (const zoom of [0, 6, 64])
          assert.equal(mapReply(recording, query(recording, zoom, 7, { color, brush, other: brush })).blocks.length, 1);
      }
    }
    for (const [from, to] of [
      [0.1, 0.3],
      [FIRST + 0.7, FIRST + 0.1],
      [FIRST, 2 ** 35],
    ]) {
      assert.ok(describeCell(recording, from, to, 1).lines.length > 0);
    }
  });
});
