// From a debugger's `stopped` event to the step told, in programs that nobody here wrote: our share of a stop.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Prepared, programs } from "../foreign/programs.ts";
import { WatchedProgram } from "../foreign/watched.ts";
import { median } from "./yardstick.ts";

const STOPS = 60;
/** The first find code not compiled yet. */
const WARM_UP = 10;

const NODE: Prepared = {
  path: process.execPath,
  args: ["-e", "const kept = []; setInterval(() => { kept.push({}); if (kept.length > 1e4) kept.length = 0; }, 0)"],
  functions: [],
};

async function latencies(prepared: Prepared, folder: string): Promise<readonly number[]> {
  const watched = await WatchedProgram.start("gdb", { ...prepared, folder }, join(folder, "output"));
  try {
    prepared.begin?.();
    await sleep(1000);
    await watched.pause();
    await watched.happening();
    await watched.arm();
    for (let stop = 0; stop < STOPS; stop += 1) {
      await watched.letGo("continue");
      await sleep(20);
      await watched.pause();
      await watched.happening();
      await watched.newlyTold();
    }
    return watched.latencies.slice(WARM_UP);
  } finally {
    prepared.end?.();
    await watched.close();
  }
}

/** A table of medians, milliseconds. */
export async function stopTable(): Promise<string> {
  const lines = [
    "\nFrom gdb's `stopped` event to the step told, 20 ms of running a stop, milliseconds.\n",
    "| program | median | 95 of 100 |",
    "|:--|--:|--:|",
  ];
  const chosen = ["redis-server under load", "sqlite3", "gcc's cc1"];
  const prepare = new Map(programs.map(program => [program.name, program.prepare] as const));
  for (const name of ["node", ...chosen]) {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-stops-"));
    try {
      const times = [...(await latencies(prepare.get(name)?.(folder) ?? NODE, folder))].sort((a, b) => a - b);
      const high = times[Math.floor(times.length * 0.95)] ?? Number.NaN;
      lines.push(`| ${name} | ${median(times).toFixed(2)} | ${high.toFixed(2)} |`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return lines.join("\n");
}
