// Runs one simulated program three ways: its own account, the tracker on the simulated kernel, and the tracker on the live kernel.

import { DEBUGGEE_UFFD_FLAGS } from "../../../src/kernel/abi.ts";
import { linuxKernel } from "../../../src/kernel/linux/linux-kernel.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import { type KernelProfile, LINUX_6_18 } from "../../../src/kernel/simulated/profile.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { formatAddress, pageOf } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { compileProgram } from "../../../src/simulation/compile/program.ts";
import { Execution, type Outcome } from "../../../src/simulation/run/execution.ts";
import type { Thread } from "../../../src/simulation/run/thread.ts";
import { LiveProcess } from "./live-process.ts";
import { bytesDone, type Operation } from "./operation.ts";
import { Recorder } from "./recorder.ts";
import { Truth } from "./truth.ts";
import { type Stop, Watched } from "./watched.ts";

export interface RunOptions {
  /** Lets the program run to its next stop; absent: a statement of the first thread, calls and all. */
  readonly advance?: (execution: Execution) => Outcome;
  /** Whether the live kernel takes part. */
  readonly live?: boolean;
  /** Microseconds that the live process's threads rest after each operation. */
  readonly linger?: number;
  readonly profile?: KernelProfile;
}

export interface StepRecord {
  readonly line: number;
  /** Pages the process itself stored to, whatever became of them. */
  readonly stored: PageSet;
  /** Pages that system calls mapped, unmapped, moved, gave back or wrote. */
  readonly called: PageSet;
  /** What the tracker told, on either kernel. */
  readonly told: readonly Stop[];
}

export interface Result {
  readonly steps: readonly StepRecord[];
  readonly exitCode: number | undefined;
  readonly output: string;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

/** Where the simulated stack ends; whatever a live process has of its own lies higher. */
const END = pageOf(0x300000000000);

/** A program that takes more has gone astray. */
const MOST_STEPS = 2000;

export async function runThreeWays(source: string, options: RunOptions = {}): Promise<Result> {
  const live = options.live === false ? undefined : await LiveProcess.start(options.linger);
  try {
    return await new ThreeWays(source, options, live).run();
  } finally {
    live?.close();
  }
}

class ThreeWays {
  private readonly options: RunOptions;
  private readonly live: LiveProcess | undefined;
  private readonly recorder = new Recorder();
  private readonly execution: Execution;
  private readonly main: Thread;
  private readonly steps: StepRecord[] = [];
  private readonly problems: string[] = [];
  private output = "";

  constructor(source: string, options: RunOptions, live: LiveProcess | undefined) {
    this.options = options;
    this.live = live;
    const machine = new Machine(options.profile ?? LINUX_6_18);
    this.execution = new Execution(compileProgram(source), {
      machine,
      wrap: this.recorder.wrap,
      output: text => {
        this.output += text;
      },
    });
    this.main = this.execution.threads[0] as Thread;
  }

  async run(): Promise<Result> {
    const { execution, main, recorder } = this;
    const advance = this.options.advance ?? (() => execution.step(main));
    const process = execution.main.kernel;
    // What came before the first stop.
    await this.follow(recorder.take(), "before the first stop");
    const truth = new Truth(process.mappings());
    const watched = await this.arm();
    let outcome: Outcome;
    do {
      const line = this.line;
      outcome = advance(execution);
      const operations = recorder.take();
      if (outcome.kind === "exited") break;
      const where = `step ${this.steps.length + 1}, line ${line}`;
      await this.follow(operations, where);
      for (const operation of operations) truth.perform(operation);
      const told: Stop[] = [];
      for (const one of watched) told.push(await one.stop(END));
      this.judge(where, told, truth.stop(process.mappings()));
      this.steps.push({ line, ...accesses(operations), told });
    } while (outcome.kind !== "fault" && this.problems.length === 0 && this.steps.length < MOST_STEPS);
    if (outcome.kind === "fault")
      this.problems.push(`line ${this.line}: ${outcome.fault.signal}, ${outcome.fault.message}`);
    if (this.steps.length === MOST_STEPS) this.problems.push("the program does not end");
    for (const one of watched) await one.close();
    return { steps: this.steps, exitCode: execution.main.exitCode, output: this.output, problems: this.problems };
  }

  private async arm(): Promise<Watched[]> {
    const { execution, live } = this;
    const process = execution.main.kernel;
    const descriptor = process.userfaultfd(DEBUGGEE_UFFD_FLAGS);
    const kernel = simulatedKernel(() => execution.machine);
    const watched = [await Watched.arm(kernel, process.pid, descriptor)];
    process.close(descriptor);
    await live?.withUserfaultfd(async number => {
      watched.push(await Watched.arm(linuxKernel, live.pid, number));
    });
    return watched;
  }

  private async follow(operations: readonly Operation[], where: string): Promise<void> {
    const problems = (await this.live?.perform(operations)) ?? [];
    this.problems.push(...problems.map(problem => `${where}: ${problem}`));
  }

  private judge(where: string, [simulated, live]: readonly Stop[], truth: ReturnType<Truth["stop"]>): void {
    const complain = (pages: PageSet, what: string): void => {
      if (!pages.isEmpty) this.problems.push(`${where}: ${pages.pageCount} pages ${what}: ${toText(pages)}`);
    };
    const { written, may } = truth;
    complain(written.subtract(simulated.written), "the program wrote are not reported");
    complain(simulated.written.subtract(written).subtract(may), "reported that the program did not write");
    complain(simulated.again, "told twice by the simulated kernel");
    if (!live) return;
    complain(live.again, "told twice by the live kernel");
    for (const what of ["written", "discarded", "created", "removed"] as const) {
      complain(simulated[what].subtract(live[what]), `are ${what} on the simulated kernel only`);
      complain(live[what].subtract(simulated[what]), `are ${what} on the live kernel only`);
    }
  }

  private get line(): number {
    return this.execution.program.marks[this.main.pc]?.span.start.line ?? 0;
  }
}

function accesses(operations: readonly Operation[]): Pick<StepRecord, "stored" | "called"> {
  const stored: [number, number][] = [];
  const called: [number, number][] = [];
  for (const { process, call, args, result } of operations) {
    const [first, second, third] = args.map(Number);
    const pages = (address: number, bytes: number): [number, number] => [
      pageOf(address),
      bytes > 0 ? pageOf(address + bytes - 1) + 1 : 0,
    ];
    if (call === "vmwrite" && first === 0) called.push(pages(second, third));
    if (process !== 0) continue;
    if (call === "store") stored.push(pages(first, bytesDone(result)));
    else if (call === "mmap") called.push(pages(result, second));
    else if (call === "mremap") called.push(pages(first, second), pages(result, third));
    else if (call === "munmap" || call === "madvise") called.push(pages(first, second));
    else if (call === "brk") called.push(pages(Math.min(second, result), Math.abs(second - result)));
  }
  return { stored: PageSet.from(stored), called: PageSet.from(called) };
}

function toText(pages: PageSet): string {
  const runs = [...pages.pairs()].map(([start, end]) => `${formatAddress(start)}-${formatAddress(end)}`);
  return runs.slice(0, 6).join(" ") + (runs.length > 6 ? ` and ${runs.length - 6} more` : "");
}
