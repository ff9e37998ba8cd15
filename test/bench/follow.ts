// What mappings cost at a stop: many of them, few that change. Beside each figure the ioctl from C on the same process.
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import type { TrackerHandle } from "../../src/agent/tracking.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { Target } from "../kernel/target.ts";
import { median, Yardstick } from "./yardstick.ts";

const COUNTS = [10, 9_300, 60_000] as const;
const ROUNDS = 9;
const BASE = 0x100000000;

interface Row {
  readonly count: number;
  /** Milliseconds. */
  readonly arm: number;
  readonly c: number;
  readonly scan: number;
  readonly settle: number;
  readonly changedScan: number;
  readonly changedSettle: number;
}

/** A table of milliseconds: each row a process with as many mappings, two pages written at each stop. */
export async function followTable(): Promise<string> {
  const rows: Row[] = [];
  for (const count of COUNTS) rows.push(await measure(count));
  const ms = (value: number): string => value.toFixed(2).padStart(8);
  const lines = rows.map(
    ({ count, arm, c, scan, settle, changedScan, changedSettle }) =>
      `| ${count.toLocaleString("en").padStart(8)} | ${[arm, c, scan, settle, changedScan, changedSettle].map(ms).join(" | ")} |`,
  );
  return `
Medians of ${ROUNDS} rounds, milliseconds, two pages written at each stop. "Changed": a mapping came and was written to, another went.

| mappings |      arm |        C |     scan |   settle | scan, changed | settle, changed |
|---------:|---------:|---------:|---------:|---------:|--------------:|----------------:|
${lines.join("\n")}`;
}

async function measure(count: number): Promise<Row> {
  const target = Target.start();
  const agent = new AgentKeeper(fileURLToPath(new URL("../../dist/agent.cjs", import.meta.url)), NO_LOG);
  const tracker = agent.tracker();
  const yardstick = new Yardstick(target.pid);
  try {
    if ((await target.do("mapmany", count, BASE)) !== count) throw new Error(`${count} mappings could not be made`);
    const arm = await armed(target, tracker);
    const c: number[] = [];
    const stops: { scan: number; settle: number }[] = [];
    const changed: { scan: number; settle: number }[] = [];
    const fresh = BASE - 64 * PAGE_SIZE;
    for (let round = 0; round < ROUNDS; round += 1) {
      await target.do("write", BASE, 4 * PAGE_SIZE, 2 * PAGE_SIZE);
      c.push((await yardstick.scan()).microseconds / 1000);
      await target.do("write", BASE, 4 * PAGE_SIZE, 2 * PAGE_SIZE);
      stops.push(await stop(tracker));
      await target.map(PAGE_SIZE, fresh + (round % 8) * 4 * PAGE_SIZE);
      await target.do("write", fresh + (round % 8) * 4 * PAGE_SIZE, PAGE_SIZE, PAGE_SIZE);
      await target.do("unmap", fresh + ((round + 4) % 8) * 4 * PAGE_SIZE, PAGE_SIZE);
      changed.push(await stop(tracker));
    }
    const of = (list: readonly { scan: number; settle: number }[], what: "scan" | "settle"): number =>
      median(list.map(times => times[what]));
    return {
      count,
      arm,
      c: median(c),
      scan: of(stops, "scan"),
      settle: of(stops, "settle"),
      changedScan: of(changed, "scan"),
      changedSettle: of(changed, "settle"),
    };
  } finally {
    yardstick.kill();
    agent.dispose();
    target.kill();
  }
}

async function armed(target: Target, tracker: TrackerHandle): Promise<number> {
  const descriptor = await target.do("userfaultfd");
  await tracker.attach(target.pid, descriptor, DEFAULT_ARM_OPTIONS);
  await target.do("close", descriptor);
  const begin = performance.now();
  await tracker.arm();
  const took = performance.now() - begin;
  await stop(tracker);
  return took;
}

async function stop(tracker: TrackerHandle): Promise<{ scan: number; settle: number }> {
  const begin = performance.now();
  await tracker.scan();
  const scanned = performance.now();
  await tracker.settle(false);
  return { scan: scanned - begin, settle: performance.now() - scanned };
}
