// The worker of the page's benchmark: 2^28 pages in 10,000 mappings, 10,000 steps that wrote 100 regions each.
import type { Mapping } from "../../../src/memory/mapping.ts";
import { PageSet, RunBuilder } from "../../../src/memory/page-set.ts";
import { LiveRecording } from "../../../src/recording/live.ts";
import { NOTHING_TOLD, type Step } from "../../../src/recording/step.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";
import { serveRecording } from "./worker.ts";

const PAGES = 2 ** 28;
const MAPPINGS = 10_000;
const STEPS = 10_000;
const REGIONS = 100;
const EACH = Math.floor(PAGES / MAPPINGS);
/** From one mapping's start to the next one's. */
const STRIDE = EACH + 16;

/** Numbers below 1, the same in each run (Park and Miller's generator). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function layoutOf(): Layout {
  const mappings = Array.from({ length: MAPPINGS }, (_, i): Mapping => {
    const start = 0x10000 + i * STRIDE;
    const name = i === 1 ? "[heap]" : i % 7 === 0 ? `/usr/lib/libmade-${i}.so` : "";
    const file = { device: name.startsWith("/") ? "08:01" : "00:00", inode: name.startsWith("/") ? i + 1 : 0 };
    return { start, end: start + EACH, permissions: "rw-p", offset: 0, ...file, name };
  });
  const armed = mappings.map(({ start, end }) => ({ start, end, way: "complete" as const }));
  return { ...EMPTY_LAYOUT, mappings, armed };
}

/** A hundred regions of one to eight pages: most in a few mappings, as a program's are, some anywhere. */
function writtenBy(number: number, next: () => number): PageSet {
  const starts: number[] = [];
  const home = Math.floor(next() * MAPPINGS);
  for (let i = 0; i < REGIONS; i += 1) {
    const mapping = i < 80 ? (home + (i % 4)) % MAPPINGS : Math.floor(next() * MAPPINGS);
    starts.push(0x10000 + mapping * STRIDE + Math.floor(next() * (EACH - 8)));
  }
  const builder = new RunBuilder();
  for (const start of starts.sort((a, b) => a - b)) builder.add(start, start + 1 + ((start + number) % 8));
  return builder.finish();
}

serveRecording(largeRecording());

function largeRecording(): LiveRecording {
  const recording = new LiveRecording("large", { steps: STEPS, bytes: 2 ** 31, contents: 2 ** 28 });
  const layout = layoutOf();
  const report = { backend: "wp-async" as const, populatedOnly: [], notArmed: [], microseconds: 1200 };
  recording.armed(4711, { ...report, mappings: MAPPINGS, pages: PAGES }, layout);
  recording.setResident(PageSet.from(layout.mappings.map(({ start, end }) => [start, (start + end) >>> 1])));
  const next = random(1);
  for (let number = 1; number <= STEPS; number += 1) {
    const step: Step = {
      ...{ number, by: "next", stops: 1, ...NOTHING_TOLD, layout, scanMicroseconds: 900, settled: true },
      from: { source: "/made/loop.c", line: 1 + (number % 400), function: "loop" },
      to: { source: "/made/loop.c", line: 2 + (number % 400), function: "loop" },
      thread: { id: 1 + (number % 5), name: `worker-${number % 5}` },
      written: writtenBy(number, next),
    };
    recording.addStep(step);
  }

  return recording;
}
