// What Stop at Write costs: the run before the first hit, arming, from a store to its notification, a miss.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { compiled } from "../compile.ts";
import { median } from "./yardstick.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const BYTES = 1024 ** 3;
/** Of one round: some 20 ms. */
const CALLS = 5_000;
/** Rounds of each state, each beside one of a program that nobody watches. */
const PAIRS = 41;
const ROUNDS = 9;
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

  /** Milliseconds of its processor time for some calls. */
  async calls(): Promise<number> {
    return (await this.do("calls", CALLS))[0] / 1e6;
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}

/**
 * How much longer its calls take than another program's, round by round in turn: what the machine does meanwhile, it does to both.
 * Processor time: waiting for a processor is nobody's cost here.
 */
async function besides(program: Program, other: Program): Promise<number> {
  // The first calls find pages that are told as written from then on.
  await program.calls();
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const [one, two] = pair % 2 === 0 ? [program, other] : [other, program];
    const first = await one.calls();
    const second = await two.calls();
    ratios.push(pair % 2 === 0 ? first / second : second / first);
  }
  return median(ratios);
}

/** Milliseconds that a process's threads have worked (fs/proc/base.c, proc_pid_schedstat). */
function workedBy(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const times = tasks.map(task => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1").split(" ")[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** The process that was forked for the agent. */
function agentPid(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1").trim().split(" ");
  const isAgent = (pid: string): boolean => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("agent.cjs");
  const pid = children.findLast(isAgent);
  if (pid === undefined) throw new Error("there is no agent");
  return Number(pid);
}

/** A table of what was measured. */
export async function watchTable(): Promise<string> {
  const program = await Program.start();
  // Nobody watches it: the yardstick of the same minutes.
  const other = await Program.start();
  const agent = new AgentKeeper(path("../../dist/agent.cjs"), NO_LOG);
  const tracker = agent.tracker();
  const { watches } = tracker;
  try {
    const rows: string[] = [];
    const row = (what: string, value: string): void => void rows.push(`| ${what} | ${value} |`);
    const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;

    const alone = await besides(program, other);
    await tracker.attach(program.pid, program.tracking, DEFAULT_ARM_OPTIONS);
    await program.do("close", program.tracking);
    await tracker.arm();
    const armed = await besides(program, other);
    await watches.attach(program.pid, program.watching);
    await program.do("close", program.watching);
    const whole = { start: program.address, end: program.address + BYTES };
    const pid = agentPid();
    const arming: number[] = [];
    const worked: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await watches.set([]);
      const before = workedBy(pid);
      const begin = performance.now();
      await watches.set([whole]);
      arming.push(performance.now() - begin);
      worked.push(workedBy(pid) - before);
      bare.push((await other.do("hand", 0))[0] / 1e6);
    }
    const watched = await besides(program, other);
    const times = (ratio: number): string => `${ratio.toFixed(3)} times`;
    row("processor time before the first hit, 1 GiB watched, against not armed", times(watched / alone));
    row("the same against armed alone", times(watched / armed));
    row("armed alone against not armed", times(armed / alone));
    row("watching 1 GiB, all populated and armed before, by the clock", ms(median(arming)));
    row("the agent's processor time of it", ms(median(worked)));
    row("of the three system calls alone, from C", ms(median(bare)));

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
    other.kill();
  }
}

/** Milliseconds that each store took, of begin and end in nanoseconds. */
function durations(times: readonly number[]): number[] {
  return times.flatMap((begin, i) => (i % 2 === 0 ? [(times[i + 1] - begin) / 1e6] : [])).slice(WARM_UP);
}

function high(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}
