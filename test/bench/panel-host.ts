// What the host's answers to the panel's page take, in milliseconds: with many mappings, and with many runs in a step: npm run bench:answers.
import { PageSet, RunBuilder } from "../../src/memory/page-set.ts";
import { LiveRecording } from "../../src/recording/live.ts";
import type { Step } from "../../src/recording/step.ts";
import { sentence } from "../../src/recording/summary.ts";
import { EMPTY_LAYOUT, type Layout } from "../../src/tracker/reports.ts";
import { brushDetails } from "../../src/ui/brush-details.ts";
import { noteHover } from "../../src/ui/line-note-text.ts";
import { locate } from "../../src/ui/map/locate.ts";
import { mapReply } from "../../src/ui/map/view.ts";
import { MAP_COLORS, type MapQuery } from "../../src/ui/protocol.ts";
import { stepDetails } from "../../src/ui/step-details.ts";
import { stepsReply } from "../../src/ui/steps.ts";
import { tableOf } from "../../src/ui/table.ts";
import { timelineReply } from "../../src/ui/timeline.ts";
import { mappingOf, stepOf } from "../unit/ui/page.ts";

const MANY_MAPPINGS = 60_000;
const MANY_RUNS = 524_288;
const TURNS = 15;

function query(recording: LiveRecording, over: Partial<MapQuery> = {}): MapQuery {
  return {
    recording: recording.id,
    step: recording.steps.last?.number ?? 0,
    width: 1400,
    height: 700,
    scroll: 0,
    overscan: 350,
    zoom: 0,
    order: "address",
    filter: { writtenOnly: false, foldLibraries: true, text: "" },
    ...over,
  };
}

/** The least of the times of one call, each over fresh arguments, and their median: a busy machine only ever makes it longer. */
function measure<A>(what: string, prepare: (turn: number) => A, run: (argument: A) => unknown): void {
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const argument = prepare(turn);
    const begin = performance.now();
    run(argument);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  console.log(
    `  ${what.padEnd(50)} least ${times[0].toFixed(2).padStart(7)} ms, median ${median.toFixed(2).padStart(7)} ms`,
  );
}

function manyMappings(): Layout {
  const mappings = Array.from({ length: MANY_MAPPINGS }, (_, i) => mappingOf(0x10000 + i * 24, 16));
  const half = mappings.length / 2;
  return {
    ...EMPTY_LAYOUT,
    mappings,
    armed: mappings.slice(0, half).map(({ start, end }) => ({ start, end, way: "complete" as const })),
    notArmed: mappings.slice(half).map(({ start, end }) => ({ start, end, name: "", reason: "the kernel refused" })),
  };
}

/** Every second page of 4 GiB. */
function everySecond(): PageSet {
  const builder = new RunBuilder();
  for (let i = 0; i < MANY_RUNS; i += 1) builder.add(0x100000 + i * 2, 0x100000 + i * 2 + 1);
  return builder.finish();
}

function recordingOf(layout: Layout, written: () => PageSet, steps: number, kernel = PageSet.EMPTY): LiveRecording {
  const recording = new LiveRecording("many");
  recording.setLayout(layout);
  for (let number = 1; number <= steps; number += 1)
    recording.addStep(stepOf({ number, layout, written: written(), kernel }));
  return recording;
}

const LONG_LAYOUT: Layout = {
  ...EMPTY_LAYOUT,
  mappings: Array.from({ length: 1000 }, (_, i) =>
    mappingOf(0x10000 + i * 5000, 4096, i % 9 === 0 ? `/lib/l${i}.so` : ""),
  ),
};

/** A hundred regions over ten of the mappings. */
function longStep(number: number): Step {
  const builder = new RunBuilder();
  const first = (number * 7) % 900;
  for (let i = 0; i < 100; i += 1) {
    const start = 0x10000 + (first + Math.floor(i / 10)) * 5000 + (i % 10) * 400 + (number % 300);
    builder.add(start, start + 1 + (i % 5));
  }
  return stepOf({ number, layout: LONG_LAYOUT, thread: { id: number % 4 }, written: builder.finish() });
}

function longRecording(): LiveRecording {
  const recording = new LiveRecording("long", { steps: 20_000, bytes: 2 ** 31, contents: 2 ** 28 });
  recording.setLayout(LONG_LAYOUT);
  for (let number = 1; number <= 10_000; number += 1) recording.steps.add(longStep(number));
  return recording;
}

