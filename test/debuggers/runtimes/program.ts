// For tests: a program of a language with a runtime, under its own debugger, launched or attached to, and watched by a session.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { AgentKeeper } from "../../../src/agent/keeper.ts";
import { NO_LOG } from "../../../src/common/log.ts";
import { topFrame } from "../../../src/debuggers/frame.ts";
import type { AdapterCommand } from "../../../src/debuggers/launcher.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import type { Step } from "../../../src/recording/step.ts";
import { type DrivenMotion, Driver } from "../../../src/session/driver.ts";
import { type ArmSettings, TrackedSession } from "../../../src/session/tracked-session.ts";
import { AdapterProcess } from "../../../src/trace/adapter-process.ts";
import { DapClient } from "../../../src/trace/dap-client.ts";
import { DEFAULT_ARM_OPTIONS, DEFAULT_CONTENTS_PAGES } from "../../../src/tracker/policy.ts";
import type { Told } from "../../foreign/watched.ts";

const agentModule = fileURLToPath(new URL("../../../src/agent/main.ts", import.meta.url));
const PATIENCE = 30_000;

export interface Start {
  readonly debugType: string;
  readonly command: AdapterCommand;
  /** Of the launch configuration; `request` says which it is. */
  readonly configuration: { readonly request: "launch" | "attach"; readonly [name: string]: unknown };
  readonly breakpoints: { readonly path: string; readonly lines: readonly number[] };
  readonly arm?: ArmSettings;
}

export class RuntimeProgram {
  readonly client: DapClient;
  readonly session: TrackedSession;
  readonly keeper = new AgentKeeper(agentModule, NO_LOG);
  /** What it and its debugger told in output events. */
  output = "";
  private readonly driver: Driver;
  private readonly halts: DebugProtocol.Event[] = [];
  private waiting: ((event: DebugProtocol.Event) => void) | undefined;
  private told = 0;

  private constructor({
    debugType,
    command,
    arm = { ...DEFAULT_ARM_OPTIONS, contentsPages: DEFAULT_CONTENTS_PAGES },
  }: Start) {
    this.client = new DapClient(debugType, new AdapterProcess(command));
    this.session = new TrackedSession("test", "test", this.client, {
      agent: () => this.keeper,
      settings: () => ({ arm, autoArm: false, resident: false }),
    });
    this.driver = new Driver(this.session, this.client);
    this.client.onToAdapter.listen(message => this.session.toAdapter(message));
    this.client.onFromAdapter.listen(message => this.session.fromAdapter(message));
    this.client.onEvent(event => {
      if (event.event === "output") this.output += (event as DebugProtocol.OutputEvent).body.output;
      if (event.event !== "stopped" && event.event !== "terminated") return;
      if (this.waiting) this.waiting(event);
      else this.halts.push(event);
      this.waiting = undefined;
    });
  }

  /** Runs it, or lets it run, to the first breakpoint. @param before called when the breakpoints are set. */
  static async start(start: Start, before?: () => void): Promise<RuntimeProgram> {
    const program = await RuntimeProgram.run(start);
    before?.();
    try {
      await program.halt();
      return program;
    } catch (error) {
      await program.close();
      throw error;
    }
  }

  /** Runs it, or lets it run. */
  static async run(start: Start): Promise<RuntimeProgram> {
    const program = new RuntimeProgram(start);
    try {
      await program.begin(start);
      return program;
    } catch (error) {
      await program.close();
      throw error;
    }
  }

  get thread(): number {
    return this.session.thread ?? 1;
  }

  /** Where it stands, to the instruction. */
  async frame(): Promise<Pick<DebugProtocol.StackFrame, "name" | "line" | "instructionPointerReference">> {
    const { name, line, instructionPointerReference: at } = (await topFrame(this.client, this.thread)) ?? assert.fail();
    return { name, line, ...(at ? { instructionPointerReference: at } : {}) };
  }

