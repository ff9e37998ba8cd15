// A program of others under a real debugger, watched by a session: the one file of this suite that knows the session's interface.
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import type { Mapping } from "../../src/memory/mapping.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import type { Recording } from "../../src/recording/recording.ts";
import type { Step } from "../../src/recording/step.ts";
import { type DrivenMotion, Driver } from "../../src/session/driver.ts";
import { TrackedSession } from "../../src/session/tracked-session.ts";
import { findAdapter } from "../../src/trace/adapters.ts";
import { type Happening, LaunchedProgram } from "../../src/trace/debuggee.ts";
import { ProgramOutput } from "../../src/trace/program-output.ts";
import { DEFAULT_ARM_OPTIONS, DEFAULT_CONTENTS_PAGES } from "../../src/tracker/policy.ts";
import { Halting } from "./halting.ts";

const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));

/** What no program takes to its end, nor a debugger to an answer, however busy the machine. */
const PATIENCE = 100_000;

/** What a session has told since it was asked last. */
export interface Told {
  /** As whom it names the last of the steps. */
  readonly step: number;
  /** Written by the program, given back to the kernel, or new. */
  readonly byProgram: PageSet;
  /** Written by the debugger while the program stood. */
  readonly byDebugger: PageSet;
  /** Some of the program's pages may be the debugger's, and the step says so. */
  readonly isDoubted: boolean;
  /** All pages under watch now. */
  readonly armed: PageSet;
  readonly mappings: readonly Mapping[];
  /** The steps themselves. */
  readonly steps: readonly Step[];
}

export class WatchedProgram {
  private readonly launched: LaunchedProgram;
  private readonly session: TrackedSession;
  private readonly driver: Driver;
  private readonly halting: Halting;
  private readonly keeper = new AgentKeeper(agentModule, NO_LOG);
  private readonly output: ProgramOutput;
  /** From each `stopped` event to the step told of it, milliseconds. */
  readonly latencies: number[] = [];
  private stoppedAt: number | undefined;
  private told = 0;
  private pending: Promise<Happening> | undefined;

  private constructor(name: DebuggerName, outputFile: string) {
    this.output = new ProgramOutput(outputFile);
    this.launched = new LaunchedProgram(findAdapter(name), PATIENCE);
    const { client } = this.launched;
    this.session = new TrackedSession("foreign", "foreign", client, {
      agent: () => this.keeper,
      settings: () => ({
        arm: { ...DEFAULT_ARM_OPTIONS, contentsPages: DEFAULT_CONTENTS_PAGES },
        autoArm: false,
        resident: false,
      }),
    });
    this.driver = new Driver(this.session, client);
    this.halting = new Halting(client);
    client.onToAdapter.listen(message => this.session.toAdapter(message));
    client.onFromAdapter.listen(message => {
      if ((message as { readonly event?: string }).event === "stopped") this.stoppedAt ??= performance.now();
      this.session.fromAdapter(message);
    });
    this.session.onStep.listen(() => {
      if (this.stoppedAt !== undefined) this.latencies.push(performance.now() - this.stoppedAt);
      this.stoppedAt = undefined;
    });
  }

  /** Starts the program; it runs. */
  static async start(
    name: DebuggerName,
    program: {
      readonly path: string;
      readonly args: readonly string[];
      readonly folder: string;
    },
    outputFile: string,
  ): Promise<WatchedProgram> {
    const watched = new WatchedProgram(name, outputFile);
    const { launched, output } = watched;
    try {
      const { path, args, folder } = program;
      await launched.launch({ program: path, args, cwd: folder, input: "/dev/null", output: output.path });
    } catch (error) {
      await watched.close();
      throw error;
    }
    return watched;
  }

  /** The process, as soon as the debugger or the arming has told it. */
  get pid(): number | undefined {
    return this.session.processId;
  }

  get recording(): Recording {
    return this.session.recording;
  }

  async arm(): Promise<void> {
    await this.session.arm();
    this.launched.forgetStops();
  }

