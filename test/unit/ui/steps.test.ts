// Steps as they are listed, searched and told in full.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import { splitByMapping } from "../../../src/memory/split.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import type { Step } from "../../../src/recording/step.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";
import { noteHover, noteText } from "../../../src/ui/line-note-text.ts";
import { rangesOf } from "../../../src/ui/ranges.ts";
import { factsOf } from "../../../src/ui/step-details.ts";
import { stepPosition, stepsReply } from "../../../src/ui/steps.ts";
import { mappingOf, stepOf } from "./page.ts";

const LAYOUT = {
  ...EMPTY_LAYOUT,
  mappings: [mappingOf(100, 10, "[heap]"), mappingOf(110, 10, "/tmp/data", "rw-s"), mappingOf(500, 10, "[stack]")],
};
const at = (line: number, name = "main") => ({ source: `/src/${name}.c`, line, function: name });

function recorded(count: number, told: (number: number) => Partial<Step>): LiveRecording {
  const recording = new LiveRecording("sample");
  recording.setLayout(LAYOUT);
  for (let number = 1; number <= count; number += 1)
    recording.addStep(stepOf({ layout: LAYOUT, ...told(number), number }));
  return recording;
}

const ALL = { text: "", writingOnly: false };
const numbers = (recording: LiveRecording, from: number, count: number, filter = ALL): number[] =>
  stepsReply(recording, { recording: recording.id, from, count, ...filter }).items.map(({ number }) => number);

describe("The list of steps", () => {
  it("is had in parts, from the beginning or from the end", () => {
    const recording = recorded(10, () => ({}));
    assert.deepEqual(numbers(recording, 0, 3), [1, 2, 3]);
    assert.deepEqual(numbers(recording, 8, 5), [9, 10]);
    assert.deepEqual(numbers(recording, -3, 5), [8, 9, 10]);
    assert.deepEqual(numbers(recording, -30, 2), [1, 2]);
    assert.deepEqual(numbers(recording, 30, 2), []);
    assert.deepEqual(numbers(recording, 0, 0), []);
    const { from, total, kept } = stepsReply(recording, { recording: recording.id, from: -3, count: 5, ...ALL });
    assert.deepEqual([from, total, kept], [7, 10, 10]);
  });

  it("is searched by place, function, thread, way and summary, whatever the case", () => {
    const recording = recorded(6, number => ({
      from: at(number, number === 2 ? "parse" : "main"),
      to: at(number + 1),
      ...(number === 3 ? { thread: { id: 7, name: "Worker" } } : {}),
      ...(number === 4 ? { written: PageSet.of(501, 502) } : {}),
      ...(number === 5 ? { by: "continue" as const } : {}),
    }));
    const found = (text: string): number[] => numbers(recording, 0, 10, { text, writingOnly: false });
    assert.deepEqual(found("PARSE"), [2]);
    assert.deepEqual(found("main.c:3"), [2, 3]);
    assert.deepEqual(found("worker"), [3]);
    assert.deepEqual(found("thread 7"), [3]);
    assert.deepEqual(found("stack"), [4]);
    assert.deepEqual(found("continue"), [5]);
    assert.deepEqual(found("no such thing"), []);
    assert.deepEqual(numbers(recording, 0, 10, { text: "", writingOnly: true }), [4]);
    assert.deepEqual(numbers(recording, 0, 10, { text: "main.c:3", writingOnly: true }), []);
  });

  it("tells how many pass a filter, and how many steps there are", () => {
    const recording = recorded(9, number => ({ from: at(number, number % 3 === 0 ? "third" : "other") }));
    const reply = stepsReply(recording, {
      recording: recording.id,
      from: 0,
      count: 1,
      text: "third",
      writingOnly: false,
    });
    assert.deepEqual([reply.total, reply.kept, reply.items.length], [3, 9, 1]);
  });

  it("tells of a step that is not settled, in doubt, and more than one line's doing", () => {
    const recording = recorded(1, () => ({
      from: at(10),
      to: at(13),
      by: "continue",
      doubts: ["edit in flight"],
      settled: false,
      discarded: PageSet.of(100, 102),
    }));
    const [item] = stepsReply(recording, { recording: recording.id, from: 0, count: 1, ...ALL }).items;
    assert.deepEqual(
      [item.way, item.by, item.doubts, item.settled, item.debuggerPages],
      ["continue to line 13", "continue", ["edit in flight"], false, 0],
    );
  });

  it("leaves out of those that wrote the ones where only the kernel did", () => {
    const recording = recorded(2, number => ({
      written: PageSet.of(501, 502),
      kernel: number === 1 ? PageSet.of(501, 502) : PageSet.EMPTY,
    }));
    assert.deepEqual(numbers(recording, 0, 10, { text: "", writingOnly: true }), [2]);
  });

  it("is searched anew when a step has come, or was told more fully", () => {
    const recording = recorded(3, number => ({ from: at(number) }));
    const found = (): number[] => numbers(recording, 0, 10, { text: "late", writingOnly: false });
    assert.deepEqual(found(), []);
    recording.addStep(stepOf({ number: 4, from: at(4, "late") }));
    assert.deepEqual(found(), [4]);
    recording.replaceStep(stepOf({ number: 2, from: at(2, "later") }));
    assert.deepEqual(found(), [2, 4]);
  });

  it("tells each step's position, also among those that pass a filter", () => {
    const recording = recorded(9, number => ({ from: at(number, number % 3 === 0 ? "third" : "other") }));
    const third = { text: "third", writingOnly: false };
    assert.deepEqual(
      [1, 3, 6, 9, 10].map(number => stepPosition(recording, number, third)),
      [-1, 0, 1, 2, -1],
    );
    assert.equal(stepPosition(recording, 9, ALL), 8);
    assert.equal(stepPosition(recording, 99, ALL), -1);
  });
});

