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
/** Pages of a process whose scan costs nothing that grows with memory. */
const FEW = 16;
const SIZES = [FEW, 1 << 16, 1 << 20] as const;
const ROUNDS = 40;
/** A step as short as somebody's who holds the key down, milliseconds: the caches forget us meanwhile, and the processor goes to sleep. */
const LONG_STEP = 40;
/** The first rounds find buffers cold and code not compiled yet. */
const WARM_UP = 15;

interface Row {
  readonly pages: number;
  readonly state: string;
  readonly c: number;
  readonly whole: number;
  /** What a scan takes, less the ioctl from C, of a process with few pages: at the end of the same steps, in the same rounds. */
  readonly fixed: number;
  readonly inAgent: number;
  readonly settle: number;
  /** Runs of the last report, and the bytes it takes here and on its way. */
  readonly runs: number;
  readonly held: number;
  readonly crossed: number;
}

/** @param pause milliseconds between what was written and the scan. */
async function measure(pages: number, everySecond: boolean, pause = 0): Promise<Row> {
  const agent = new AgentKeeper(path("../../dist/agent.cjs"), NO_LOG);
  const [target, beside] = [Target.start(), Target.start()];
  const [tracker, trackerBeside] = [agent.tracker(), agent.tracker()];
  const [yardstick, yardstickBeside] = [new Yardstick(target.pid), new Yardstick(beside.pid)];
  try {
    const memory = await target.map(pages * PAGE_SIZE);
    await target.do("write", memory, pages * PAGE_SIZE, PAGE_SIZE);
    await arm(target, tracker);
    const few = await beside.map(FEW * PAGE_SIZE);
    await beside.do("write", few, FEW * PAGE_SIZE, PAGE_SIZE);
    await arm(beside, trackerBeside);
    const c: number[] = [];
    const whole: number[] = [];
    const fixed: number[] = [];
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
      // What their own pipes wrote in the meantime is told by a scan that nobody measures.
      await trackerBeside.scan();
      await trackerBeside.settle(false);
      const foundBeside = await yardstickBeside.scan();
      // As before the other's: at the end of the same step, or at once after a scan of its own.
      if (everySecond) await dirty();
      else await trackerBeside.scan();
      if (pause > 0) await setTimeout(pause);
      const beginBeside = performance.now();
      await trackerBeside.scan();
      const endBeside = performance.now();
      if (everySecond && (found.regions < pages / 2 || report.written.pageCount < pages / 2))
        throw new Error("pages were missed");
      if (round < WARM_UP) continue;
      c.push(found.microseconds);
      whole.push((end - begin) * 1000);
      fixed.push((endBeside - beginBeside) * 1000 - foundBeside.microseconds);
      inAgent.push(report.microseconds);
      settle.push((settled - end) * 1000);
    }
    const state = everySecond ? "every second page written" : "clean";
    return {
      pages,
      state,
      c: median(c),
      whole: median(whole),
      fixed: median(fixed),
      inAgent: median(inAgent),
      settle: median(settle),
      runs: written.runCount,
      held: written.byteLength,
      crossed: serialize(written.toWire()).length,
    };
  } finally {
    agent.dispose();
    for (const one of [yardstick, yardstickBeside, target, beside]) one.kill();
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

const [hot] = rows;
const rested = await measure(FEW, false, LONG_STEP);
const us = (value: number): string => Math.round(value).toLocaleString("en").padStart(9);
console.log(`
Medians of ${ROUNDS - WARM_UP} paired rounds, microseconds. "C": one PAGEMAP_SCAN from C over the whole address space. "Scan": the
request to the agent, its scans, the set of written pages back here. "Fixed": the same of a process with ${FEW} pages less its C,
in the same rounds at the end of the same steps: what does not grow with memory. Scan after scan it is ${Math.round(hot.whole - hot.c)} µs;
after steps of ${LONG_STEP} ms in which everybody slept, ${Math.round(rested.whole - rested.c)} µs.

|   armed pages | state                     |         C |      scan | in the agent |     fixed | scan / C | (scan - fixed) / C | settle |
|--------------:|:--------------------------|----------:|----------:|-------------:|----------:|---------:|-------------------:|-------:|`);
for (const { pages, state, c, whole, fixed, inAgent, settle } of rows) {
  console.log(
    `| ${pages.toLocaleString("en").padStart(13)} | ${state.padEnd(25)} | ${us(c)} | ${us(whole)} | ${us(inAgent)} | ${us(fixed)} | ${(whole / c).toFixed(2)} | ${pages > FEW ? ((whole - fixed) / c).toFixed(2) : "–"} | ${us(settle)} |`,
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
