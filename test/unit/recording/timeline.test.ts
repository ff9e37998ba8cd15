// Steps as bars over time, and what several of them wrote together: each page and byte in one bar, whatever is binned or forgotten.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { stepsOf, Unions } from "../../../src/recording/span.ts";
import { type Bars, MOST_GROUPS, MOST_THREADS, niceAtLeast, Timeline } from "../../../src/recording/timeline.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { mappingOf, stepOf } from "../ui/page.ts";

const layout: Layout = {
  ...EMPTY_LAYOUT,
  mappings: [
    mappingOf(100, 20, "/bin/sample"),
    mappingOf(120, 10),
    mappingOf(200, 100, "[heap]"),
    mappingOf(1000, 50, "/lib/libc.so.6"),
    mappingOf(2000, 50),
    mappingOf(3000, 50, "[stack]"),
    mappingOf(4000, 50, "/dev/shm/a", "rw-s"),
    mappingOf(5000, 50, "/lib/libm.so.6"),
    mappingOf(6000, 50, "/lib/libz.so.1"),
  ],
};

/** What of a bar lies in mappings of a name. */
function part(bars: Bars, bar: number, group: string): number {
  const column = bars.groups.indexOf(group);
  return column < 0 ? 0 : bars.values[bar * bars.groups.length + column];
}

function sum(bars: Bars, bar: number): number {
  return bars.groups.reduce((total, group) => total + part(bars, bar, group), 0);
}

const ALL = { first: 1, last: 1e9, most: 1e9, measure: "pages" } as const;