describe("The ranges of a step", () => {
  const sets = fc
    .array(fc.tuple(fc.integer({ min: 90, max: 530 }), fc.integer({ min: 1, max: 30 })), { maxLength: 12 })
    .map(list => PageSet.from(list.map(([start, length]): [number, number] => [start, start + length])));

  it("are cut where mappings and the kernel's pages end, all counted, and had in parts", () => {
    fc.assert(
      fc.property(sets, sets, sets, fc.nat(20), fc.nat(20), (written, kernels, debuggers, from, count) => {
        const kernel = written.intersect(kernels);
        const step = stepOf({ number: 1, layout: LAYOUT, written, kernel, debugger: debuggers });
        const all = rangesOf(step, 0, 1e6);
        assert.equal(all.items.length, all.total);
        assert.deepEqual(rangesOf(step, from, count), { total: all.total, items: all.items.slice(from, from + count) });
        const of = (...by: string[]): PageSet =>
          PageSet.from(all.items.filter(item => by.includes(item.by)).map(({ start, end }) => [start, end]));
        assert.ok(of("kernel").equals(kernel));
        assert.ok(of("program").equals(written.subtract(kernel)));
        assert.ok(of("debugger").equals(debuggers));
        for (const { start, end, mapping } of all.items) {
          const pieces = [...splitByMapping(PageSet.of(start, end), LAYOUT.mappings)];
          assert.equal(pieces.length, 1);
          assert.equal(mapping === "unmapped", pieces[0].mapping === undefined);
        }
      }),
    );
  });
});

