// For tests: a recording with something of everything in it.
import { Changes } from "../../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../../src/memory/contents/changes-writer.ts";
import { Kind } from "../../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import type { TypeTable } from "../../../src/names/types/type.ts";
import type { CopiesRecord, Head } from "../../../src/recording/file/records.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import type { Step } from "../../../src/recording/step.ts";
import type { StepBudget } from "../../../src/recording/step-store.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { mappingOf, stepOf } from "../ui/page.ts";

export const HEAD: Head = { title: "sample", begun: 1_700_000_000_000, writer: "WriteWatch 0.1.0" };

export const LAYOUT: Layout = {
  ...EMPTY_LAYOUT,
  mappings: [
    mappingOf(100, 10, "[heap]"),
    mappingOf(1000, 4, "/lib/libc.so.6", "r-xp"),
    mappingOf(1004, 4),
    mappingOf(2000, 8, "/dev/shm/x", "rw-s"),
    mappingOf(0xffffffffff600, 1, "[vsyscall]", "--xp"),
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

export const ARMING = {
  backend: "wp-async",
  mappings: 2,
  pages: 18,
  populatedOnly: [{ start: 2000, end: 2008, way: "populated" as const }],
  notArmed: LAYOUT.notArmed,
  microseconds: 321.5,
};

/** Changed runs of one page: offset, before, after. */
export type Run = readonly [number, readonly number[], readonly number[]];

/** Pages with their changed runs. */
export function changedPages(...pages: readonly (readonly [number, ...Run[]])[]): Changes {
  const writer = new ChangesWriter();
  for (const [page, ...runs] of pages) {
    const before = new Uint8Array(PAGE_SIZE);
    const after = new Uint8Array(PAGE_SIZE);
    for (const [offset, was, is] of runs) {
      before.set(was, offset);
      after.set(is, offset);
    }
    const spans = Uint16Array.from(runs.flatMap(([offset, was]) => [offset, offset + was.length]));
    writer.addRuns(page, Kind.CHANGED, spans, runs.length, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  }
  return Changes.over(writer.take());
}

/** Whole pages from `page` on that come out of zeroes. */
export function changesOf(page: number, after: Uint8Array): Changes {
  const writer = new ChangesWriter(after.length * 2);
  const spans = Uint16Array.of(0, PAGE_SIZE);
  for (let at = 0; at < after.length; at += PAGE_SIZE)
    writer.addRuns(page + at / PAGE_SIZE, Kind.FROM_ZEROES, spans, 1, { bytes: after, at }, { bytes: after, at });
  return Changes.over(writer.take());
}

/** Of everything that a type may be made of; what counts is the first, two numbers of 16 bits. */
const COUNTER_TYPES: TypeTable = [
  {
    kind: "record",
    name: "struct counter",
    size: 4,
    union: false,
    members: [
      { name: "low", offset: 0, type: 1 },
      { name: "flag", offset: 2, type: 2, bit: 0, bits: 3 },
    ],
  },
  { kind: "base", name: "short", size: 2, encoding: "signed" },
  { kind: "enum", name: "enum color", size: 2, values: [{ name: "RED", value: -2 }] },
  { kind: "pointer", size: 8, to: 4, reference: false },
  { kind: "array", of: 5, count: 3, stride: 4 },
  { kind: "unknown", name: "struct far", size: 4 },
];

export const STEPS: readonly Step[] = [
  stepOf({
    number: 4,
    from: { source: "/src/main.c", line: 10, function: "main" },
    to: { line: 0, function: "??" },
    by: "continue",
    reason: "breakpoint",
    thread: { id: -3, name: "worker" },
    stops: 2,
    written: PageSet.from([
      [101, 103],
      [1004, 1006],
      [5000, 5001],
    ]),
    kernel: PageSet.of(1005, 1006),
    notes: [
      { start: 1005, end: 1006, note: "rseq", onlyKernel: true },
      { start: 1004, end: 1006, note: "new mapping" },
    ],
    debugger: PageSet.of(1000, 1001),
    discarded: PageSet.of(105, 107),
    created: [mappingOf(3000, 2, "/tmp/new")],
    removed: [mappingOf(4000, 3, "/tmp/old")],
    doubts: ["debugger in flight"],
    scanMicroseconds: 77,
    layout: LAYOUT,
    contents: {
      changes: changedPages([101, [8, [0, 0], [1, 2]], [100, [5], [6]]], [3000, [0, [9], [8]]]),
      byDebugger: changedPages([1000, [0, [0x90], [0xcc]]]),
      missing: "overtaken",
    },
    names: {
      changes: [
        {
          start: 101 * PAGE_SIZE + 8,
          end: 101 * PAGE_SIZE + 10,
          bytes: 2,
          words: "counter",
          value: "0 → 513",
          isNoise: false,
          object: { name: "counter", start: 101 * PAGE_SIZE + 8, end: 101 * PAGE_SIZE + 12, types: COUNTER_TYPES },
        },
        { start: 101 * PAGE_SIZE + 100, end: 101 * PAGE_SIZE + 101, bytes: 1, words: "malloc's", isNoise: true },
      ],
      unnamed: 3,
    },
  }),
  stepOf({ number: 7, layout: LAYOUT, written: PageSet.of(2000, 2001), scanMicroseconds: 1.25 }),
];

export function recordingOf(steps: readonly Step[], budget?: StepBudget): LiveRecording {
  const recording = new LiveRecording("sample", budget);
  recording.armed(42, ARMING, LAYOUT);
  recording.setResident(PageSet.of(100, 104));
  for (const step of steps) recording.addStep(step);
  return recording;
}

export function someRecording(): LiveRecording {
  return recordingOf(STEPS);
}

/** A recording in which each step counts byte 7 of page 100 up, and copies of that page as it was after one of them. */
export function countingRecording(count: number): {
  readonly recording: LiveRecording;
  readonly copies: (after: number) => CopiesRecord;
  readonly pageAfterStep: (number: number) => Uint8Array;
} {
  const steps = Array.from({ length: count }, (_, i) =>
    stepOf({
      number: i + 1,
      layout: LAYOUT,
      written: PageSet.of(100, 101),
      contents: { changes: changedPages([100, [7, [i], [i + 1]]]), byDebugger: Changes.NONE },
    }),
  );
  const pageAfterStep = (number: number): Uint8Array => {
    const page = new Uint8Array(PAGE_SIZE).fill(0xee);
    page[7] = number;
    return page;
  };
  return {
    recording: recordingOf(steps),
    copies: after => ({ after, pages: PageSet.of(100, 101), bytes: pageAfterStep(after) }),
    pageAfterStep,
  };
}