describe("The timeline", () => {
  it("has a bar a step, in parts by mapping; zeroed data counts with its file, the kernel's own pages not at all", () => {
    const recording = new LiveRecording("a");
    recording.addStep(
      stepOf({
        number: 1,
        layout,
        written: PageSet.from([
          [119, 121],
          [200, 203],
          [3000, 3002],
        ]),
        kernel: PageSet.of(3000, 3001),
      }),
    );
    recording.addStep(stepOf({ number: 2, layout }));
    const bars = new Timeline(recording.steps).bars(ALL);
    assert.deepEqual([...bars.firsts], [1, 2]);
    assert.deepEqual(
      ["sample", "[heap]", "[stack]"].map(group => part(bars, 0, group)),
      [2, 3, 1],
    );
    assert.equal(sum(bars, 1), 0);
  });

  it("joins steps into as few bars as there is room for, and loses no page", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5999 }), fc.nat(30)), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        (written, most) => {
          const recording = new LiveRecording("a");
          written.forEach(([start, pages], i) => {
            recording.addStep(stepOf({ number: i + 1, layout, written: PageSet.of(start, start + pages) }));
          });
          const bars = new Timeline(recording.steps).bars({ ...ALL, last: written.length, most });
          assert.ok(bars.firsts.length <= most + 1);
          for (let bar = 0; bar < bars.firsts.length; bar += 1) {
            const steps = written.slice(bars.firsts[bar] - 1, bars.lasts[bar]);
            assert.ok(steps.length <= bars.stepsPerBar);
            assert.equal(
              sum(bars, bar),
              steps.reduce((pages, [, length]) => pages + length, 0),
            );
          }
        },
      ),
    );
  });

  it("keeps the same bars while steps come, and takes in what is told of one later", () => {
    const recording = new LiveRecording("a");
    const timeline = new Timeline(recording.steps);
    for (let number = 1; number <= 20; number += 1)
      recording.addStep(stepOf({ number, layout, written: PageSet.of(200, 201) }));
    const before = timeline.bars({ ...ALL, last: 20, most: 4 });
    assert.deepEqual([...before.firsts], [1, 6, 11, 16]);
    recording.replaceStep(stepOf({ number: 7, layout, written: PageSet.of(200, 210) }));
    recording.addStep(stepOf({ number: 21, layout, written: PageSet.of(200, 201) }));
    const after = timeline.bars({ ...ALL, last: 20, most: 4 });
    assert.deepEqual(
      [0, 1, 2, 3].map(bar => sum(after, bar)),
      [5, 14, 5, 5],
    );
  });

  it("forgets with the recording, and begins anew with it", () => {
    const recording = new LiveRecording("a", { steps: 3, bytes: 1e9, contents: 1e9 });
    const timeline = new Timeline(recording.steps);
    for (let number = 1; number <= 9; number += 1) {
      recording.addStep(stepOf({ number, layout, written: PageSet.of(200, 200 + number) }));
      assert.equal(timeline.bars(ALL).firsts.at(-1), number);
    }
    const bars = timeline.bars(ALL);
    assert.deepEqual([...bars.firsts], [7, 8, 9]);
    assert.deepEqual(
      [0, 1, 2].map(bar => sum(bars, bar)),
      [7, 8, 9],
    );
    recording.clear();
    assert.equal(timeline.bars(ALL).firsts.length, 0);
  });

  it("tells the mappings with most apart, all others as one, and the same in every view", () => {
    const recording = new LiveRecording("a");
    const starts = [100, 200, 1000, 2000, 3000, 4000, 5000, 6000];
    starts.forEach((start, i) => {
      recording.addStep(stepOf({ number: i + 1, layout, written: PageSet.of(start, start + 20 - i) }));
    });
    const timeline = new Timeline(recording.steps);
    const bars = timeline.bars(ALL);
    assert.deepEqual(bars.groups, ["sample", "[heap]", "libc.so.6", "[anon]", "[stack]", "others"]);
    assert.equal(bars.groups.length, MOST_GROUPS + 1);
    assert.equal(part(bars, 7, "others"), 13);
    assert.deepEqual(timeline.bars({ ...ALL, first: 8 }).groups, bars.groups);
  });

  it("tells which threads ran in a bar, the rare ones as one", () => {
    const recording = new LiveRecording("a");
    for (let number = 1; number <= 20; number += 1) {
      const id = number <= 16 ? 1 + (number % 4) : number;
      recording.addStep(stepOf({ number, layout, thread: { id, name: `t${id}` } }));
    }
    const bars = new Timeline(recording.steps).bars(ALL);
    assert.deepEqual(
      bars.threads.map(({ id }) => id),
      [1, 2, 3, 4, 17, 18],
    );
    assert.deepEqual([...bars.ran.slice(0, 4)], [1 << 1, 1 << 2, 1 << 3, 1 << 0]);
    assert.equal(bars.ran[19], 1 << MOST_THREADS);
  });

  it("measures by changed bytes where they are known, and says of which bars they are not", () => {
    const writer = new ChangesWriter();
    const before = { bytes: new Uint8Array(PAGE_SIZE), at: 0 };
    const after = { bytes: new Uint8Array(PAGE_SIZE).fill(7, 10, 13), at: 0 };
    // 3 bytes from the 10th on; of the second page written, none.
    writer.addRuns(200, Kind.CHANGED, Uint16Array.of(10, 13), 1, before, after);
    const contents = { changes: Changes.over(writer.take()), byDebugger: Changes.NONE };
    const recording = new LiveRecording("a");
    recording.addStep(stepOf({ number: 1, layout, written: PageSet.of(200, 202), contents }));
    recording.addStep(stepOf({ number: 2, layout, written: PageSet.of(200, 202) }));
    const bars = new Timeline(recording.steps).bars({ ...ALL, measure: "bytes" });
    assert.equal(part(bars, 0, "[heap]"), 3);
    assert.deepEqual([...bars.unknown], [0, 1]);
  });

  it("counts bars in ones, twos and fives", () => {
    assert.deepEqual([0.1, 1, 1.1, 3, 6, 11, 51, 300].map(niceAtLeast), [1, 1, 2, 5, 10, 20, 100, 500]);
  });
});

describe("Steps in a row", () => {
  it("have written together what each of them has, however they are cut and told more fully", () => {
    const recording = new LiveRecording("a", { steps: 250, bytes: 1e9, contents: 1e9 });
    const unions = new Unions(recording.steps);
    for (let number = 1; number <= 300; number += 1) {
      const start = (number * 37) % 5000;
      recording.addStep(
        stepOf({ number, layout, written: PageSet.of(start, start + 3), kernel: PageSet.of(start, start + 1) }),
      );
    }
    const check = (first: number, last: number): void => {
      const expected = stepsOf(recording.steps, { first, last }).map(({ written }) =>
        PageSet.of(written.first + 1, written.end),
      );
      const union = expected.reduce((all, one) => all.union(one), PageSet.EMPTY);
      assert.ok(unions.of({ first, last }).equals(union), `${first} to ${last}`);
    };
    const checkAll = (): void => {
      for (const [first, last] of [
        [1, 300],
        [64, 127],
        [60, 200],
        [51, 51],
        [0, 1e12],
        [400, 300],
      ])
        check(first, last);
    };
    checkAll();
    recording.replaceStep(
      stepOf({ number: 100, layout, written: PageSet.of(5500, 5510), kernel: PageSet.of(5500, 5501) }),
    );
    checkAll();
  });
});