describe("A step in full", () => {
  it("says in sentences all that is known of it", () => {
    const step = stepOf({
      number: 3,
      stops: 2,
      written: PageSet.from([
        [101, 102],
        [115, 117],
      ]),
      kernel: PageSet.of(116, 117),
      debugger: PageSet.of(500, 501),
      discarded: PageSet.of(105, 107),
      created: [mappingOf(700, 4), mappingOf(800, 1, "/tmp/data")],
      removed: Array.from({ length: 6 }, (_, i) => mappingOf(900 + i * 10, 2, `/lib/l${i}.so`)),
      notes: [
        { start: 110, end: 120, note: "read or written" },
        { start: 115, end: 117, note: "new mapping" },
      ],
      doubts: ["debugger in flight", "edit in flight", "conditions evaluated", "mappings unsettled"],
      settled: false,
      scanMicroseconds: 1234,
      layout: {
        ...LAYOUT,
        unseen: [{ start: 100, end: 103, name: "[heap]", reason: "io_uring's buffers" }],
        pinnedElsewhere: 2,
        inFlight: ["direct I/O by libaio"],
      },
    });
    assert.deepEqual(factsOf(step), [
      "The program wrote 2 pages: 1 heap, 1 shared.",
      "It spans 2 stops: the program ran on before they could be told apart.",
      "The program was let go before all that the debugger had written could be told apart: some of these pages may be the debugger's.",
      "A value that you changed had not been answered for when the program was let go: some of these pages may hold your edit.",
      "The debugger evaluated a breakpoint's condition in the program while it ran: some of these pages may be its doing.",
      "The program ran on before its list of mappings could be read: what came and went may belong to the next step.",
      "1 page more holds a thread's control block: the kernel itself writes there (rseq) when it schedules a thread.",
      "Before it, the debugger wrote 1 page.",
      "2 pages were given back to the kernel.",
      "2 mappings created: [anon] (4 pages), data (1 page).",
      "6 mappings removed: l0.so (2 pages), l1.so (2 pages), l2.so (2 pages), l3.so (2 pages) and 2 more; what was written there before is not known.",
      "In a mapping that came during the step every page that holds something counts as written.",
      "In sparse shared memory a page that was only read can't be told from one that was written.",
      "3 pages may have changed unseen: io_uring's buffers.",
      "2 pages that devices hold on to may have changed unseen: nothing tells which they are.",
      "May be under way: direct I/O by libaio. What it stores after this stop is in no step, and nothing tells where.",
      "Its mappings, and where the program stands, are still being looked at.",
      "The scan took 1,234 µs.",
    ]);
  });

  it("says so where it wrote nothing", () => {
    assert.deepEqual(factsOf(stepOf({ number: 1 })), ["The program wrote no page.", "The scan took 1 µs."]);
  });
});

describe("The note beside a line", () => {
  const step = stepOf({ number: 4, layout: LAYOUT, from: at(10), to: at(11), written: PageSet.of(101, 102) });

  it("tells of one page in the singular, of more in the plural", () => {
    assert.equal(noteText(step), "wrote 1 page: 1 heap");
    assert.equal(noteText({ ...step, written: PageSet.of(101, 103) }), "wrote 2 pages: 2 heap");
    assert.equal(noteText({ ...step, written: PageSet.EMPTY }), "wrote no page");
    assert.equal(noteText({ ...step, discarded: PageSet.of(1, 2) }), "wrote 1 page: 1 heap; gave back 1 page");
  });

  it("says of a continue that it was one, and how far it went", () => {
    assert.equal(noteText({ ...step, by: "continue", to: at(13) }), "continue to line 13: wrote 1 page: 1 heap");
  });

  it("says that it is in doubt where it is", () => {
    assert.match(noteText({ ...step, doubts: ["debugger in flight"] }), /wrote 1 page: 1 heap \(some may not be/);
  });

  it("tells on hover which ranges, whose they are, and how many more", () => {
    const many = PageSet.from(Array.from({ length: 40 }, (_, i): [number, number] => [i * 2, i * 2 + 1]));
    const { title, ranges, after } = noteHover({ ...step, written: many, debugger: PageSet.of(500, 501) });
    assert.equal(title, "Step 4: wrote 40 pages: 40 unmapped");
    assert.equal(ranges.split("\n").length, 25);
    assert.equal(ranges.split("\n")[0], "0x0-0x1000  1 page  unmapped");
    assert.match(ranges, /and 16 more ranges$/);
    assert.equal(after, "Before it, the debugger wrote 1 page.");
    const own = noteHover({ ...step, kernel: PageSet.of(101, 102), notes: [{ start: 101, end: 102, note: "rseq" }] });
    assert.equal(own.ranges, "0x65000-0x66000  1 page  [heap]  (the kernel's own: rseq)");
  });
});
