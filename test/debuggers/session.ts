// For tests: a program under a real debugger, watched by a session, step by step.
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import type { Step } from "../../src/recording/step.ts";
import { type ArmSettings, TrackedSession } from "../../src/session/tracked-session.ts";
import type { Adapter } from "../../src/trace/adapters.ts";
import { type Happening, LaunchedProgram } from "../../src/trace/debuggee.ts";
import { ProgramOutput } from "../../src/trace/program-output.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { type AdapterName, adapterOf } from "../debuggers-here.ts";

const agentModule = fileURLToPath(new URL("../../src/agent/main.ts", import.meta.url));

export class WatchedProgram {
  readonly adapter: Adapter;
  readonly launched: LaunchedProgram;
  readonly session: TrackedSession;
  readonly keeper = new AgentKeeper(agentModule, NO_LOG);
  private readonly output: ProgramOutput;

  private constructor(
    name: AdapterName,
    outputFile: string,
    arm: ArmSettings,
    placePatience: number,
    localsAfter?: number,
  ) {
    this.adapter = adapterOf(name);
    this.output = new ProgramOutput(outputFile);
    this.launched = new LaunchedProgram(this.adapter, 30_000);
    this.session = new TrackedSession("test", "test", this.launched.client, {
      agent: () => this.keeper,
      settings: () => ({ arm, autoArm: false, resident: false }),
      placePatience,
      ...(localsAfter === undefined ? {} : { localsAfter }),
    });
    this.launched.client.onToAdapter.listen(message => this.session.toAdapter(message));
    this.launched.client.onFromAdapter.listen(message => this.session.fromAdapter(message));
  }

  /**
   * Runs the program to a function and stops there.
   * @param placePatience, localsAfter as in a session's {@link Surroundings}.
   */
  static async start(
    name: AdapterName,
    program: string,
    outputFile: string,
    location = "main",
    arm: ArmSettings = DEFAULT_ARM_OPTIONS,
    placePatience = 0,
    localsAfter?: number,
  ): Promise<WatchedProgram> {
    const watched = new WatchedProgram(name, outputFile, arm, placePatience, localsAfter);
    const { launched, output } = watched;
    await launched.launch({ program, args: [], cwd: "/", input: "/dev/null", output: output.path }, location);
    await launched.next();
    return watched;
  }

  /** All steps told so far, as fully as they are known by now. */
  get steps(): readonly Step[] {
    return [...this.session.recording.steps];
  }

  async arm(): Promise<void> {
    await this.session.arm();
    this.launched.forgetStops();
  }

  async request(command: "next" | "stepIn" | "stepOut" | "continue"): Promise<Happening> {
    const { thread } = this;
    await this.launched.client.request(command, { threadId: thread });
    const happening = await this.launched.next();
    if (happening.kind === "stopped") this.lastThread = happening.threadId;
    return happening;
  }

  private lastThread: number | undefined;

  private get thread(): number {
    return this.lastThread ?? this.session.thread ?? 1;
  }

  /** Waits until the session has done what it was asked so far. */
  settled(): Promise<unknown> {
    return this.session.quiet();
  }

  async close(): Promise<void> {
    await this.launched.dispose();
    this.keeper.dispose();
    await this.output.close();
  }
}