  /** In the frame where it stands. */
  async evaluate(expression: string): Promise<unknown> {
    const frame = (await topFrame(this.client, this.thread)) ?? assert.fail();
    return this.client.request("evaluate", { expression, frameId: frame.id, context: "watch" });
  }

  /** The next stop. @throws {Error} it ends first, or nothing comes. */
  async halt(): Promise<DebugProtocol.StoppedEvent["body"]> {
    const event = await this.next();
    if (event.event !== "stopped") throw new Error(`the program has ended: ${this.output.slice(-500)}`);
    return event.body as DebugProtocol.StoppedEvent["body"];
  }

  /** Lets it go as the driver does, to the next stop; and what was told of it. */
  async step(motion: DrivenMotion): Promise<Told> {
    await this.driver.letGo(motion, this.thread);
    await this.halt();
    return this.newlyTold();
  }

  /** Lets it go to its end. */
  async runToEnd(): Promise<void> {
    await this.client.request("continue", { threadId: this.thread });
    while ((await this.next()).event !== "terminated") await this.client.request("continue", { threadId: this.thread });
  }

  /** Everything that was told since this was asked last, when the session has nothing more to say of this stop. */
  async newlyTold(): Promise<Told> {
    await this.session.quiet();
    const steps = [...this.session.recording.steps].filter(({ number }) => number > this.told);
    this.told = steps.at(-1)?.number ?? this.told;
    const { layout } = this.session.recording;
    if (!layout || !this.session.isArmed) throw new Error(this.session.status.message);
    return {
      armed: PageSet.from(layout.armed.map(({ start, end }): [number, number] => [start, end])),
      mappings: layout.mappings,
      steps,
      step: this.told,
      byProgram: unionOf(
        steps.flatMap(each => [each.written, each.discarded, pages(each.created), pages(each.removed)]),
      ),
      byDebugger: unionOf(steps.map(each => each.debugger)),
      isDoubted: steps.some((each: Step) => each.doubts.length > 0),
    };
  }

  async close(): Promise<void> {
    const terminateDebuggee = true;
    const gone = this.client.request("disconnect", { terminateDebuggee }).catch(() => {});
    await Promise.race([gone, new Promise(resolve => setTimeout(resolve, 2000).unref())]);
    this.client.dispose();
    this.keeper.dispose();
  }

  private async begin({ debugType, configuration, breakpoints: { path, lines } }: Start): Promise<void> {
    const { client } = this;
    await client.request("initialize", {
      clientID: "writewatch",
      adapterID: debugType,
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
      supportsVariableType: true,
    });
    const initialized = client.nextEvent(({ event }) => event === "initialized");
    const started = client.request(configuration.request, configuration);
    await Promise.race([initialized, started.then(() => initialized)]);
    await client.request("setBreakpoints", { source: { path }, breakpoints: lines.map(line => ({ line })) });
    await client.request("configurationDone");
    await started;
  }

  private async next(): Promise<DebugProtocol.Event> {
    const ready = this.halts.shift();
    if (ready) return ready;
    return Promise.race([
      new Promise<DebugProtocol.Event>(resolve => {
        this.waiting = resolve;
      }),
      this.client.gone.then((how): never => {
        throw new Error(`${how} ${this.output.slice(-500)}`);
      }),
      new Promise<never>((_, reject) => {
        setTimeout(
          () => reject(new Error(`no stop within ${PATIENCE} ms: ${this.output.slice(-500)}`)),
          PATIENCE,
        ).unref();
      }),
    ]);
  }
}

function pages(ranges: readonly { readonly start: number; readonly end: number }[]): PageSet {
  return PageSet.from(ranges.map(({ start, end }): [number, number] => [start, end]));
}

function unionOf(sets: readonly PageSet[]): PageSet {
  return sets.reduce((all, set) => all.union(set), PageSet.EMPTY);
}
