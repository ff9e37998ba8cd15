// What a long recording costs: memory, questions, and its file beside the changed bytes compressed alike: npm run bench:recordings,
// or with a .writewatch file for that one's size.
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deflateRawSync } from "node:zlib";
import { Changes } from "../../src/memory/contents/changes.ts";
import { ChangesWriter } from "../../src/memory/contents/changes-writer.ts";
import { Kind } from "../../src/memory/contents/form.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { RunBuilder } from "../../src/memory/page-set.ts";
import { FileRecording } from "../../src/recording/file/file-recording.ts";
import { recordingBytes } from "../../src/recording/file/save.ts";
import { LiveRecording } from "../../src/recording/live.ts";
import type { Recording } from "../../src/recording/recording.ts";
import type { Step } from "../../src/recording/step.ts";
import { byteWritersOf } from "../../src/recording/writers.ts";
import { EMPTY_LAYOUT, type Layout } from "../../src/tracker/reports.ts";
import { mappingOf, stepOf } from "../unit/ui/page.ts";

const STEPS = Number(process.env.STEPS ?? 10_000);
const REGIONS = 1_000;
/** Pages of the memory that they are spread over: 4 GiB. */
const PAGES = 1 << 20;
const FIRST = 0x7f0000000;
/** Written by every step: the worst for "who wrote". */
const HOT = FIRST + 12_345;

const layout: Layout = { ...EMPTY_LAYOUT, mappings: [mappingOf(FIRST, PAGES)] };

/** Numbers from a seed (xorshift): the same on every run. */
let state = 12_345;
function below(most: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % most;
}

/** A step that changes an int in each of so many pages, at random. */
function madeStep(number: number, regions: number): Step {
  const pages = new Set([HOT]);
  while (pages.size < regions) pages.add(FIRST + below(PAGES));
  const builder = new RunBuilder(regions);
  const writer = new ChangesWriter(regions * 8);
  const before = new Uint8Array(PAGE_SIZE);
  const after = new Uint8Array(PAGE_SIZE);
  const spans = new Uint16Array(2);
  for (const page of [...pages].sort((a, b) => a - b)) {
    builder.add(page, page + 1);
    const offset = page === HOT ? 8 : below(PAGE_SIZE / 4) * 4;
    // Mostly the lowest byte of an int changes.
    const length = below(8) === 0 ? 4 : 1;
    for (let i = 0; i < length; i += 1) [before[offset + i], after[offset + i]] = [below(256), below(256)];
    spans[0] = offset;
    spans[1] = offset + length;
    writer.addRuns(page, Kind.CHANGED, spans, 1, { bytes: before, at: 0 }, { bytes: after, at: 0 });
  }
  const written = builder.finish();
  const contents = { changes: Changes.over(writer.take()), byDebugger: Changes.NONE };
  return stepOf({ number, layout, written, contents });
}

/** Of this thread's processor time, which others on the machine take less from than from the clock's. */
function milliseconds(work: () => void): string {
  const begin = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(begin);
  return `${((user + system) / 1000).toFixed(1)} ms`;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Megabytes of the heap and of typed arrays. */
function held(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

async function size(what: string, recording: Recording): Promise<Uint8Array> {
  const file = await recordingBytes(recording, { title: "bench", begun: 0, writer: "bench" });
  const changes = [...recording.steps].flatMap(({ contents }) => (contents ? [contents.changes.toBytes()] : []));
  const alone = deflateRawSync(Buffer.concat(changes)).length;
  const more = ((file.length / alone - 1) * 100).toFixed(1);
  console.log(
    `${what}: ${(file.length / 1e6).toFixed(2)} MB; the changed bytes alone, compressed alike, ${(alone / 1e6).toFixed(2)} MB: ${more} % more`,
  );
  return file;
}

const [opened] = process.argv.slice(2);
if (opened !== undefined) {
  await size(opened, await FileRecording.read(opened, readFileSync(opened)));
  process.exit(0);
}

const bare = held();
const recording = new LiveRecording("bench");
recording.setLayout(layout);
const begin = performance.now();
for (let number = 1; number <= STEPS; number += 1) recording.addStep(madeStep(number, REGIONS));
console.log(
  `${STEPS.toLocaleString("en")} steps of ${REGIONS.toLocaleString("en")} regions, made in ${((performance.now() - begin) / 1000).toFixed(1)} s`,
);
console.log(
  `held: ${(held() - bare).toFixed(1)} MB; by its own account ${(recording.steps.bytes / 1e6).toFixed(1)} MB`,
);
const cold = (FIRST + below(PAGES)) * PAGE_SIZE;
const hot = HOT * PAGE_SIZE + 8;
const ask = (what: string, address: number, most: number): void =>
  console.log(
    `who wrote ${what}: ${milliseconds(() => byteWritersOf(recording.steps, address, address + 4, most))}, again ${milliseconds(() => byteWritersOf(recording.steps, address, address + 4, most))}`,
  );
ask("a page that ten steps wrote", cold, 500);
ask("another", cold + 77 * PAGE_SIZE, 500);
ask("the page that each wrote, newest 500", hot, 500);
ask("the page that each wrote, all", hot, 100_000);
console.log(`held: ${(held() - bare).toFixed(1)} MB`);

const file = await size("its file", recording);
const reading = process.threadCpuUsage();
await FileRecording.read("bench", file);
const { user, system } = process.threadCpuUsage(reading);
console.log(`opened in ${((user + system) / 1000).toFixed(0)} ms of this thread`);
