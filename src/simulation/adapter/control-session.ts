// The debug adapter's half that makes a program run: launch, breakpoints, steps, the end.
import { DebugSession, InitializedEvent, OutputEvent } from "@vscode/debugadapter/lib/debugSession.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { compileProgram } from "../compile/program.ts";
import { describeProblem, ProgramError } from "../language/problem.ts";
import type { ExecutionOptions } from "../run/execution.ts";
import { baseName, Debuggee, processEvent } from "./debuggee.ts";
import { launchOptions } from "./launch.ts";

/** Reads a program's text; where from is the host's affair. */
export type ReadProgram = (path: string) => Promise<string>;

/** Of it only {@link SimulatorSession} is complete. */
export class ControlSession extends DebugSession {
  /** What is sent are whole messages; the library's type says nothing of them. */
  declare readonly onDidSendMessage: (listener: (message: DebugProtocol.ProtocolMessage) => void) => {
    dispose(): void;
  };
  private readonly read: ReadProgram;
  private readonly wrap: ExecutionOptions["wrap"];
  protected debuggee: Debuggee | undefined;
  protected knowsInvalidated = false;

  /** @param wrap stands between the program and each of its processes: for tests that want to know what it really does. */
  constructor(read: ReadProgram, wrap?: ExecutionOptions["wrap"]) {
    super();
    this.read = read;
    this.wrap = wrap;
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(true);
  }

  override dispose(): void {
    this.debuggee?.dispose();
    this.debuggee = undefined;
  }

  protected override initializeRequest(
    response: DebugProtocol.InitializeResponse,
    args: DebugProtocol.InitializeRequestArguments,
  ): void {
    this.knowsInvalidated = args.supportsInvalidatedEvent === true;
    response.body = {
      supportsConfigurationDoneRequest: true,
      supportsFunctionBreakpoints: true,
      supportsConditionalBreakpoints: true,
      supportsHitConditionalBreakpoints: true,
      supportsLogPoints: true,
      supportsBreakpointLocationsRequest: true,
      supportsEvaluateForHovers: true,
      supportsClipboardContext: true,
      supportsSetVariable: true,
      supportsSetExpression: true,
      supportsValueFormattingOptions: true,
      supportsCompletionsRequest: true,
      supportsExceptionInfoRequest: true,
      supportsReadMemoryRequest: true,
      supportsWriteMemoryRequest: true,
      supportsSteppingGranularity: true,
      supportsTerminateRequest: true,
      supportsDelayedStackTraceLoading: true,
    };
    this.sendResponse(response);
  }

  protected override launchRequest(
    response: DebugProtocol.LaunchResponse,
    args: DebugProtocol.LaunchRequestArguments,
  ): void {
    void this.answerLater(response, async () => {
      const options = launchOptions(args);
      const source = await this.read(options.program);
      const program = this.compiled(options.program, source);
      this.debuggee = new Debuggee(program, options, event => this.sendEvent(event), this.wrap);
      this.sendResponse(response);
      this.sendEvent(processEvent(this.debuggee));
      this.sendEvent(new InitializedEvent());
    });
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.answer(response, debuggee => {
      this.sendResponse(response);
      debuggee.begin();
    });
  }

