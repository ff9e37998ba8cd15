// Leads a life on the live kernel under a tracker, with no debugger: it stands wherever it waits for its next line.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LocalAgent } from "../../../src/agent/local.ts";
import type { TrackerHandle } from "../../../src/agent/tracking.ts";
import { isGone } from "../../../src/kernel/kernel-error.ts";
import { linuxKernel } from "../../../src/kernel/linux/linux-kernel.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import type { ArmReport } from "../../../src/tracker/reports.ts";
import { compiled } from "../../compile.ts";
import { faults, parseAccount, type Reported } from "./account.ts";
import type { Life } from "./generate.ts";

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export function lifeExecutable(): string {
  return compiled(path("life.c"), "life", ["-O1", "-g", "-pthread", "-Wall", "-Wextra", "-Werror"]);
}

/** The same for a debugger that steps over its lines. */
export function lifeToStep(): string {
  return compiled(path("life.c"), "life-to-step", ["-O0", "-g", "-pthread"]);
}

/** The line of its source at which it performs until its next stop. */
export function steppedLine(): number {
  const lines = readFileSync(path("life.c"), "utf8").split("\n");
  return lines.findIndex(line => line.includes("// the line that is stepped over")) + 1;
}

/** The same with AddressSanitizer, which reserves terabytes for its shadow of the address space. */
export function sanitizedLife(): string {
  return compiled(path("life.c"), "life-sanitized", ["-O1", "-g", "-pthread", "-fsanitize=address"]);
}

export function lifeLibrary(): string {
  return compiled(path("library.c"), "life-library.so", ["-shared", "-fPIC"]);
}

/** A living one: what it is told it does at once. */
export class LivingProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    if (!child.stdout) throw new Error("a life has no output");
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async start(executable = lifeExecutable()): Promise<LivingProcess> {
    const env = { LIFE_LIBRARY: lifeLibrary(), PATH: "/bin" };
    const life = new LivingProcess(spawn(executable, { stdio: ["pipe", "pipe", "inherit"], env }));
    await life.next();
    return life;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async do(...script: readonly string[]): Promise<string> {
    this.child.stdin?.write(`${script.join("\n")}\n`);
    return this.next();
  }

  tell(...script: readonly string[]): void {
    this.child.stdin?.write(`${script.join("\n")}\n`);
  }

  async next(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`a life ended early: ${this.child.exitCode ?? this.child.signalCode ?? "no code yet"}`);
    return value;
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}

/** What a run of lives came to. */
export interface Counts {
  steps: number;
  written: number;
  execs: number;
}

/**
 * Leads it to its end.
 * @returns what was told wrongly, at the first stop where anything was; none: all was right.
 */
export async function leadLife(life: Life, counts: Counts, executable = lifeExecutable()): Promise<string[]> {
  const process = await LivingProcess.start(executable);
  const tracker = new LocalAgent(() => linuxKernel).tracker();
  try {
    const [before, ...steps] = life.steps;
    await process.do(...before, "stop");
    await arm(process, tracker, life);
    for (const [i, step] of steps.entries()) {
      if (step[0] === "exec") {
        await process.do("exec");
        const after = await tellsThatItIsGone(tracker);
        if (after !== undefined) return [`step ${i + 1}: ${after}`];
        await tracker.disarm();
        await arm(process, tracker, life);
        counts.execs += 1;
        continue;
      }
      const account = parseAccount(await process.do(...step, "stop"));
      const wrong = faults(account, await reported(tracker));
      counts.steps += 1;
      counts.written += account.must.pageCount;
      if (wrong.length > 0) return wrong.map(fault => `step ${i + 1}: ${fault}`);
    }
    return [];
  } finally {
    await tracker.disarm();
    process.kill();
  }
}

/** Has it open a userfaultfd, as a debugger would, and arms. */
export async function arm(
  process: LivingProcess,
  tracker: TrackerHandle,
  { sparsePages }: Pick<Life, "sparsePages">,
): Promise<ArmReport> {
  const descriptor = Number.parseInt(await process.do("userfaultfd"), 16);
  await tracker.attach(process.pid, descriptor, { ...DEFAULT_ARM_OPTIONS, sparsePages });
  process.tell(`close ${descriptor}`);
  return tracker.arm();
}

/** What was written since the last time. */
export async function reported(tracker: TrackerHandle): Promise<Reported> {
  const { written } = await tracker.scan();
  const { late, discarded, notes } = await tracker.settle(false);
  const unsure = notes.filter(({ note }) => note === "read or written");
  return {
    written: written.union(late).subtract(discarded),
    orRead: PageSet.from(unsure.map(({ start, end }): [number, number] => [start, end])),
  };
}

async function tellsThatItIsGone(tracker: TrackerHandle): Promise<string | undefined> {
  try {
    await tracker.scan();
    return "a scan after exec told nothing of it";
  } catch (error) {
    return isGone(error) ? undefined : `a scan after exec: ${error}`;
  }
}
