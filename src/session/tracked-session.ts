// One debug session as the tracker sees it: a state machine over the DAP messages that go by, whoever owns the connection.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CancellationToken } from "vscode-jsonrpc";
import { AgentGone, type TrackerHandle, type TrackingAgent, whatIsMissing } from "../agent/tracking.ts";
import { Emitter } from "../common/emitter.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { topFrame } from "../debuggers/frame.ts";
import { debuggerFor, knownDebuggers } from "../debuggers/index.ts";
import { attachThroughDebugger } from "../debuggers/injection.ts";
import { isGone } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { PageSet } from "../memory/page-set.ts";
import { LiveRecording } from "../recording/live.ts";
import type { Recording } from "../recording/recording.ts";
import { kernelPages, type SourceLocation, type Step } from "../recording/step.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import type { Phase } from "./phase.ts";
import { locationOf, placeOf } from "./stack.ts";
import type { SessionStatus } from "./status.ts";
import { mayWrite, resumes } from "./writing-requests.ts";

export interface SessionSettings {
  readonly arm: ArmOptions;
  /** Arm by itself at the first stop. */
  readonly autoArm: boolean;
  /** Whether anyone wants to know which pages are in memory. */
  readonly resident: boolean;
}

/** What a session needs of its surroundings. */
export interface Surroundings {
  /** A living agent for debug sessions of that type; starts one where there is none. */
  agent(debugType: string): TrackingAgent;
  settings(): SessionSettings;
}

const HOW_TO_ARM = "Stop at a breakpoint and arm to see what each step writes.";

export class TrackedSession {
  readonly id: string;
  readonly name: string;
  /** The present run of the program. */
  recording: LiveRecording;
  /** Earlier runs of the same session (it was restarted), oldest first. */
  readonly closedRuns: readonly Recording[] = [];
  /** Anything of the session's state has changed. */
  readonly onChange = new Emitter<void>();
  /** A step is complete. */
  readonly onStep = new Emitter<Step>();

  phase: Phase = "found";
  message = HOW_TO_ARM;
  pid: number | undefined;
  armed: ArmReport | undefined;
  layout: Layout | undefined;

  private readonly port: AdapterPort;
  private readonly surroundings: Surroundings;
  private tracker: TrackerHandle | undefined;
  private announcedPid: number | undefined;
  private stoppedThread: number | undefined;
  /** Where the program stood at the last stop. */
  location: SourceLocation | undefined;
  private byDebugger = PageSet.EMPTY;
  private stepNumber = 0;
  /** Counts resumptions, so that a result can tell whether the program ran on meanwhile. */
  private runs = 0;
  private injecting = false;
  /** Work on the tracker goes one piece after another. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(id: string, name: string, port: AdapterPort, surroundings: Surroundings) {
    this.id = id;
    this.name = name;
    this.port = port;
    this.surroundings = surroundings;
    this.recording = new LiveRecording(name);
  }

  get status(): SessionStatus {
    const { phase, isArmed } = this;
    const stopped = phase === "stopped" || phase === "lost";
    const hasSteps = this.recording.steps.count > 0;
    return {
      program: phase === "ended" ? "ended" : stopped ? "stopped" : phase === "found" ? "starting" : "running",
      memory: phase === "arming" ? "arming" : phase === "lost" ? "lost" : isArmed ? "armed" : "unarmed",
      message: this.message,
      isProblem: phase === "lost" || this.message.startsWith("Not armed"),
      can: {
        arm: stopped && !isArmed,
        disarm: isArmed || phase === "arming",
        scan: stopped && isArmed,
        reset: hasSteps,
        export: hasSteps,
        everArm: debuggerFor(this.debugType) !== undefined,
      },
    };
  }

  get debugType(): string {
    return this.port.debugType;
  }

  /** The thread that stopped last; undefined while the program runs. */
  get thread(): number | undefined {
    return this.stoppedThread;
  }

  /** The debuggee's process, so far as it is known: before arming only what the debugger has told by itself. */
  get processId(): number | undefined {
    return this.pid ?? this.announcedPid;
  }

  get isArmed(): boolean {
    return this.tracker !== undefined;
  }

