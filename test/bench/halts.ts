// From a store into a watch to the debugger's `stopped` event, beside the debugger's own pause in the same run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import { compiledText } from "../compile.ts";
import { WatchedProgram } from "../debuggers/session.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { median } from "./yardstick.ts";

const STOPS = 60;
/** The first load what the debugger needs. */
const WARM_UP = 10;

/** Tells in a file when it is about to store, by the clock that ours is; 3 ms later it stores again. */
const PROGRAM = `#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
static volatile long *told;
static char *table;
static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}
static void run(void) {
  for (volatile long i = 0;; i += 1) {
    for (long end = now() + 3000000; now() < end;) {}
    *told = now();
    table[i % 4096] += 1;
  }
}
int main(void) {
  int file = open("FILE", O_RDWR);
  told = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  table = aligned_alloc(4096, 4096);
  memset(table, 1, 4096);
  run();
}
`;

interface Times {
  /** Milliseconds each. */
  readonly stores: readonly number[];
  readonly pauses: readonly number[];
}

async function times(name: DebuggerName, folder: string): Promise<Times> {
  const file = join(folder, "told");
  const program = compiledText(PROGRAM.replace("FILE", file), "bench-halts", ["-g", "-O0"]);
  writeFileSync(file, new Uint8Array(4096));
  const watched = await WatchedProgram.start(name, program, join(folder, "output"), "run");
  const { session, launched } = watched;
  let stopped = 0n;
  launched.client.onEvent(({ event }) => {
    if (event === "stopped") stopped = process.hrtime.bigint();
  });
  const stores: number[] = [];
  const pauses: number[] = [];
  try {
    const { address } = await session.locate("*table");
    await session.watching.set([{ id: "w", what: "table", ranges: [{ start: address, end: address + 4096 }] }]);
    launched.forgetStops();
    for (let stop = 0; stop < STOPS; stop += 1) {
      await watched.request("continue");
      await session.watching.quiet();
      stores.push(Number(stopped - readFileSync(file).readBigInt64LE(0)) / 1e6);
    }
    await session.watching.set([]);
    launched.forgetStops();
    const threadId = session.thread ?? 1;
    for (let stop = 0; stop < STOPS; stop += 1) {
      const next = watched.request("continue");
      // What stood before a store does that first.
      await sleep(stop === 0 ? 500 : 20);
      const asked = process.hrtime.bigint();
      await launched.client.request("pause", { threadId });
      await next;
      pauses.push(Number(stopped - asked) / 1e6);
    }
  } finally {
    await watched.close();
  }
  return { stores: stores.slice(WARM_UP), pauses: pauses.slice(WARM_UP) };
}

/** A table of medians, milliseconds. */
export async function haltTable(): Promise<string> {
  const lines = [
    "\nFrom a store into a watch to the debugger's `stopped` event, and from a request to pause, milliseconds.\n",
    "| debugger | store: median | 95 of 100 | its own pause: median | 95 of 100 |",
    "|:--|--:|--:|--:|--:|",
  ];
  for (const name of DEBUGGERS) {
    const folder = mkdtempSync(join(tmpdir(), "writewatch-halts-"));
    try {
      const { stores, pauses } = await times(name, folder);
      const cells = [stores, pauses].flatMap(all => [median(all), high(all)]).map(value => value.toFixed(2));
      lines.push(`| ${name} | ${cells.join(" | ")} |`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return lines.join("\n");
}

function high(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}
