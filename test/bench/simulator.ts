// How long the simulated kernel takes for what the live one does, side by side in one run: npm run bench:simulator.
import { MapFlag, PagemapScan, Protection, TRACKING_FEATURES } from "../../src/kernel/abi.ts";
import type { Pagemap, ScanRequest, Userfaultfd } from "../../src/kernel/kernel.ts";
import { linuxKernel } from "../../src/kernel/linux/linux-kernel.ts";
import { RegionVector } from "../../src/kernel/region-vector.ts";
import { Machine } from "../../src/kernel/simulated/machine.ts";
import type { Process } from "../../src/kernel/simulated/process.ts";
import { simulatedKernel } from "../../src/kernel/simulated/simulated-kernel.ts";
import { Category } from "../../src/memory/category.ts";
import { PAGE_SIZE, pageOf, USER_PAGES_END } from "../../src/memory/page.ts";
import { Target } from "../kernel/target.ts";
import { median, Yardstick } from "./yardstick.ts";

const ROUNDS = 21;
/** The first find buffers cold and code not compiled yet. */
const WARM_UP = 6;
const PAGES = 1 << 20;
const GIANT = 2 ** 44;
const POPULATED = 1000;

/** Exactly the yardstick's scan. */
const WRITTEN: ScanRequest = {
  start: 0,
  end: USER_PAGES_END,
  flags: PagemapScan.WP_MATCHING,
  inverted: 0,
  required: Category.WRITTEN,
  anyOf: 0,
  returned: Category.WRITTEN,
};
/** For a mapping with no markers in its holes: what was populated and written. */
const POPULATED_WRITTEN: ScanRequest = { ...WRITTEN, anyOf: Category.PRESENT };

const vector = new RegionVector(1 << 20);
const zero = new Uint8Array(1);

class Simulation {
  readonly process: Process = new Machine().spawn();
  readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;

  constructor() {
    const kernel = simulatedKernel(() => this.process.machine);
    this.pagemap = kernel.openPagemap(this.process.pid);
    this.userfaultfd = kernel.takeUserfaultfd(this.process.pid, this.process.userfaultfd(0));
    this.userfaultfd.negotiate(TRACKING_FEATURES);
  }

  map(bytes: number): number {
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.NORESERVE;
    return this.process.mmap(0n, BigInt(bytes), Protection.READ | Protection.WRITE, flags, -1, 0n);
  }

  write(address: number, bytes: number, step: number): void {
    for (let at = 0; at < bytes; at += step) this.process.store(address + at, zero);
  }

  register(address: number, bytes: number, protect: boolean): void {
    const start = pageOf(address);
    const end = start + bytes / PAGE_SIZE;
    this.userfaultfd.register(start, end);
    if (protect) this.userfaultfd.writeProtect(start, end);
  }

  /** Microseconds of one scan, and the regions it found. */
  scan(request = WRITTEN): { microseconds: number; regions: number } {
    return timed(() => this.pagemap.scan(request, vector).regions);
  }
}

function timed<T>(work: () => T): { microseconds: number; regions: T } {
  const begin = performance.now();
  const regions = work();
  return { microseconds: (performance.now() - begin) * 1000, regions };
}

interface Row {
  readonly what: string;
  readonly live: number;
  readonly simulated: number;
}

async function armed(everySecond: boolean): Promise<Row> {
  const bytes = PAGES * PAGE_SIZE;
  const simulation = new Simulation();
  const place = simulation.map(bytes);
  simulation.write(place, bytes, PAGE_SIZE);
  simulation.register(place, bytes, true);

  const target = Target.start();
  const memory = await target.map(bytes);
  await target.do("write", memory, bytes, PAGE_SIZE);
  const userfaultfd = linuxKernel.takeUserfaultfd(target.pid, await target.do("userfaultfd"));
  userfaultfd.negotiate(TRACKING_FEATURES);
  userfaultfd.register(pageOf(memory), pageOf(memory) + PAGES);
  userfaultfd.writeProtect(pageOf(memory), pageOf(memory) + PAGES);
  const yardstick = new Yardstick(target.pid);
  const live: number[] = [];
  const simulated: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      if (everySecond) {
        await target.do("write", memory, bytes, 2 * PAGE_SIZE);
        simulation.write(place, bytes, 2 * PAGE_SIZE);
      }
      const real = await yardstick.scan();
      const ours = simulation.scan();
      if (real.regions !== ours.regions) throw new Error(`${real.regions} regions live, ${ours.regions} simulated`);
      if (round < WARM_UP) continue;
      live.push(real.microseconds);
      simulated.push(ours.microseconds);
    }
  } finally {
    yardstick.kill();
    userfaultfd.close();
    target.kill();
  }
  const state = everySecond ? "every second page written" : "clean";
  return { what: `1,048,576 armed pages, ${state}`, live: median(live), simulated: median(simulated) };
}

