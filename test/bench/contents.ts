// What bytes add to a stop, after its pages are told: reading the written pages, finding what changed, and telling it.
import { fileURLToPath } from "node:url";
import type { ContentsHandle } from "../../src/agent/contents.ts";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { Target } from "../kernel/target.ts";
import { median } from "./yardstick.ts";

const COUNTS = [10, 1_000, 100_000] as const;
const ROUNDS = 9;
const WARM_UP = 3;
/** Enough for the largest. */
const BUDGET = 120_000;

interface Row {
  readonly count: number;
  /** Microseconds, as all that follows: the scan of such a stop, with copies kept and without. */
  readonly scan: number;
  readonly bare: number;
  readonly capture: number;
  /** Bytes that cross, and are kept. */
  readonly bytes: number;
}

/** A table: each row a stop at which one byte of each of so many pages was written. */
export async function contentsTable(): Promise<string> {
  const rows: Row[] = [];
  for (const count of COUNTS) rows.push(await measure(count));
  const us = (value: number): string => Math.round(value).toLocaleString("en").padStart(9);
  const lines = rows.map(
    ({ count, scan, bare, capture, bytes }) =>
      `| ${count.toLocaleString("en").padStart(7)} | ${us(bare)} | ${us(scan)} | ${us(capture)} | ${(capture / count).toFixed(2).padStart(6)} | ${(bytes / count).toFixed(1).padStart(12)} |`,
  );
  return `
Medians of ${ROUNDS - WARM_UP} rounds, microseconds. One byte written of each page. "Capture" comes after the step is told; "bytes a page" is
what crosses and is kept of the changes.

|   pages | scan, no copies | scan | capture | a page | bytes a page |
|--------:|----------:|----------:|----------:|-------:|-------------:|
${lines.join("\n")}`;
}

async function measure(count: number): Promise<Row> {
  const bare = await stops(count, undefined);
  const { scan, capture, bytes } = await stops(count, BUDGET);
  return { count, scan, bare: bare.scan, capture, bytes };
}

async function stops(count: number, budget: number | undefined): Promise<Omit<Row, "count" | "bare">> {
  const target = Target.start();
  const agent = new AgentKeeper(fileURLToPath(new URL("../../dist/agent.cjs", import.meta.url)), NO_LOG);
  const tracker = agent.tracker();
  try {
    const memory = await target.map(count * PAGE_SIZE);
    await target.do("write", memory, count * PAGE_SIZE, PAGE_SIZE);
    const descriptor = await target.do("userfaultfd");
    const contentsPages = budget === undefined ? {} : { contentsPages: budget };
    await tracker.attach(target.pid, descriptor, { ...DEFAULT_ARM_OPTIONS, ...contentsPages });
    await target.do("close", descriptor);
    await tracker.arm();
    const { contents } = tracker;
    await copied(contents);
    const scans: number[] = [];
    const captures: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await target.do("write", memory, count * PAGE_SIZE, PAGE_SIZE);
      const begin = performance.now();
      await tracker.scan();
      const scanned = performance.now();
      await tracker.settle(false);
      const settled = performance.now();
      const captured = await contents?.capture();
      const end = performance.now();
      bytes = captured?.changes.byteLength ?? 0;
      if (captured && bytes < count * 5) throw new Error("changes were missed");
      if (round < WARM_UP) continue;
      scans.push((scanned - begin) * 1000);
      captures.push((end - settled) * 1000);
    }
    return { scan: median(scans), capture: median(captures), bytes };
  } finally {
    agent.dispose();
    target.kill();
  }
}

async function copied(contents: ContentsHandle | undefined): Promise<void> {
  if (!contents) return;
  while (await contents.copyAhead(true));
  await contents.capture();
}