  disarm(): Promise<void> {
    return this.session.disarm();
  }

  /** All pages under watch, and the mappings they lie in. */
  get armed(): Pick<Told, "armed" | "mappings"> {
    const { layout } = this.session.recording;
    if (!layout || !this.session.isArmed) throw new Error(this.session.status.message);
    return {
      armed: PageSet.from(layout.armed.map(({ start, end }): [number, number] => [start, end])),
      mappings: layout.mappings,
    };
  }

  /** Lets the program go as the driver does. @throws {DapError} refused: it stands where it stood. */
  async letGo(motion: DrivenMotion | "nextInstruction" | "stepInInstruction"): Promise<void> {
    const threadId = this.session.thread ?? 1;
    this.launched.forgetStops();
    this.halting.willRun();
    if (motion !== "nextInstruction" && motion !== "stepInInstruction") return this.driver.letGo(motion, threadId);
    await this.session.bookToDebugger();
    const command = motion === "nextInstruction" ? "next" : "stepIn";
    await this.launched.client.request(command, { threadId, granularity: "instruction" });
  }

  /** Lets it go without more ado, after it has been disarmed. */
  async run(): Promise<void> {
    await this.halting.forgetSteps();
    this.launched.forgetStops();
    this.halting.willRun();
    await this.launched.client.request("continue", { threadId: this.session.thread ?? 1 });
  }

  /** Pauses a program that does not stop by itself. */
  pause(): Promise<void> {
    return this.halting.pause();
  }

  /** Halts a program that may come to a stop by itself this very moment. */
  halt(): Promise<void> {
    return this.halting.halt(this.session.thread ?? this.pid ?? 0);
  }

  /** Breakpoints at functions of these names, and no others. */
  async breakAt(names: readonly string[]): Promise<void> {
    const breakpoints = names.map(name => ({ name }));
    await this.launched.client.request("setFunctionBreakpoints", { breakpoints });
  }

  /** What the program does next, if it does so within some milliseconds; may be asked again and again. */
  async happening(milliseconds = PATIENCE): Promise<Happening | undefined> {
    this.pending ??= this.launched.next();
    let timer: NodeJS.Timeout | undefined;
    const found = await Promise.race([
      this.pending,
      new Promise<undefined>(resolve => {
        timer = setTimeout(() => resolve(undefined), milliseconds);
      }),
    ]);
    clearTimeout(timer);
    if (found) this.pending = undefined;
    return found;
  }

  /** Everything that was told since this was asked last, when the session has nothing more to say of this stop. */
  async newlyTold(): Promise<Told> {
    await this.session.quiet();
    return this.take();
  }

  /** The same, and what was written since: what the debugger did while the program stood. */
  async lastWords(): Promise<Told> {
    await this.session.scanNow();
    await this.session.quiet();
    return this.take();
  }

  /** Ends the program, its debugger and the agent. */
  async close(): Promise<void> {
    this.pending?.catch(() => {});
    await this.launched.dispose();
    this.keeper.dispose();
    await this.output.close();
  }

  private take(): Told {
    const steps = [...this.session.recording.steps].filter(({ number }) => number > this.told);
    this.told = steps.at(-1)?.number ?? this.told;
    return {
      ...this.armed,
      steps,
      step: this.told,
      byProgram: unionOf(
        steps.flatMap(step => [step.written, step.discarded, pagesOf(step.created), pagesOf(step.removed)]),
      ),
      byDebugger: unionOf(steps.map(step => step.debugger)),
      isDoubted: steps.some((step: Step) => step.doubts.length > 0),
    };
  }
}

function pagesOf(mappings: readonly Mapping[]): PageSet {
  return PageSet.from(mappings.map(({ start, end }): [number, number] => [start, end]));
}

function unionOf(sets: readonly PageSet[]): PageSet {
  return sets.reduce((all, set) => all.union(set), PageSet.EMPTY);
}
