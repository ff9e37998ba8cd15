// The map as the host computes it: rows, places, cells and marks, each against a naive account of the same.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Category } from "../../../src/memory/category.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { forEachTouched, previousPage, touches } from "../../../src/memory/touched.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { ScanRecording } from "../../../src/recording/scan.ts";
import type { Step } from "../../../src/recording/step.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { describe as describeCell } from "../../../src/ui/map/describe.ts";
import { locate } from "../../../src/ui/map/locate.ts";
import { mapReply } from "../../../src/ui/map/view.ts";
import { MapLayer, type MapQuery, type MapReply } from "../../../src/ui/protocol.ts";
import { mappingOf, stepOf } from "./page.ts";

const pairs = fc.array(fc.tuple(fc.nat(600), fc.integer({ min: 1, max: 40 })), { maxLength: 25 });
const set = pairs.map(list => PageSet.from(list.map(([start, length]): [number, number] => [start, start + length])));
const mappings = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 60 })), { maxLength: 12 }).map(list => {
  let at = 1;
  return list.map(([gap, pages]) => {
    const mapping = mappingOf(at + gap, pages);
    at = mapping.end;
    return mapping;
  });
});

function pagesOf(pages: PageSet): number[] {
  return [...pages.pairs()].flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i));
}

function recorded(layout: Layout, steps: readonly Partial<Step>[], resident = PageSet.EMPTY): LiveRecording {
  const recording = new LiveRecording("sample");
  recording.setLayout(layout);
  recording.setResident(resident);
  steps.forEach((step, i) => {
    recording.addStep(stepOf({ layout, ...step, number: i + 1 }));
  });
  return recording;
}

function query(recording: LiveRecording, over: Partial<MapQuery> = {}): MapQuery {
  return {
    recording: recording.id,
    width: 1000,
    height: 4000,
    scroll: 0,
    overscan: 0,
    zoom: 0,
    order: "address",
    filter: { writtenOnly: false, foldLibraries: false, text: "" },
    ...over,
  };
}

const filter = (over: Partial<MapQuery["filter"]>): MapQuery["filter"] => ({
  writtenOnly: false,
  foldLibraries: false,
  text: "",
  ...over,
});

const names = ({ blocks }: MapReply): string[] => blocks.map(({ name, start }) => name || String(start));

function startingAt(from: number | undefined): { readonly from?: number } {
  return from === undefined ? {} : { from };
}

/** Layer and fullness of the cell that holds a page. */
function cellOf({ blocks }: MapReply, page: number): [number, number] {
  const block = blocks.find(({ start, end }) => start <= page && page < end);
  assert.ok(block, `page ${page} is not shown`);
  const cell = Math.floor((page - block.start) / block.pagesPerCell) - block.firstCell;
  return [block.levels[cell * 2], block.levels[cell * 2 + 1]];
}

describe("Mappings that a set touches", () => {
  it("are those that hold a page of it, each once and in order", () => {
    fc.assert(
      fc.property(set, mappings, (pages, list) => {
        const found: number[] = [];
        forEachTouched(pages, list, index => found.push(index));
        const naive = list.flatMap(({ start, end }, i) => (pages.countIn(start, end) > 0 ? [i] : []));
        assert.deepEqual(found, naive);
      }),
    );
  });

  it("are found from a page on, and back", () => {
    fc.assert(
      fc.property(set, fc.nat(700), fc.nat(50), (pages, page, length) => {
        const all = pagesOf(pages);
        assert.equal(
          previousPage(pages, page),
          all.findLast(other => other < page),
        );
        assert.equal(
          touches(pages, page, page + length),
          all.some(other => page <= other && other < page + length),
        );
      }),
    );
  });
});

