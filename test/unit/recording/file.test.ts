// Recordings read back from files: what was exported comes back as it was, and what is no recording is refused in words.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PageSet } from "../../../src/memory/page-set.ts";
import { FileRecording } from "../../../src/recording/file.ts";
import { armedJson, layoutJson, stepJson, unseenJson } from "../../../src/recording/json.ts";
import type { Step } from "../../../src/recording/step.ts";
import { summarize } from "../../../src/recording/summary.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { mappingOf, stepOf } from "../ui/page.ts";

const LAYOUT: Layout = {
  ...EMPTY_LAYOUT,
  mappings: [
    mappingOf(100, 10, "[heap]"),
    mappingOf(1000, 4, "/lib/libc.so.6", "r-xp"),
    mappingOf(1004, 4),
    mappingOf(2000, 8, "/dev/shm/x", "rw-s"),
  ],
  armed: [
    { start: 100, end: 110, way: "complete" },
    { start: 2000, end: 2008, way: "populated" },
  ],
  notArmed: [{ start: 1000, end: 1004, name: "/lib/libc.so.6", reason: "not writable" }],
  unseen: [{ start: 101, end: 103, name: "[heap]", reason: "io_uring's buffers" }],
  pinnedElsewhere: 3,
  inFlight: ["direct I/O by libaio"],
};
const ARMING = {
  backend: "wp-async",
  mappings: 2,
  pages: 18,
  populatedOnly: [{ start: 2000, end: 2008, way: "populated" as const }],
  notArmed: LAYOUT.notArmed,
  microseconds: 321,
};
const STEPS: readonly Step[] = [
  stepOf({
    number: 4,
    from: { source: "/src/main.c", line: 10, function: "main" },
    to: { line: 0, function: "??" },
    by: "continue",
    stops: 2,
    written: PageSet.from([
      [101, 103],
      [1004, 1006],
      [5000, 5001],
    ]),
    kernel: PageSet.of(1005, 1006),
    notes: [
      { start: 1005, end: 1006, note: "rseq" },
      { start: 1004, end: 1006, note: "new mapping" },
    ],
    debugger: PageSet.of(1000, 1001),
    discarded: PageSet.of(105, 107),
    created: [mappingOf(3000, 2, "/tmp/new")],
    removed: [mappingOf(4000, 3, "/tmp/old")],
    doubts: ["debugger in flight"],
    scanMicroseconds: 77,
    layout: LAYOUT,
  }),
  stepOf({ number: 7, layout: LAYOUT, written: PageSet.of(2000, 2001) }),
];

const lines = (...events: object[]): string => events.map(event => `${JSON.stringify(event)}\n`).join("");
const exported = lines(armedJson(42, ARMING), layoutJson(LAYOUT), ...STEPS.map(stepJson));
const read = (text: string): Promise<FileRecording> => FileRecording.read("steps.jsonl", text);