  protected override setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
  ): void {
    this.answer(response, debuggee => {
      if (!isSamePath(source.path ?? "", debuggee.options.program)) {
        const message = "Another program runs.";
        response.body = { breakpoints: breakpoints.map(() => ({ verified: false, message })) };
      } else {
        const wanted = breakpoints.map(breakpoint => ({
          ...breakpoint,
          line: this.convertClientLineToDebugger(breakpoint.line),
          ...(breakpoint.column === undefined ? {} : { column: this.convertClientColumnToDebugger(breakpoint.column) }),
        }));
        response.body = { breakpoints: debuggee.breakpoints.setLines(wanted).map(set => this.inClientLines(set)) };
      }
      this.sendResponse(response);
    });
  }

  protected override setFunctionBreakPointsRequest(
    response: DebugProtocol.SetFunctionBreakpointsResponse,
    { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments,
  ): void {
    this.answer(response, debuggee => {
      const set = debuggee.breakpoints.setFunctions(breakpoints);
      response.body = { breakpoints: set.map(breakpoint => this.inClientLines(breakpoint)) };
      this.sendResponse(response);
    });
  }

  protected override setExceptionBreakPointsRequest(response: DebugProtocol.SetExceptionBreakpointsResponse): void {
    // A program always stops where it can't go on.
    this.sendResponse(response);
  }

  protected override breakpointLocationsRequest(
    response: DebugProtocol.BreakpointLocationsResponse,
    { source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments,
  ): void {
    this.answer(response, debuggee => {
      const isHere = isSamePath(source.path ?? "", debuggee.options.program);
      const [first, last] = [this.convertClientLineToDebugger(line), this.convertClientLineToDebugger(endLine)];
      const found = isHere ? debuggee.breakpoints.locations(first, last) : [];
      response.body = { breakpoints: found.map(location => this.inClientLines(location)) };
      this.sendResponse(response);
    });
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    this.answer(response, debuggee => {
      response.body = { allThreadsContinued: true };
      this.sendResponse(response);
      debuggee.resume();
    });
  }

  protected override nextRequest(
    response: DebugProtocol.NextResponse,
    { threadId, granularity }: DebugProtocol.NextArguments,
  ): void {
    this.step(response, threadId, "over", granularity);
  }

  protected override stepInRequest(
    response: DebugProtocol.StepInResponse,
    { threadId, granularity }: DebugProtocol.StepInArguments,
  ): void {
    this.step(response, threadId, "in", granularity);
  }

  protected override stepOutRequest(
    response: DebugProtocol.StepOutResponse,
    { threadId, granularity }: DebugProtocol.StepOutArguments,
  ): void {
    this.step(response, threadId, "out", granularity);
  }

  private step(
    response: DebugProtocol.Response,
    threadId: number,
    kind: Parameters<Debuggee["step"]>[1],
    granularity: DebugProtocol.SteppingGranularity | undefined,
  ): void {
    this.answer(response, debuggee => {
      debuggee.thread(threadId);
      this.sendResponse(response);
      debuggee.step(threadId, kind, granularity === "instruction");
    });
  }

  protected override pauseRequest(
    response: DebugProtocol.PauseResponse,
    { threadId }: DebugProtocol.PauseArguments,
  ): void {
    this.answer(response, debuggee => {
      this.sendResponse(response);
      debuggee.pause(threadId);
    });
  }

  protected override terminateRequest(response: DebugProtocol.TerminateResponse): void {
    this.sendResponse(response);
    this.debuggee?.terminate();
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    this.dispose();
    this.sendResponse(response);
  }

  /** @throws {Error} with all that is wrong; each problem is told by an event of its own as well, with its place. */
  private compiled(path: string, source: string): ReturnType<typeof compileProgram> {
    try {
      return compileProgram(source);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      for (const problem of error.problems) {
        const event: DebugProtocol.OutputEvent = new OutputEvent(`${describeProblem(problem)}\n`, "stderr");
        event.body.source = { name: baseName(path), path };
        event.body.line = this.convertDebuggerLineToClient(problem.span.start.line);
        event.body.column = this.convertDebuggerColumnToClient(problem.span.start.column);
        this.sendEvent(event);
      }
      const [first] = error.problems;
      const more = error.problems.length > 1 ? ` And ${error.problems.length - 1} more.` : "";
      throw new Error(`${baseName(path)} can't run: ${first ? describeProblem(first) : ""}.${more}`);
    }
  }

  protected inClientLines<T extends { line?: number; column?: number }>(place: T): T {
    return {
      ...place,
      ...(place.line === undefined ? {} : { line: this.convertDebuggerLineToClient(place.line) }),
      ...(place.column === undefined ? {} : { column: this.convertDebuggerColumnToClient(place.column) }),
    };
  }

  /** Runs `give`, which answers; what it throws is the refusal. */
  protected answer(response: DebugProtocol.Response, give: (debuggee: Debuggee) => void): void {
    try {
      if (!this.debuggee) throw new Error("No program has been launched.");
      give(this.debuggee);
    } catch (error) {
      this.refuse(response, error, false);
    }
  }

  private async answerLater(response: DebugProtocol.Response, give: () => Promise<void>): Promise<void> {
    try {
      await give();
    } catch (error) {
      this.refuse(response, error, true);
    }
  }

  private refuse(response: DebugProtocol.Response, error: unknown, showUser: boolean): void {
    const format = error instanceof Error ? error.message : String(error);
    response.success = false;
    response.message = format;
    response.body = { error: { id: 1, format, showUser } };
    this.sendResponse(response);
  }
}

/** Windows' paths come with either slash and with either case of the drive's letter; URIs more or less encoded. */
function isSamePath(a: string, b: string): boolean {
  return normalPath(a) === normalPath(b);
}

function normalPath(path: string): string {
  if (!/^[a-zA-Z][\w+.-]+:/.test(path)) {
    return path.replaceAll("\\", "/").replace(/^\/?([a-zA-Z]):/, (_, drive: string) => `${drive.toLowerCase()}:`);
  }
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