describe("The map", () => {
  const LIBRARY = "/lib/libc.so.6";
  const layout: Layout = {
    ...EMPTY_LAYOUT,
    mappings: [
      mappingOf(100, 64, "/bin/sample"),
      mappingOf(200, 16, "[heap]"),
      mappingOf(1000, 4, LIBRARY, "r--p"),
      mappingOf(1004, 20, LIBRARY, "r-xp"),
      mappingOf(1024, 2, LIBRARY),
      mappingOf(1026, 3),
      mappingOf(1100, 4, "/lib/libm.so.6", "r--p"),
      mappingOf(1104, 4, "/lib/libm.so.6", "r-xp"),
      mappingOf(5000, 8, "[stack]"),
    ],
  };

  it("shows all of the visible part and nothing else, at every scroll, width and zoom", () => {
    const recording = recorded(layout, [{ written: PageSet.of(200, 300) }]);
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(50),
        fc.integer({ min: 100, max: 1600 }),
        fc.nat(9),
        (scroll, height, overscan, width, zoom) => {
          const whole = mapReply(recording, query(recording, { width, zoom, height: 1e5 }));
          const part = mapReply(recording, query(recording, { width, zoom, scroll, height, overscan }));
          assert.equal(part.contentHeight, whole.contentHeight);
          const [top, bottom] = [scroll - overscan, scroll + height + overscan];
          const visible = whole.blocks.filter(block => block.top + block.height > top && block.top <= bottom);
          assert.deepEqual(
            part.blocks.map(({ start }) => start),
            visible.map(({ start }) => start),
          );
          part.blocks.forEach((block, i) => {
            const all = visible[i].levels;
            assert.equal(block.firstCell % part.columns, 0);
            assert.deepEqual(
              block.levels,
              all.slice(block.firstCell * 2, block.firstCell * 2 + block.levels.length),
              "cells of the part differ from those of the whole",
            );
            // What is in sight is there: the cells' pixels between top and bottom.
            const shownLines = Math.ceil(block.levels.length / 2 / part.columns);
            const firstLine = block.firstCell / part.columns;
            const lines = Math.ceil(block.cells / part.columns);
            assert.ok(block.cellsTop + firstLine * 8 <= Math.max(top, block.cellsTop));
            assert.ok(firstLine + shownLines >= lines || block.cellsTop + (firstLine + shownLines) * 8 >= bottom);
          });
        },
      ),
    );
  });

  it("counts each cell as page by page counting would, the topmost layer first, full in proportion", () => {
    fc.assert(
      fc.property(set, set, set, set, fc.nat(3), (written, debuggers, older, resident, zoom) => {
        const wide = { ...EMPTY_LAYOUT, mappings: [mappingOf(0, 700)] };
        const kernel = written.isEmpty ? written : PageSet.of(written.first, written.first + 1);
        const recording = recorded(wide, [{ written: older }, { written, debugger: debuggers, kernel }], resident);
        const reply = mapReply(recording, query(recording, { step: 2, width: 500, zoom }));
        const [block] = reply.blocks;
        const own = written.subtract(kernel);
        const layers: [number, PageSet][] = [
          [MapLayer.WRITTEN, own],
          [MapLayer.KERNEL, kernel],
          [MapLayer.DEBUGGER, debuggers],
          [MapLayer.OLDER_FIRST, older],
          [MapLayer.RESIDENT, resident],
        ];
        for (let cell = 0; cell < block.cells; cell += 1) {
          const start = cell * block.pagesPerCell;
          const end = Math.min(700, start + block.pagesPerCell);
          const [layer, pages] = layers.find(([, some]) => some.countIn(start, end) > 0) ?? [MapLayer.HOLE, undefined];
          assert.equal(block.levels[cell * 2], layer);
          const count = pages?.countIn(start, end) ?? 0;
          const level = block.levels[cell * 2 + 1];
          if (count === 0) assert.equal(level, 0);
          else if (count === end - start) assert.equal(level, 255);
          else {
            assert.ok(level >= 1 && level <= 254);
            assert.ok(Math.abs(level - (255 * count) / (end - start)) <= 1);
          }
        }
      }),
    );
  });

  it("shows seven older steps, each by a layer of its own, and forgets the eighth", () => {
    const steps = Array.from({ length: 9 }, (_, i) => ({ written: PageSet.of(200 + i, 201 + i) }));
    const reply = mapReply(recorded(layout, steps), query(recorded(layout, steps), { step: 9 }));
    const shown = Array.from({ length: 9 }, (_, i) => cellOf(reply, 200 + i)[0]);
    assert.deepEqual(shown, [MapLayer.HOLE, 8, 7, 6, 5, 4, 3, MapLayer.OLDER_FIRST, MapLayer.WRITTEN]);
  });

  it("puts what the chosen step wrote first where that is asked for; the kernel's own pages don't count", () => {
    const recording = recorded(layout, [
      {
        written: PageSet.from([
          [1026, 1027],
          [5001, 5002],
        ]),
        kernel: PageSet.of(1026, 1027),
      },
    ]);
    const reply = mapReply(recording, query(recording, { step: 1, order: "written first" }));
    assert.equal(names(reply)[0], "[stack]");
    assert.deepEqual(names(reply).slice(1, 3), ["/bin/sample", "[heap]"]);
    assert.equal(reply.blocks.filter(({ wrote }) => wrote).length, 1);
  });

  it("shows only what some step wrote where that is asked for", () => {
    const recording = recorded(layout, [{ written: PageSet.of(201, 202) }, { written: PageSet.of(5001, 5002) }]);
    const reply = mapReply(recording, query(recording, { step: 2, filter: filter({ writtenOnly: true }) }));
    assert.deepEqual(names(reply), ["[heap]", "[stack]"]);
    assert.deepEqual([reply.rowCount, reply.allRows], [2, 9]);
  });

  it("shows only mappings of a name where that is asked for, whatever its case", () => {
    const recording = recorded(layout, []);
    assert.deepEqual(names(mapReply(recording, query(recording, { filter: filter({ text: " HEAP " }) }))), ["[heap]"]);
    assert.deepEqual(names(mapReply(recording, query(recording, { filter: filter({ text: "(.bss)" }) }))), [
      `${LIBRARY} (.bss)`,
    ]);
  });

  it("folds each library into a row, but for what the chosen step wrote", () => {
    const folded = filter({ foldLibraries: true });
    const recording = recorded(layout, [{ written: PageSet.of(1024, 1025) }]);
    const none = mapReply(recording, query(recording, { filter: folded }));
    assert.deepEqual(
      none.blocks.map(({ name, kind, start, end, caption }) => [name, kind, start, end, caption]),
      [
        ["/bin/sample", "file", 100, 164, "256 KiB"],
        ["[heap]", "heap", 200, 216, "64 KiB"],
        [LIBRARY, "folded", 1000, 1029, "4 mappings, 116 KiB"],
        ["/lib/libm.so.6", "folded", 1100, 1108, "2 mappings, 32 KiB"],
        ["[stack]", "stack", 5000, 5008, "32 KiB"],
      ],
    );
    const chosen = mapReply(recording, query(recording, { step: 1, filter: folded }));
    assert.deepEqual(
      chosen.blocks.map(({ start, end, wrote }) => [start, end, wrote]),
      [
        [100, 164, false],
        [200, 216, false],
        [1000, 1024, false],
        [1024, 1026, true],
        [1026, 1029, false],
        [1100, 1108, false],
        [5000, 5008, false],
      ],
    );
  });

  it("marks on its whole height where the step wrote, and nowhere else", () => {
    const mapped = Array.from({ length: 2000 }, (_, i) => mappingOf(10_000 + i * 20, 10));
    const many = { ...EMPTY_LAYOUT, mappings: mapped };
    const recording = recorded(many, [
      {
        written: PageSet.from([
          [10_003, 10_004],
          [10_000 + 1500 * 20, 10_001 + 1500 * 20],
        ]),
      },
    ]);
    const { marks, contentHeight, blocks } = mapReply(recording, query(recording, { step: 1, height: 16_000 }));
    const ranges = Array.from({ length: marks.length / 2 }, (_, i) => [marks[i * 2], marks[i * 2] + marks[i * 2 + 1]]);
    assert.ok(ranges.length >= 2 && ranges.length <= 4);
    assert.ok(ranges.every(([top, bottom]) => top >= 0 && bottom <= contentHeight + 1));
    const first = blocks[0].top;
    const other = 4 + 1500 * 18;
    for (const y of [first, other])
      assert.ok(
        ranges.some(([top, bottom]) => top <= y && y < bottom),
        String(y),
      );
    assert.ok(ranges.reduce((sum, [top, bottom]) => sum + bottom - top, 0) < contentHeight / 50);
  });

  it("marks within a mapping higher than the box where in it the step wrote", () => {
    const large = { ...EMPTY_LAYOUT, mappings: [mappingOf(0, 1_000_000)] };
    const recording = recorded(large, [{ written: PageSet.of(500_000, 500_001) }]);
    const { marks, contentHeight } = mapReply(recording, query(recording, { step: 1, zoom: 20 }));
    assert.equal(marks.length, 2);
    const middle = marks[0] + marks[1] / 2;
    assert.ok(Math.abs(middle - contentHeight / 2) < contentHeight / 100, `${middle} of ${contentHeight}`);
  });

  it("shows the mappings as they were at an older step's end", () => {
    const before = { ...EMPTY_LAYOUT, mappings: [mappingOf(50, 4), mappingOf(200, 16, "[heap]")] };
    const recording = recorded(layout, [{ written: PageSet.of(51, 52), layout: before }, {}]);
    assert.deepEqual(names(mapReply(recording, query(recording, { step: 1 }))), ["50", "[heap]"]);
    assert.equal(mapReply(recording, query(recording, { step: 2 })).allRows, 9);
  });

  it("is zoomed to a byte a cell, and says where that is", () => {
    const large = recorded({ ...EMPTY_LAYOUT, mappings: [mappingOf(0, 1_000_000)] }, []);
    const { deepest, blocks } = mapReply(large, query(large));
    assert.ok(deepest > 12);
    assert.equal(blocks[0].pagesPerCell, 2 ** (deepest - 12));
    for (const zoom of [deepest, deepest + 3]) {
      assert.equal(mapReply(large, query(large, { zoom })).blocks[0].pagesPerCell, 1 / 4096);
    }
    assert.equal(mapReply(large, query(large, { zoom: deepest - 6 })).blocks[0].pagesPerCell, 1 / 64);
    assert.equal(mapReply(large, query(large, { zoom: deepest - 12 })).blocks[0].pagesPerCell, 1);
  });

  it("shows of a process scan what each page is, the rarer over the common", () => {
    const { FILE, PRESENT, SWAPPED, PFNZERO, HUGE, WRITTEN } = Category;
    const regions: [number, number][] = [
      [PRESENT | FILE, MapLayer.FILE],
      [PRESENT, MapLayer.PRIVATE],
      [PRESENT | PFNZERO, MapLayer.ZERO],
      [PRESENT | HUGE, MapLayer.HUGE],
      [SWAPPED, MapLayer.SWAPPED],
      [PRESENT | WRITTEN, MapLayer.WRITTEN],
      [PRESENT | FILE | HUGE, MapLayer.HUGE],
      [0, MapLayer.HOLE],
    ];
    const scan = new ScanRecording("sample", 7, {
      mappings: [mappingOf(100, regions.length)],
      runs: Float64Array.from(regions.flatMap((_, i) => [100 + i, 101 + i])),
      categories: Uint16Array.from(regions, ([bits]) => bits),
      microseconds: 1,
    });
    const reply = mapReply(scan, { ...query(new LiveRecording("sample")), recording: scan.id });
    assert.deepEqual(
      regions.map((_, i) => cellOf(reply, 100 + i)[0]),
      regions.map(([, layer]) => layer),
    );
    assert.deepEqual(describeCell(scan, 100, 104, undefined), {
      lines: ["0x64000-0x68000 (4 pages)", "[anon] rw-p", "1 file, 2 private, 1 zero page, 1 huge"],
      writers: [],
    });
  });

  it("is empty of a recording that has read no mappings yet", () => {
    const reply = mapReply(new LiveRecording("new"), query(new LiveRecording("new")));
    assert.deepEqual([reply.blocks, reply.rowCount, reply.allRows, reply.marks.length], [[], 0, 0, 0]);
  });

  describe("finds", () => {
    const recording = recorded(layout, [
      {
        written: PageSet.from([
          [110, 112],
          [1026, 1027],
          [1104, 1105],
          [5003, 5006],
        ]),
        kernel: PageSet.of(1026, 1027),
      },
    ]);
    const chosen = query(recording, { step: 1 });
    const page = (target: Parameters<typeof locate>[2], over: Partial<MapQuery> = {}): number | undefined =>
      locate(recording, { ...chosen, ...over }, target)?.page;

    it("the written pages one after another, around the end, and back; never the kernel's own", () => {
      const forth = [undefined, 110, 111, 1104, 5003, 5004, 5005];
      for (let i = 0; i < forth.length; i += 1) {
        const from = startingAt(forth[i]);
        assert.equal(page({ to: "written", direction: 1, ...from }), forth[i + 1] ?? 110);
      }
      const back = [undefined, 5005, 5004, 5003, 1104, 111, 110];
      for (let i = 0; i < back.length; i += 1) {
        const from = startingAt(back[i]);
        assert.equal(page({ to: "written", direction: -1, ...from }), back[i + 1] ?? 5005);
      }
    });

    it("only what the filter shows", () => {
      const over = { filter: filter({ text: "stack" }) };
      assert.equal(page({ to: "written", direction: 1 }, over), 5003);
      assert.equal(page({ to: "written", direction: -1, from: 5003 }, over), 5005);
      assert.equal(page({ to: "page", page: 110 }, over), undefined);
      assert.equal(page({ to: "written", direction: 1 }, { filter: filter({ text: "heap" }) }), undefined);
      assert.equal(page({ to: "written", direction: -1 }, { filter: filter({ text: "heap" }) }), undefined);
    });

    it("where the step wrote most, and nothing where it wrote nothing", () => {
      assert.equal(page({ to: "chosen step" }), 5003);
      const quiet = recorded(layout, [{ written: PageSet.of(1026, 1027), kernel: PageSet.of(1026, 1027) }]);
      assert.equal(locate(quiet, query(quiet, { step: 1 }), { to: "chosen step" }), null);
      assert.equal(locate(quiet, query(quiet), { to: "written", direction: 1 }), null);
    });

    it("addresses and names as they are typed", () => {
      const text = (typed: string): number | undefined => page({ to: "text", text: typed });
      assert.equal(text("0xc8000"), 200);
      assert.equal(text(" 0xC8FFF "), 200 + 4095 / 4096, "the byte itself, for the map shows bytes, too");
      assert.equal(text("c8000"), 200);
      assert.equal(text("[heap]"), 200);
      assert.equal(text("HEAP"), 200);
      assert.equal(text("libm"), 1100);
      assert.equal(text("sample"), 100);
      assert.equal(text("0x1"), undefined);
      assert.equal(text("nothing of that name"), undefined);
      assert.equal(text(""), undefined);
      assert.equal(text(`0x${"f".repeat(16)}`), undefined);
    });

    it("the neighbouring cells, on into the next row and back, and stays at either end", () => {
      const cells = (from: number | undefined, by: number): number | undefined =>
        page({ to: "cells", cells: by, ...(from === undefined ? {} : { from }) });
      assert.equal(cells(undefined, 1), 100);
      assert.equal(cells(100, 1), 101);
      assert.equal(cells(163, 1), 200);
      assert.equal(cells(200, -1), 163);
      assert.equal(cells(100, -1), 100);
      assert.equal(cells(5007, 1), 5007);
    });

    it("the corner of every page's cell where its block is drawn", () => {
      const reply = mapReply(recording, { ...chosen, zoom: 2 });
      for (const block of reply.blocks) {
        const place = locate(recording, { ...chosen, zoom: 2 }, { to: "page", page: block.end - 1 });
        const cell = (block.end - 1 - block.start) / block.pagesPerCell;
        assert.deepEqual(place, {
          page: block.end - 1,
          x: block.cellsLeft + (cell % reply.columns) * 8,
          y: block.cellsTop + Math.floor(cell / reply.columns) * 8,
        });
      }
    });
  });

  it("tells a cell in words, and who wrote there", () => {
    const armed = {
      ...layout,
      notArmed: [{ start: 1004, end: 1024, name: LIBRARY, reason: "not writable" }],
      unseen: [{ start: 205, end: 206, name: "[heap]", reason: "io_uring's buffers" }],
      armed: [{ start: 200, end: 216, way: "complete" as const }],
    };
    const recording = recorded(
      armed,
      [
        { written: PageSet.of(204, 206), layout: armed },
        {
          written: PageSet.of(204, 205),
          debugger: PageSet.of(206, 207),
          discarded: PageSet.of(205, 208),
          layout: armed,
        },
      ],
      PageSet.of(200, 206),
    );
    assert.deepEqual(describeCell(recording, 204, 208, 2), {
      lines: [
        "0xcc000-0xd0000 (4 pages)",
        "[heap] rw-p",
        "1 page written by step 2",
        "1 page written by the debugger before step 2",
        "3 pages given back to the kernel in step 2",
        "written in step 1",
        "2 in memory",
        "may change unseen: io_uring's buffers",
      ],
      writers: [2, 1],
    });
    assert.deepEqual(describeCell(recording, 1004, 1005, undefined).lines, [
      "0x3ec000-0x3ed000 (1 page)",
      `${LIBRARY} r-xp`,
      "0 in memory",
      "not armed: not writable",
    ]);
    assert.deepEqual(describeCell(recording, 10, 11, 2).lines[1], "not mapped");
  });
});
