// The debug adapter of simulated programs, complete: what makes them run, and what is seen of them while they stand.
import { InvalidatedEvent } from "@vscode/debugadapter/lib/debugSession.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { completionsFor } from "./completions.ts";
import { ControlSession } from "./control-session.ts";
import { baseName, type Debuggee } from "./debuggee.ts";
import { evaluate, look, type Place } from "./evaluate.ts";
import { readMemory, writeMemory } from "./memory.ts";

export class SimulatorSession extends ControlSession {
  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    const threads = this.debuggee?.execution.threads ?? [];
    response.body = {
      threads: threads.map(({ id, frames }) => ({ id, name: `${frames[0]?.function.name ?? "thread"} (${id})` })),
    };
    this.sendResponse(response);
  }

  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    { threadId, startFrame = 0, levels }: DebugProtocol.StackTraceArguments,
  ): void {
    this.answer(response, debuggee => {
      if (debuggee.isRunning) throw new Error("The program is running; pause it first.");
      const thread = debuggee.thread(threadId);
      const shown = debuggee.numberFrames(thread, startFrame, levels ? startFrame + levels : thread.frames.length);
      const path = debuggee.options.program;
      response.body = {
        totalFrames: thread.frames.length,
        stackFrames: shown.map(({ id, place: { frame, pc } }) => {
          const span = debuggee.program.marks[pc]?.span;
          return {
            id,
            name: frame.function.name,
            source: { name: baseName(path), path },
            line: this.convertDebuggerLineToClient(span?.start.line ?? 0),
            column: this.convertDebuggerColumnToClient(span?.start.column ?? 0),
            instructionPointerReference: `0x${thread.process.codeAddress(pc).toString(16)}`,
          };
        }),
      };
      this.sendResponse(response);
    });
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    { frameId }: DebugProtocol.ScopesArguments,
  ): void {
    this.answer(response, debuggee => {
      response.body = { scopes: debuggee.variables.scopes(debuggee.place(frameId)) };
      this.sendResponse(response);
    });
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    args: DebugProtocol.VariablesArguments,
  ): void {
    this.answer(response, debuggee => {
      response.body = { variables: debuggee.variables.variables(args) };
      this.sendResponse(response);
    });
  }

  protected override setVariableRequest(
    response: DebugProtocol.SetVariableResponse,
    { variablesReference, name, value, format }: DebugProtocol.SetVariableArguments,
  ): void {
    this.answer(response, debuggee => {
      const container = debuggee.variables.container(variablesReference);
      if (!container || container.kind === "mappings" || container.kind === "machine") {
        throw new Error(`"${name}" can't be changed.`);
      }
      response.body = this.assign(debuggee, container.place, name, value, format);
      this.sendResponse(response);
    });
  }

  protected override setExpressionRequest(
    response: DebugProtocol.SetExpressionResponse,
    { expression, value, frameId, format }: DebugProtocol.SetExpressionArguments,
  ): void {
    this.answer(response, debuggee => {
      response.body = this.assign(debuggee, debuggee.place(frameId), expression, value, format);
      this.sendResponse(response);
    });
  }

  private assign(
    debuggee: Debuggee,
    place: Place,
    target: string,
    value: string,
    format: DebugProtocol.ValueFormat | undefined,
  ): { value: string } {
    evaluate(debuggee.program, place, `${target} = ${value}`);
    debuggee.touched();
    return debuggee.variables.shown(look(debuggee.program, place, target), format?.hex);
  }

  protected override evaluateRequest(
    response: DebugProtocol.EvaluateResponse,
    { expression, frameId, context, format }: DebugProtocol.EvaluateArguments,
  ): void {
    this.answer(response, debuggee => {
      const place = debuggee.place(frameId);
      const doesSomething = context === "repl";
      const value = (doesSomething ? evaluate : look)(debuggee.program, place, expression);
      // Whoever runs a system call by its number wants the number that it gives.
      const isBare = /^\s*syscall\s*\(/.test(expression);
      const shown = value === undefined ? undefined : debuggee.variables.shown(value, format?.hex);
      const result = isBare && value !== undefined ? String(value) : (shown?.value ?? "");
      const { memoryReference } = shown ?? {};
      response.body = { result, variablesReference: 0, ...(memoryReference ? { memoryReference } : {}) };
      if (doesSomething) debuggee.touched();
      this.sendResponse(response);
      if (doesSomething && !isBare && this.knowsInvalidated) this.sendEvent(new InvalidatedEvent(["variables"]));
    });
  }

  protected override completionsRequest(
    response: DebugProtocol.CompletionsResponse,
    { text, column, frameId }: DebugProtocol.CompletionsArguments,
  ): void {
    this.answer(response, debuggee => {
      const before = text.slice(0, this.convertClientColumnToDebugger(column) - 1);
      response.body = { targets: completionsFor(debuggee.program, debuggee.place(frameId), before) };
      this.sendResponse(response);
    });
  }

  protected override exceptionInfoRequest(
    response: DebugProtocol.ExceptionInfoResponse,
    { threadId }: DebugProtocol.ExceptionInfoArguments,
  ): void {
    this.answer(response, debuggee => {
      const { fault } = debuggee.thread(threadId);
      if (!fault) throw new Error("The thread has met with no fault.");
      response.body = { exceptionId: fault.signal, description: fault.message, breakMode: "unhandled" };
      this.sendResponse(response);
    });
  }

  protected override readMemoryRequest(
    response: DebugProtocol.ReadMemoryResponse,
    args: DebugProtocol.ReadMemoryArguments,
  ): void {
    this.answer(response, ({ execution }) => {
      response.body = readMemory(execution.main.kernel, args);
      this.sendResponse(response);
    });
  }

  protected override writeMemoryRequest(
    response: DebugProtocol.WriteMemoryResponse,
    args: DebugProtocol.WriteMemoryArguments,
  ): void {
    this.answer(response, debuggee => {
      response.body = { bytesWritten: writeMemory(debuggee.execution.main.kernel, args) };
      this.sendResponse(response);
      if (this.knowsInvalidated) this.sendEvent(new InvalidatedEvent(["variables"]));
    });
  }
}
