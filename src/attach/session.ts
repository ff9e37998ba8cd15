// The debug adapter of a live process that no debugger holds: pause, continue, a slice of time, and its threads as the kernel tells them.
import {
  DebugSession,
  InitializedEvent,
  OutputEvent,
  StoppedEvent,
  TerminatedEvent,
} from "@vscode/debugadapter/lib/debugSession.js";
import { Event } from "@vscode/debugadapter/lib/messages.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ProcessHolder } from "../agent/holding.ts";
import { MARK, SYSTEM_CALL_REQUEST } from "../debuggers/attached/debugger.ts";
import type { ThreadState } from "../kernel/kernel.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { type AttachOptions, attachOptions } from "./configuration.ts";
import { frameName, registerVariables, threadName } from "./thread-words.ts";

/** Milliseconds between two looks whether the process still runs. */
const LOOK = 500;

/** Where the adapter stands: the process runs, for a slice or for good, or stands for us. */
type Motion = "running" | "slice" | "paused" | "over";

/** Nothing is traced while the process runs, and the process goes on whatever ends the session. */
export class AttachSession extends DebugSession {
  /** What is sent are whole messages; the library's type says nothing of them. */
  declare readonly onDidSendMessage: (listener: (message: DebugProtocol.ProtocolMessage) => void) => {
    dispose(): void;
  };
  private readonly openHolder: () => ProcessHolder;
  private holder: ProcessHolder | undefined;
  private options: AttachOptions | undefined;
  private motion: Motion = "running";
  private looking: ReturnType<typeof setInterval> | undefined;

  /** @param openHolder gives a holder of this session's own. @throws {Error} why there is none here. */
  constructor(openHolder: () => ProcessHolder) {
    super();
    this.openHolder = openHolder;
  }