  /** Watches a message on its way to the adapter. */
  toAdapter(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === "request" && resumes((message as DebugProtocol.Request).command)) this.resumed();
  }

  /** Watches a message on its way from the adapter. */
  fromAdapter(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === "event") {
      this.observeEvent(message as DebugProtocol.Event);
    } else if (message.type === "response") {
      const { command } = message as DebugProtocol.Response;
      if (mayWrite(command) && this.phase === "stopped" && this.tracker) void this.bookToDebugger();
    }
  }

  /**
   * Arms the stopped debuggee.
   * @throws {Error} with what was tried and the remedy; nothing is armed then.
   */
  arm(token?: CancellationToken): Promise<void> {
    return this.enqueue(async () => {
      if (this.tracker) return;
      const threadId = this.stoppedThread;
      if (threadId === undefined) throw new Error(`The program is not stopped. ${HOW_TO_ARM}`);
      const nativeDebugger = debuggerFor(this.debugType);
      if (!nativeDebugger) {
        throw new Error(
          `WriteWatch does not know how to call a function through the debugger '${this.debugType}'. ` +
            `It knows ${knownDebuggers().join(", ")}.`,
        );
      }
      this.enter("arming", "Arming…");
      try {
        const frame = await topFrame(this.port, threadId);
        if (!frame) throw new Error("The debugger shows no stack frame to run a call in.");
        const context = { port: this.port, threadId, announcedPid: this.announcedPid };
        const pid = await nativeDebugger.processId(context);
        const agent = this.surroundings.agent(this.debugType);
        await requireKernel(agent);
        const tracker = agent.tracker();
        this.injecting = true;
        await attachThroughDebugger(
          { debugger: nativeDebugger, context, pid },
          tracker,
          agent.pid,
          this.surroundings.settings().arm,
        ).finally(() => {
          this.injecting = false;
        });
        const { layout, ...report } = await tracker.arm(token);
        this.armedWith(agent, tracker, pid, report, layout, placeOf(frame));
        await this.settleQuietly(tracker);
      } catch (error) {
        if (this.phase === "arming") this.enter("stopped", `Not armed: ${explainKernelError(error)}`);
        throw new Error(explainKernelError(error), { cause: error });
      }
    });
  }

  /** Scans outside the steps; what was written since the last stop is booked as a step of its own. */
  scanNow(): Promise<Step | undefined> {
    return this.enqueue(() => this.takeStep(this.stoppedThread));
  }

  /** Books what was written since the last scan to the debugger; of use just before the program goes on. */
  async bookToDebugger(): Promise<void> {
    const runs = this.runs;
    await this.enqueue(async () => {
      if (!this.tracker || runs !== this.runs) return;
      const report = await this.attempt(tracker => tracker.scan());
      if (report) this.byDebugger = this.byDebugger.union(report.written).union(report.text);
    });
  }

  /** Forgets all steps; the memory stays armed. */
  reset(): void {
    this.recording.clear();
    this.stepNumber = 0;
    this.onChange.fire();
  }

  disarm(): Promise<void> {
    return this.enqueue(async () => {
      const { tracker } = this;
      this.tracker = undefined;
      await tracker?.disarm().catch(() => {});
      if (this.phase !== "ended") this.enter(this.stoppedThread === undefined ? "running" : "stopped", HOW_TO_ARM);
    });
  }

  /** The debug session is over; its steps stay. */
  ended(message = "The program has ended."): void {
    if (this.phase === "ended") return;
    const { tracker } = this;
    this.tracker = undefined;
    this.stoppedThread = undefined;
    this.enter("ended", message);
    void tracker?.disarm().catch(() => {});
  }

  private observeEvent(event: DebugProtocol.Event): void {
    switch (event.event) {
      case "process":
        this.announcedPid = (event as DebugProtocol.ProcessEvent).body.systemProcessId;
        break;
      case "stopped":
        if (!this.injecting) this.stopped((event as DebugProtocol.StoppedEvent).body);
        break;
      case "continued":
        if (!this.injecting) this.resumed();
        break;
      case "exited":
      case "terminated":
        this.ended();
        break;
    }
  }

  private stopped({ threadId }: DebugProtocol.StoppedEvent["body"]): void {
    this.stoppedThread = threadId ?? this.stoppedThread ?? 1;
    if (this.tracker) {
      const thread = this.stoppedThread;
      void this.enqueue(() => this.takeStep(thread));
      return;
    }
    if (this.phase !== "lost") this.enter("stopped", HOW_TO_ARM);
    // Not on the way of the message: whoever waits for it must see the stop first.
    if (this.surroundings.settings().autoArm && this.phase === "stopped" && this.armed === undefined) {
      setTimeout(() => void this.arm().catch(() => {}));
    }
  }

  private resumed(): void {
    if (this.phase === "ended") return;
    this.runs += 1;
    this.stoppedThread = undefined;
    if (this.phase !== "lost") this.enter("running", this.tracker ? "Running; armed." : HOW_TO_ARM);
  }

  private async takeStep(threadId: number | undefined): Promise<Step | undefined> {
    const { runs } = this;
    // Asked at once, before the window asks for stacks and variables of its own: a debugger answers one after another.
    const place = threadId === undefined || !this.tracker ? undefined : locationOf(this.port, threadId);
    const report = await this.attempt(tracker => tracker.scan());
    if (!report) return undefined;
    const shared = threadId !== undefined && runs !== this.runs;
    const settlement = await this.attempt(tracker => tracker.settle(this.surroundings.settings().resident));
    const to = shared ? undefined : await place;
    if (settlement?.layout) this.setLayout(settlement.layout);
    if (settlement?.resident) this.recording.setResident(settlement.resident);
    const written = writtenBy(report, settlement);
    const step: Step = {
      number: ++this.stepNumber,
      ...(this.location ? { from: this.location } : {}),
      ...(to ? { to } : {}),
      written,
      discarded: settlement?.discarded ?? PageSet.EMPTY,
      debugger: this.byDebugger.union(report.text),
      created: settlement?.created ?? [],
      removed: settlement?.removed ?? [],
      notes: settlement?.notes ?? [],
      layout: this.layout ?? { mappings: [], armed: [], notArmed: [] },
      scanMicroseconds: report.microseconds,
      by: "run",
      stops: 1,
      kernel: kernelPages(written, settlement?.notes ?? []),
      doubts: shared ? ["debugger in flight"] : [],
      settled: true,
    };
    this.byDebugger = PageSet.EMPTY;
    this.location = to;
    this.recording.addStep(step);
    if (this.phase === "running" && runs === this.runs) this.enter("stopped", "Stopped; armed.");
    this.onStep.fire(step);
    return step;
  }

  private armedWith(
    agent: TrackingAgent,
    tracker: TrackerHandle,
    pid: number,
    report: ArmReport,
    layout: Layout,
    location: SourceLocation,
  ): void {
    this.tracker = tracker;
    this.pid = pid;
    this.armed = report;
    this.layout = layout;
    this.recording.armed(pid, report, layout);
    this.location = location;
    this.byDebugger = PageSet.EMPTY;
    void agent.gone.then(how =>
      this.lose(tracker, `${how}; the kernel has disarmed everything and the program runs on.`),
    );
    this.enter("stopped", "Stopped; armed.");
  }

  /** Learns which pages are in memory; what the mappings did since is no step. */
  private async settleQuietly(tracker: TrackerHandle): Promise<void> {
    const settlement = await tracker.settle(this.surroundings.settings().resident);
    if (settlement.layout) this.setLayout(settlement.layout);
    if (settlement.resident) this.recording.setResident(settlement.resident);
    this.onChange.fire();
  }

  private setLayout(layout: Layout): void {
    this.layout = layout;
    this.recording.setLayout(layout);
  }

  /** Runs a call on the tracker; where it is gone, says so and answers undefined. */
  private async attempt<T>(call: (tracker: TrackerHandle) => Promise<T>): Promise<T | undefined> {
    const { tracker } = this;
    if (!tracker) return undefined;
    try {
      return await call(tracker);
    } catch (error) {
      if (error instanceof AgentGone) {
        this.lose(tracker, `${error.message}; the kernel has disarmed everything and the program runs on.`);
      } else if (isGone(error)) {
        this.lose(tracker, "the armed memory is gone: the process has ended or has replaced its program (exec).");
      } else {
        this.lose(tracker, explainKernelError(error));
      }
      return undefined;
    }
  }

  private lose(tracker: TrackerHandle, why: string): void {
    if (this.tracker !== tracker) return;
    this.tracker = undefined;
    void tracker.disarm().catch(() => {});
    if (this.phase !== "ended") this.enter("lost", `Lost: ${why} Arm again at a stop.`);
  }

  private enter(phase: Phase, message: string): void {
    this.phase = phase;
    this.message = message;
    this.onChange.fire();
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => {});
    return result;
  }
}

/** Before anything runs in the program: its system calls may be another system's. @throws {Error} with what is missing. */
async function requireKernel(agent: TrackingAgent): Promise<void> {
  const capabilities = await agent.capabilities();
  if (!capabilities.pagemapScan) throw new Error(whatIsMissing(capabilities));
}

function writtenBy(report: ScanReport, settlement: Settlement | undefined): PageSet {
  if (!settlement) return report.written;
  return report.written.union(settlement.late).subtract(settlement.discarded);
}
