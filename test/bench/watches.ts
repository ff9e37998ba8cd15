// What Stop at Write costs: the run before the first hit, arming, from a store to its notification, a miss.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { compiled } from "../compile.ts";
import { median } from "./yardstick.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const BYTES = 1024 ** 3;
const CALLS = 300_000;
const ROUNDS = 7;
const STORES = 300;
/** The first ones find code not compiled yet. */
const WARM_UP = 50;

class Program {
  readonly address: number;
  readonly tracking: number;
  readonly watching: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, first: string) {
    this.child = child;
    this.lines = lines;
    [this.address, this.tracking, this.watching] = first.split(" ").map(Number);
  }

  static async start(): Promise<Program> {
    const child = spawn(compiled(path("watched.c"), "watched", ["-O2"]), [String(BYTES)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Program(child, lines, (await lines.next()).value ?? "");
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async do(command: string, count: number): Promise<number[]> {
    this.child.stdin?.write(`${command} ${count}\n`);
    return String((await this.lines.next()).value)
      .trim()
      .split(" ")
      .map(Number);
  }

  /** Milliseconds of so many calls, the median of some rounds. */
  async calls(): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push((await this.do("calls", CALLS))[0] / 1e6);
    return median(times);
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}

/** A table of what was measured. */
export async function watchTable(): Promise<string> {
  const program = await Program.start();
  const agent = new AgentKeeper(path("../../dist/agent.cjs"), NO_LOG);
  const tracker = agent.tracker();
  const { watches } = tracker;
  try {
    const rows: string[] = [];
    const row = (what: string, value: string): void => void rows.push(`| ${what} | ${value} |`);
    const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

    const alone = await program.calls();
    await tracker.attach(program.pid, program.tracking, DEFAULT_ARM_OPTIONS);
    await program.do("close", program.tracking);
    await tracker.arm();
    await program.calls();
    const armed = await program.calls();
    await watches.attach(program.pid, program.watching);
    await program.do("close", program.watching);
    const whole = { start: program.address, end: program.address + BYTES };
    const arming: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await watches.set([]);
      const begin = performance.now();
      await watches.set([whole]);
      arming.push(performance.now() - begin);
    }
    const watched = await program.calls();
    row("run before the first hit, 1 GiB watched, against not armed", (watched / alone).toFixed(3));
    row("the same against armed alone", (watched / armed).toFixed(3));
    row("watching 1 GiB, all populated and armed before", ms(median(arming)));

    const told: number[] = [];
    let isHit = true;
    const hearing = watches.onHit(({ id, waits }) => {
      told.push(Number(process.hrtime.bigint()));
      if (waits) void watches.pass(id);
      isHit = waits;
    });
    const stores = await program.do("stores", STORES);
    if (told.length !== STORES || !isHit) throw new Error(`${told.length} of ${STORES} stores were told`);
    const toNotice = told.map((time, i) => (time - stores[i * 2]) / 1e6).slice(WARM_UP);
    row("from the store to its notification", `${ms(median(toNotice))}, 95 of 100 within ${ms(high(toNotice))}`);
    const through = durations(stores);
    row("from the store until it is done, passed at once", `${ms(median(through))}, ${ms(high(through))}`);

    await watches.set([{ start: program.address, end: program.address + 8 }]);
    told.length = 0;
    const missed = durations(await program.do("stores", STORES));
    if (told.length > 0) throw new Error("a miss was told");
    row("a miss on an edge page, without steps", `${ms(median(missed))}, ${ms(high(missed))}`);
    hearing.dispose();
    const head = "\nStop at Write: medians, and of some the 95th of 100.\n\n| what | measured |\n|:--|:--|";
    return [head, ...rows].join("\n");
  } finally {
    agent.dispose();
    program.kill();
  }
}

/** Milliseconds that each store took, of begin and end in nanoseconds. */
function durations(times: readonly number[]): number[] {
  return times.flatMap((begin, i) => (i % 2 === 0 ? [(times[i + 1] - begin) / 1e6] : [])).slice(WARM_UP);
}

function high(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}