  override dispose(): void {
    this.motion = "over";
    clearInterval(this.looking);
    void this.holder?.end();
    this.holder = undefined;
  }

  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    const capabilities: DebugProtocol.Capabilities = {
      supportsConfigurationDoneRequest: true,
      supportsDelayedStackTraceLoading: true,
    };
    response.body = Object.assign(capabilities, { [MARK]: true });
    this.sendResponse(response);
  }

  protected override attachRequest(
    response: DebugProtocol.AttachResponse,
    args: DebugProtocol.AttachRequestArguments,
  ): void {
    this.attach(args).then(
      ({ name, pid }) => {
        this.sendResponse(response);
        this.sendEvent(
          new Event("process", { name, systemProcessId: pid, isLocalProcess: true, startMethod: "attach" }),
        );
        this.sendEvent(new InitializedEvent());
      },
      error => this.refuse(response, error, true),
    );
  }

  private async attach(args: unknown): Promise<{ readonly name: string; readonly pid: number }> {
    const options = attachOptions(args);
    const { pid } = options;
    const holder = this.openHolder();
    this.holder = holder;
    const [main] = await holder.threads(pid);
    if (!main) throw new Error(`No process has the number ${pid}: it has ended, or runs on another computer.`);
    // Before anything is promised: a process that can't be held can't be armed either.
    await holder.hold(pid);
    if (options.stopOnAttach) this.motion = "paused";
    else await holder.release(pid);
    this.options = options;
    void holder.gone.then(how => this.lost(how));
    return { name: main.name, pid };
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.sendResponse(response);
    if (this.motion === "paused") this.stopped("entry");
    this.looking = setInterval(() => void this.look(), LOOK);
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    void this.answer(response, async ({ holder, options }) => {
      const threads = await holder.threads(options.pid);
      response.body = { threads: threads.map(thread => ({ id: thread.id, name: threadName(thread) })) };
      this.sendResponse(response);
    });
  }

  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    { threadId }: DebugProtocol.StackTraceArguments,
  ): void {
    void this.answer(response, async ({ holder, options }) => {
      const thread = (await holder.threads(options.pid)).find(({ id }) => id === threadId);
      if (!thread) throw new Error(`Thread ${threadId} has ended.`);
      response.body = { stackFrames: [frameOf(thread)], totalFrames: 1 };
      this.sendResponse(response);
    });
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    { frameId }: DebugProtocol.ScopesArguments,
  ): void {
    // A thread has one frame, of its number; so have its registers.
    const scope = { name: "Registers", presentationHint: "registers", variablesReference: frameId, expensive: true };
    response.body = { scopes: [scope] };
    this.sendResponse(response);
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    { variablesReference }: DebugProtocol.VariablesArguments,
  ): void {
    void this.answer(response, async ({ holder, options }) => {
      const registers = await holder.registers(options.pid);
      const bytes = registers.find(({ id }) => id === variablesReference)?.registers;
      response.body = { variables: bytes ? registerVariables(bytes) : [] };
      this.sendResponse(response);
    });
  }

  protected override setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    { breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): void {
    const message = "A process without a debugger has no breakpoints: attach gdb or lldb to it for them.";
    response.body = { breakpoints: breakpoints.map(() => ({ verified: false, message })) };
    this.sendResponse(response);
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    void this.answer(response, async ({ holder, options }) => {
      const isSlice = this.motion === "slice";
      await holder.hold(options.pid);
      this.sendResponse(response);
      // A slice that is cut short tells of the stop itself.
      if (!isSlice && this.motion === "running") this.stopped("pause");
    });
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    void this.answer(response, async ({ holder, options }) => {
      this.motion = "running";
      response.body = { allThreadsContinued: true };
      this.sendResponse(response);
      await holder.release(options.pid);
    });
  }

  protected override nextRequest(response: DebugProtocol.NextResponse, args: DebugProtocol.NextArguments): void {
    this.slice(response, args.granularity);
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse, args: DebugProtocol.StepInArguments): void {
    this.slice(response, args.granularity);
  }

  protected override stepOutRequest(
    response: DebugProtocol.StepOutResponse,
    args: DebugProtocol.StepOutArguments,
  ): void {
    this.slice(response, args.granularity);
  }

  private slice(response: DebugProtocol.Response, granularity: DebugProtocol.SteppingGranularity | undefined): void {
    void this.answer(response, async ({ holder, options }) => {
      if (granularity === "instruction")
        throw new Error(
          "A process without a debugger has no instruction steps: a step lets it run for a slice of time.",
        );
      if (this.motion !== "paused") throw new Error("The process runs; pause it first.");
      this.motion = "slice";
      this.sendResponse(response);
      holder.runFor(options.pid, options.timeSlice).then(
        () => {
          if (this.motion === "slice") this.stopped("step");
        },
        error => this.notHeld(error),
      );
    });
  }

  /** The process could not be held at the end of its slice: it has ended, or another tracer was quicker. */
  private async notHeld(error: unknown): Promise<void> {
    if (this.motion === "slice") this.motion = "running";
    await this.look();
    if (!this.isOver) this.print(`The process runs on: ${explainKernelError(error)}`);
  }

  protected override customRequest(command: string, response: DebugProtocol.Response, args: unknown): void {
    if (command !== SYSTEM_CALL_REQUEST) {
      super.customRequest(command, response, args);
      return;
    }
    void this.answer(response, async ({ holder, options }) => {
      // What is no call the agent refuses.
      const { number, args: values } = args as { readonly number: number; readonly args: readonly number[] };
      response.body = { result: await holder.systemCallIn(options.pid, number, values) };
      this.sendResponse(response);
    });
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    const { holder, options } = this;
    const letGo = holder && options ? holder.release(options.pid).catch(() => {}) : Promise.resolve();
    void letGo.then(() => {
      this.dispose();
      this.sendResponse(response);
    });
  }

  private stopped(reason: "entry" | "pause" | "step"): void {
    this.motion = "paused";
    const event: DebugProtocol.StoppedEvent = new StoppedEvent(reason, this.options?.pid ?? 1);
    event.body.allThreadsStopped = true;
    this.sendEvent(event);
  }

  /** Whether the process is there still. */
  private async look(): Promise<void> {
    const { holder, options } = this;
    if (!holder || !options || this.isOver) return;
    const threads = await holder.threads(options.pid).catch(() => undefined);
    if (threads === undefined || threads.some(({ state }) => !"ZX".includes(state)) || this.isOver) return;
    this.ended(`Process ${options.pid} has ended.`);
  }

  private get isOver(): boolean {
    return this.motion === "over";
  }

  private lost(how: string): void {
    if (!this.isOver) this.ended(`${how}; the process runs on`);
  }

  private ended(why: string): void {
    this.motion = "over";
    clearInterval(this.looking);
    this.print(why);
    this.sendEvent(new TerminatedEvent());
  }

  private print(text: string): void {
    this.sendEvent(new OutputEvent(`${text}\n`, "console"));
  }

  /** Does the work, which answers; what it throws is the refusal. */
  private async answer(
    response: DebugProtocol.Response,
    work: (attached: { readonly holder: ProcessHolder; readonly options: AttachOptions }) => Promise<void>,
  ): Promise<void> {
    try {
      const { holder, options } = this;
      if (!holder || !options) throw new Error("Nothing has been attached to.");
      await work({ holder, options });
    } catch (error) {
      this.refuse(response, error, false);
    }
  }

  private refuse(response: DebugProtocol.Response, error: unknown, showUser: boolean): void {
    const format = explainKernelError(error);
    response.success = false;
    response.message = format;
    response.body = { error: { id: 1, format, showUser } };
    this.sendResponse(response);
  }
}

function frameOf(thread: ThreadState): DebugProtocol.StackFrame {
  const pc = thread.call?.pc;
  return {
    id: thread.id,
    name: frameName(thread),
    line: 0,
    column: 0,
    ...(pc === undefined ? {} : { instructionPointerReference: `0x${pc.toString(16)}` }),
  };
}