/** A mapping of 16 TiB of which 1,000 pages exist, beside one that is no larger than these pages. */
async function sparse(): Promise<Row[]> {
  const step = Math.floor(GIANT / POPULATED / PAGE_SIZE) * PAGE_SIZE;
  const giant = new Simulation();
  const far = giant.map(GIANT);
  const small = new Simulation();
  const near = small.map(POPULATED * PAGE_SIZE);
  const target = Target.start();
  const memory = await target.map(GIANT);
  const userfaultfd = linuxKernel.takeUserfaultfd(target.pid, await target.do("userfaultfd"));
  userfaultfd.negotiate(TRACKING_FEATURES);
  const pagemap = linuxKernel.openPagemap(target.pid);
  const results: Record<"live" | "giant" | "small" | "write" | "writeSmall", number[]> = {
    live: [],
    giant: [],
    small: [],
    write: [],
    writeSmall: [],
  };
  try {
    userfaultfd.register(pageOf(memory), pageOf(memory) + GIANT / PAGE_SIZE);
    giant.register(far, GIANT, false);
    small.register(near, POPULATED * PAGE_SIZE, false);
    for (let round = 0; round < ROUNDS; round += 1) {
      await target.do("write", memory, POPULATED * step, step);
      const write = timed(() => giant.write(far, POPULATED * step, step));
      const writeSmall = timed(() => small.write(near, POPULATED * PAGE_SIZE, PAGE_SIZE));
      const end = pageOf(memory) + GIANT / PAGE_SIZE;
      const real = timed(() => pagemap.scan({ ...POPULATED_WRITTEN, start: pageOf(memory), end }, vector).regions);
      const ours = giant.scan({ ...POPULATED_WRITTEN, start: pageOf(far), end: pageOf(far) + GIANT / PAGE_SIZE });
      const dense = small.scan({ ...POPULATED_WRITTEN, start: pageOf(near), end: pageOf(near) + POPULATED });
      if (ours.regions !== POPULATED || real.regions !== POPULATED) throw new Error("pages were missed");
      if (round < WARM_UP) continue;
      results.live.push(real.microseconds);
      results.giant.push(ours.microseconds);
      results.small.push(dense.microseconds);
      results.write.push(write.microseconds);
      results.writeSmall.push(writeSmall.microseconds);
    }
  } finally {
    pagemap.close();
    userfaultfd.close();
    target.kill();
  }
  const tables = giant.process.mm.tables;
  console.error(`16 TiB with ${POPULATED} pages: ${tables} page tables; 4 MiB: ${small.process.mm.tables}.`);
  return [
    { what: "16 TiB, 1,000 pages written", live: median(results.live), simulated: median(results.giant) },
    { what: "the same pages side by side, scan", live: Number.NaN, simulated: median(results.small) },
    { what: "16 TiB, writing them", live: Number.NaN, simulated: median(results.write) },
    { what: "side by side, writing them", live: Number.NaN, simulated: median(results.writeSmall) },
  ];
}

const rows = [await armed(false), await armed(true), ...(await sparse())];
const us = (value: number): string => (Number.isNaN(value) ? "" : Math.round(value).toLocaleString("en")).padStart(9);
console.log(`
Medians of ${ROUNDS - WARM_UP} rounds, live and simulated in turn, microseconds of one PAGEMAP_SCAN.

| memory                                         |      live | simulated | simulated / live |
|:-----------------------------------------------|----------:|----------:|-----------------:|`);
for (const { what, live, simulated } of rows) {
  const ratio = Number.isNaN(live) ? "" : (simulated / live).toFixed(2);
  console.log(`| ${what.padEnd(46)} | ${us(live)} | ${us(simulated)} | ${ratio.padStart(16)} |`);
}
process.exit(0);