function fresh(step: Step): Step {
  return { ...step };
}

const layout = manyMappings();
console.log(`${MANY_MAPPINGS.toLocaleString("en")} mappings, a page written in every tenth`);
const scattered = (): PageSet =>
  PageSet.from(layout.mappings.filter((_, i) => i % 10 === 0).map(({ start }) => [start, start + 1]));
const mapped = recordingOf(layout, scattered, 10);
measure(
  "map, of a layout never seen before",
  () => {
    const again = { ...layout };
    const recording = recordingOf(again, scattered, 8);
    return recording;
  },
  recording => mapReply(recording, query(recording)),
);
measure(
  "map, scrolled",
  turn => query(mapped, { scroll: turn * 60_000 }),
  q => mapReply(mapped, q),
);
measure(
  "map, another step chosen",
  turn => query(mapped, { step: 1 + (turn % 10) }),
  q => mapReply(mapped, q),
);
measure(
  "map, another step chosen, written first",
  turn => query(mapped, { step: 1 + (turn % 10), order: "written first" }),
  q => mapReply(mapped, q),
);
measure(
  "map, zoomed",
  turn => query(mapped, { zoom: turn % 5 }),
  q => mapReply(mapped, q),
);
measure(
  "next written page",
  turn => turn,
  turn => locate(mapped, query(mapped), { to: "written", from: layout.mappings[turn * 1000].start, direction: 1 }),
);
measure(
  "where the step wrote most",
  turn => turn,
  () => locate(mapped, query(mapped), { to: "chosen step" }),
);
measure(
  "300 rows of the table",
  turn => turn * 1000,
  from => tableOf(mapped, { step: 1, from, count: 300 }),
);

console.log("10,000 steps of 100 regions each, in a thousand mappings");
const long = longRecording();
const wholeTimeline = { recording: long.id, bars: 300, measure: "pages" as const };
measure(
  "timeline, of steps never seen before",
  turn => (turn < 3 ? longRecording() : long),
  recording => timelineReply(recording, wholeTimeline),
);
measure(
  "timeline, one step more",
  turn => long.addStep(longStep(long.steps.count + 1 + turn)),
  () => timelineReply(long, wholeTimeline),
);
const brush = { first: 2000, last: 8000 };
measure(
  "what 6,000 brushed steps wrote, 100 ranges",
  turn => ({ recording: long.id, brush: { first: 2000 + turn, last: 8000 }, count: 100 }),
  q => brushDetails(long, q),
);
for (const color of MAP_COLORS) {
  measure(
    `map of 6,000 brushed steps, coloured by ${color}`,
    turn => query(long, { look: { color, brush: { ...brush, first: brush.first + turn } } }),
    q => mapReply(long, q),
  );
}
measure(
  "map of two brushes compared",
  turn => query(long, { look: { color: "step", brush, other: { first: 8001 + turn, last: 10_000 } } }),
  q => mapReply(long, q),
);

console.log(`${MANY_RUNS.toLocaleString("en")} runs in a step, seven such steps before it`);
const wide: Layout = {
  ...EMPTY_LAYOUT,
  mappings: [mappingOf(0x1000, 64, "[heap]"), mappingOf(0x100000, MANY_RUNS * 2)],
};
const rseq = PageSet.of(0x100000, 0x100001);
const written = recordingOf(wide, everySecond, 8, rseq);
const last = written.steps.last as Step;
measure(
  "map, of a step never seen before",
  () => recordingOf(wide, everySecond, 8, rseq),
  recording => mapReply(recording, query(recording)),
);
measure(
  "map, again",
  () => query(written),
  q => mapReply(written, q),
);
measure(
  "map at a page a cell",
  () => query(written, { zoom: 30, scroll: 20_000 }),
  q => mapReply(written, q),
);
measure(
  "the step's line of the list",
  () => recordingOf(wide, everySecond, 1, rseq),
  recording => stepsReply(recording, { recording: recording.id, from: -1, count: 1, text: "", writingOnly: false }),
);
measure(
  "the step in full, 200 ranges",
  () => fresh(last),
  step => stepDetails(step, 0, 200),
);
measure("the line's note", () => fresh(last), sentence);
measure("the note's hover", () => fresh(last), noteHover);
