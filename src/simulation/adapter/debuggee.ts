// The program under the debugger: its execution, and what a client is told of it.
import {
  ExitedEvent,
  OutputEvent,
  StoppedEvent,
  TerminatedEvent,
  ThreadEvent,
} from "@vscode/debugadapter/lib/debugSession.js";
import { Event } from "@vscode/debugadapter/lib/messages.js";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Machine } from "../../kernel/simulated/machine.ts";
import { addMachine, removeMachine } from "../machines.ts";
import type { CompiledProgram } from "../run/code.ts";
import { Execution, type ExecutionOptions } from "../run/execution.ts";
import type { Frame, Thread } from "../run/thread.ts";
import { Breakpoints } from "./breakpoints.ts";
import { type Place, placesOf } from "./evaluate.ts";
import type { LaunchOptions } from "./launch.ts";
import { Runner, type Stop } from "./runner.ts";
import { Step, type StepKind } from "./stepping.ts";
import { Variables } from "./variables.ts";

type Category = "stdout" | "stderr" | "console";

/** 128 and SIGTERM. */
const TERMINATED = 143;

export class Debuggee {
  readonly program: CompiledProgram;
  readonly options: LaunchOptions;
  readonly execution: Execution;
  readonly breakpoints: Breakpoints;
  readonly variables: Variables;
  private readonly runner: Runner;
  private readonly send: (event: DebugProtocol.Event) => void;
  private readonly printed: { category: Category; text: string }[] = [];
  /** Frames are numbered anew at each stop, from 1 on. */
  private places: Place[] = [];
  private readonly numbers = new Map<Frame, number>();
  private hasEnded = false;

  constructor(
    program: CompiledProgram,
    options: LaunchOptions,
    send: (event: DebugProtocol.Event) => void,
    wrap?: ExecutionOptions["wrap"],
  ) {
    this.program = program;
    this.options = options;
    this.send = send;
    this.breakpoints = new Breakpoints(program, text => this.print(text, "console"));
    const { seed, profile } = options;
    let hasBegun = false;
    this.execution = new Execution(program, {
      machine: new Machine(profile),
      name: baseName(options.program),
      arguments: options.arguments,
      ...(seed === undefined ? {} : { seed }),
      ...(wrap ? { wrap } : {}),
      output: (text, category) => this.print(text, category),
      threadStarted: ({ id }) => hasBegun && send(new ThreadEvent("started", id)),
      threadEnded: ({ id }) => send(new ThreadEvent("exited", id)),
    });
    hasBegun = true;
    this.variables = new Variables(this.execution);
    this.runner = new Runner(this.execution, options.noDebug ? undefined : this.breakpoints, {
      stopped: stop => this.stopped(stop),
      exited: code => this.exited(code),
      sliced: () => this.flush(),
    });
    addMachine(this.pid, this.execution.machine);
  }

  get pid(): number {
    return this.execution.main.pid;
  }

  get isRunning(): boolean {
    return this.runner.isRunning;
  }

  /** The client is ready: runs, or stops before the first statement. */
  begin(): void {
    const [main] = this.execution.threads;
    if (!main || !this.options.stopOnEntry) {
      this.runner.start();
      return;
    }
    main.isAsked = true;
    this.stopped({ reason: "entry", thread: main });
  }

  resume(): void {
    this.forget();
    this.runner.start();
  }

  /** @throws {Error} there is no such thread. */
  step(threadId: number, kind: StepKind, byStatement: boolean): void {
    const step = new Step(this.program, this.thread(threadId), kind, byStatement);
    this.forget();
    this.runner.start(step);
  }

  pause(threadId: number): void {
    this.runner.pause(threadId);
  }

  /** @throws {Error} there is no such thread. */
  thread(id: number): Thread {
    const thread = this.execution.threads.find(candidate => candidate.id === id);
    if (!thread) throw new Error(`There is no thread ${id}.`);
    return thread;
  }

  /** Numbers some of the thread's frames, innermost first, for requests that name one. */
  numberFrames(thread: Thread, first: number, end: number): { readonly id: number; readonly place: Place }[] {
    return placesOf(thread, first, end).map(place => {
      const id = this.numbers.get(place.frame) ?? this.places.push(place);
      this.numbers.set(place.frame, id);
      return { id, place };
    });
  }

  /** @throws {Error} the program runs, or has no such frame. */
  place(frameId: number | undefined): Place {
    if (this.isRunning) throw new Error("The program is running; pause it first.");
    if (frameId !== undefined) {
      const place = this.places[frameId - 1];
      if (!place) throw new Error("The program has run on: this frame is no more.");
      return place;
    }
    const [main] = this.execution.threads;
    const place = main && placesOf(main, 0, 1)[0];
    if (!place) throw new Error("The program has ended.");
    return place;
  }

  /** Something was done to the program while it stood; it may not have outlived it. */
  touched(): void {
    this.variables.changed();
    this.flush();
    const { exitCode } = this.execution.main;
    if (exitCode !== undefined) this.exited(exitCode);
  }

  /** Ends the program as SIGTERM does. */
  terminate(): void {
    this.runner.dispose();
    this.execution.main.exit(TERMINATED);
    this.flush();
    this.exited(TERMINATED);
  }

  dispose(): void {
    this.runner.dispose();
    this.execution.main.exit(TERMINATED);
    removeMachine(this.pid);
  }

  private forget(): void {
    this.execution.release();
    this.places = [];
    this.numbers.clear();
    this.variables.forget();
  }

  private stopped(stop: Stop): void {
    this.execution.halt();
    const body: DebugProtocol.StoppedEvent["body"] = {
      reason: stop.reason === "breakpoint" ? stop.hit.kind : stop.reason,
      threadId: stop.thread.id,
      allThreadsStopped: true,
    };
    if (stop.reason === "breakpoint") body.hitBreakpointIds = [...stop.hit.ids];
    if (stop.reason === "exception") {
      body.description = `signal ${stop.fault.signal}: ${stop.fault.message}`;
      body.text = body.description;
    }
    const event: DebugProtocol.StoppedEvent = new StoppedEvent(body.reason, body.threadId);
    event.body = body;
    this.send(event);
  }

  private exited(code: number): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.send(new ExitedEvent(code));
    this.send(new TerminatedEvent());
  }

  private print(text: string, category: Category): void {
    const last = this.printed.at(-1);
    if (last?.category === category) last.text += text;
    else this.printed.push({ category, text });
  }

  private flush(): void {
    for (const { category, text } of this.printed.splice(0)) this.send(new OutputEvent(text, category));
  }
}

/** The event that tells the number of the process. */
export function processEvent(debuggee: Debuggee): DebugProtocol.Event {
  return new Event("process", {
    name: debuggee.options.program,
    systemProcessId: debuggee.pid,
    isLocalProcess: true,
    startMethod: "launch",
  });
}

/** A path's last part, of any system's paths and of URIs. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
