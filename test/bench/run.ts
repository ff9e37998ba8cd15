// How long a scan at a stop takes, agent and all, beside the same ioctl from C on the same process: npm run bench.
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import type { TrackerHandle } from "../../src/agent/tracking.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { Target } from "../kernel/target.ts";
import { contentsTable } from "./contents.ts";
import { followTable } from "./follow.ts";
import { stopTable } from "./stops.ts";
import { watchTable } from "./watches.ts";
import { median, Yardstick } from "./yardstick.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const SIZES = [16, 1 << 16, 1 << 20] as const;
const ROUNDS = 25;
/**
 * What a step takes that writes 32,768 armed pages, milliseconds. The caches forget us meanwhile; the fixed cost, which is that of scans
 * at once after each other, leaves that out.
 */
const LONG_STEP = 40;
/** The first rounds find buffers cold and code not compiled yet. */
const WARM_UP = 8;

interface Row {
  readonly pages: number;
  readonly state: string;
  readonly c: number;
  readonly whole: number;
  readonly inAgent: number;
  readonly settle: number;
  /** Runs of the last report, and the bytes it takes here and on its way. */
  readonly runs: number;
  readonly held: number;
  readonly crossed: number;
}

/** @param pause milliseconds between what was written and the scan. */
async function measure(pages: number, everySecond: boolean, pause = 0): Promise<Row> {
  const target = Target.start();
  const agent = new AgentKeeper(path("../../dist/agent.cjs"), NO_LOG);
  const tracker = agent.tracker();
  const yardstick = new Yardstick(target.pid);
  try {
    const memory = await target.map(pages * PAGE_SIZE);
    await target.do("write", memory, pages * PAGE_SIZE, PAGE_SIZE);
    await arm(target, tracker);
    const c: number[] = [];
    const whole: number[] = [];
    const inAgent: number[] = [];
    const settle: number[] = [];
    let written = PageSet.EMPTY;
    const dirty = async (): Promise<void> => {
      if (everySecond) await target.do("write", memory, pages * PAGE_SIZE, 2 * PAGE_SIZE);
      // The pipes' own pages, written by the target's answer, are out of the way before the measurement.
      else await tracker.scan();
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      await dirty();
      const found = await yardstick.scan();
      await dirty();
      if (pause > 0) await setTimeout(pause);
      const begin = performance.now();
      const report = await tracker.scan();
      const end = performance.now();
      ({ written } = report);
      await tracker.settle(false);
      const settled = performance.now();
      if (everySecond && (found.regions < pages / 2 || report.written.pageCount < pages / 2))
        throw new Error("pages were missed");
      if (round < WARM_UP) continue;
      c.push(found.microseconds);
      whole.push((end - begin) * 1000);
      inAgent.push(report.microseconds);
      settle.push((settled - end) * 1000);
    }
    const state = everySecond ? "every second page written" : "clean";
    return {
      pages,
      state,
      c: median(c),
      whole: median(whole),
      inAgent: median(inAgent),
      settle: median(settle),
      runs: written.runCount,
      held: written.byteLength,
      crossed: serialize(written.toWire()).length,
    };
  } finally {
    yardstick.kill();
    agent.dispose();
    target.kill();
  }
}

async function arm(target: Target, tracker: TrackerHandle): Promise<void> {
  const descriptor = await target.do("userfaultfd");
  await tracker.attach(target.pid, descriptor, DEFAULT_ARM_OPTIONS);
  await target.do("close", descriptor);
  const { pages, microseconds } = await tracker.arm();
  if (pages > 1 << 16)
    console.error(`armed ${pages.toLocaleString("en")} pages in ${(microseconds / 1000).toFixed(1)} ms`);
}

const rows: Row[] = [];
for (const pages of SIZES) for (const everySecond of [false, true]) rows.push(await measure(pages, everySecond));

const fixed = rows[0].whole - rows[0].c;
const rested = await measure(16, false, LONG_STEP);
const us = (value: number): string => Math.round(value).toLocaleString("en").padStart(9);
console.log(`
Medians of ${ROUNDS - WARM_UP} paired rounds, microseconds. "C": one PAGEMAP_SCAN from C over the whole address space. "Scan": the
request to the agent, its scans, the set of written pages back here. Fixed cost per stop: ${Math.round(fixed)} µs; at the end of
a step of ${LONG_STEP} ms, as those that write every second page are: ${Math.round(rested.whole - rested.c)} µs.

|   armed pages | state                     |         C |      scan | in the agent | scan / C | (scan - fixed) / C | settle |
|--------------:|:--------------------------|----------:|----------:|-------------:|---------:|-------------------:|-------:|`);
for (const { pages, state, c, whole, inAgent, settle } of rows) {
  console.log(
    `| ${pages.toLocaleString("en").padStart(13)} | ${state.padEnd(25)} | ${us(c)} | ${us(whole)} | ${us(inAgent)} | ${(whole / c).toFixed(2)} | ${((whole - fixed) / c).toFixed(2)} | ${us(settle)} |`,
  );
}
const most = rows[rows.length - 1];
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024).toLocaleString("en")} KiB`;
console.log(
  `\n${most.runs.toLocaleString("en")} runs: ${kilobytes(most.crossed)} on their way, ${kilobytes(most.held)} in each step that is kept.`,
);
console.log(await followTable());
console.log(await stopTable());
console.log(await contentsTable());
console.log(await watchTable());
process.exit(0);