describe("A recording's file", () => {
  it("gives back what was exported", async () => {
    const recording = await read(exported);
    assert.equal(recording.kind, "file");
    assert.equal(recording.title, "steps.jsonl");
    assert.equal(recording.pid, 42);
    assert.deepEqual(recording.arming, ARMING);
    assert.deepEqual(recording.layout, LAYOUT);
    assert.equal(recording.steps.count, 2);
    for (const step of STEPS) {
      const back = recording.steps.byNumber(step.number);
      assert.ok(back);
      assert.deepEqual(stepJson(back), stepJson(step));
      assert.ok(back.kernel.equals(step.kernel));
      assert.equal(summarize(back), summarize(step));
    }
    assert.ok(recording.everWritten.equals(STEPS[0].written.union(STEPS[1].written)));
  });

  it("is written again as it was", async () => {
    const { arming, layout, pid, steps } = await read(exported);
    assert.ok(arming && pid !== undefined);
    assert.equal(lines(armedJson(pid, arming), layoutJson(layout), ...[...steps].map(stepJson)), exported);
  });

  it("may have no layout, as the trace command's: then it is supposed from the ranges' names", async () => {
    const text = lines(armedJson(42, ARMING), unseenJson(LAYOUT), ...STEPS.map(stepJson), {
      event: "exited",
      exitCode: 0,
    });
    const { layout, steps } = await read(text);
    assert.deepEqual([layout.unseen, layout.pinnedElsewhere], [LAYOUT.unseen, 3]);
    assert.deepEqual(
      layout.mappings.map(({ start, end, name }) => [start, end, name]),
      [
        [101, 107, "[heap]"],
        [1000, 1004, "/lib/libc.so.6"],
        [1004, 1006, ""],
        [2000, 2001, "/dev/shm/x"],
      ],
    );
    assert.equal(summarize(steps.at(0) as Step), "2 heap, 1 anonymous, 1 unmapped");
  });

  it("may lack the end of its last line: whoever wrote it was ended", async () => {
    const { steps } = await read(exported.slice(0, -20));
    assert.equal(steps.count, 1);
  });

  it("is read within a budget, the oldest steps forgotten", async () => {
    const many = lines(...Array.from({ length: 30 }, (_, i) => stepJson(stepOf({ number: i + 1 }))));
    const { steps } = await FileRecording.read("many", many, { steps: 10, bytes: 1e9, contents: Infinity });
    assert.deepEqual([steps.count, steps.forgotten, steps.at(0)?.number], [10, 20, 21]);
  });

  describe("is refused, with the line and what is wrong with it, where", () => {
    const step = stepJson(STEPS[1]);
    const range = { start: "0x1000", end: "0x2000", mapping: "[heap]" };
    const [mapping] = (layoutJson(LAYOUT) as { mappings: object[] }).mappings;
    const cases: readonly [string, string, RegExp][] = [
      ["it is empty", "", /holds no steps/],
      ["it is of something else", '{"some":"json"}\n', /holds no steps/],
      ["it is no JSON", "ELF\u0001\u0002\n", /Line 1 .*no JSON/],
      ["a line is a list", `[]\n`, /Line 1 .*no JSON object/],
      ["a line is cut off in the middle", `${exported.slice(0, 200)}\n${exported}`, /Line 1 .*no JSON/],
      ["a number is text", lines({ ...step, step: "7" }), /Line 1 .*step is not a whole number/],
      ["a list is missing", lines({ ...step, written: undefined }), /Line 1 .*written is not an array/],
      ["an address is none", lines({ ...step, written: [{ ...range, start: "4096" }] }), /no address/],
      ["an address is a number", lines({ ...step, written: [{ ...range, start: 4096 }] }), /no address/],
      ["a range is empty", lines({ ...step, written: [{ ...range, end: "0x1000" }] }), /holds no page/],
      ["a range goes backwards", lines({ ...step, written: [{ ...range, end: "0x0" }] }), /holds no page/],
      ["an address is no page's", lines({ ...step, written: [{ ...range, start: "0x1001" }] }), /no page's address/],
      ["an address is beyond all", lines({ ...step, written: [{ ...range, end: "0xffffffffffff000" }] }), /no page's/],
      ["steps are out of order", lines({ ...step, step: 2 }, { ...step, step: 1 }), /Line 2 .*step 1 comes after/],
      ["a step comes twice", lines(step, step), /Line 2 .*comes after/],
      ["a motion is none", lines({ ...step, by: "teleport" }), /by is none of/],
      ["a place is none", lines({ ...step, from: "main.c" }), /from is not an object/],
      ["mappings overlap", lines({ event: "layout", mappings: [mapping, mapping] }), /begins before/],
      [
        "permissions are none",
        lines({ event: "layout", mappings: [{ ...mapping, permissions: "all" }] }),
        /not like "rw-p"/,
      ],
      ["a name is endless", lines({ ...step, written: [{ ...range, mapping: "x".repeat(10_000) }] }), /longer than/],
      ["a process has no number", lines({ ...armedJson(42, ARMING), pid: -1 }), /pid is not a whole number/],
      ["it has a million lines and more", "\n".repeat(1_000_002), /more than 1,000,000 lines/],
    ];
    for (const [what, text, words] of cases) {
      it(what, () => assert.rejects(read(text), words));
    }
  });

  it("never makes anything but a recording or a refusal, whatever is changed in it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(exported.length), fc.nat(12), fc.string({ maxLength: 6 }), async (at, cut, noise) => {
        const text = exported.slice(0, at) + noise + exported.slice(at + cut);
        try {
          assert.ok((await read(text)).layout.mappings);
        } catch (error) {
          assert.equal((error as Error).name, "BadShape", String(error));
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it("can't reach the prototypes of what it is read into", async () => {
    const text = `{"event":"step","__proto__":{"polluted":1}}\n{"event":"__proto__"}\n${exported}`;
    await assert.rejects(read(text), /Line 1/);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
});
