// For tests: a program, its debug adapter, its agent and its user as four parties that speak over lines of messages, delivered in any order one likes.
//
// The program's line k stores to page k, and to nothing else. So which lines ran between two stops can be read from the pages alone.
import { LocalWatches } from "../../../src/agent/local-watches.ts";
import type { TrackerHandle, TrackingAgent } from "../../../src/agent/tracking.ts";
import { answered } from "../../../src/common/deadline.ts";
import { Emitter } from "../../../src/common/emitter.ts";
import type { AdapterPort } from "../../../src/debuggers/adapter-port.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { TrackedSession } from "../../../src/session/tracked-session.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import type { ArmOptions } from "../../../src/tracker/reports.ts";
import { EMPTY_LAYOUT } from "../../../src/tracker/reports.ts";

/** Pages that the debugger writes for the user: the first, and one more for each time. */
export const DEBUGGER_PAGES = 1_000_000;

type Message = Record<string, unknown>;

/** What this debug adapter does differently from the simplest one. */
export interface Habits {
  /** Each halt is told by these threads too, each with an event of its own, as lldb-dap does. */
  readonly otherThreads?: readonly number[];
  /** Other threads run on while one stands, as in gdb's non-stop mode. */
  readonly runsOthers?: boolean;
  /** Frames are read when the answer is sent, not when it was asked for, as gdb's adapter does. */
  readonly readsFramesLate?: boolean;
  /** `continued` is told whenever the program is let go. */
  readonly tellsContinued?: boolean;
  /** What becomes of the n-th message of any line, counted from the first after construction; absent: it arrives, once. */
  fault?(index: number): "lost" | "twice" | undefined;
  /** How long the session waits for an answer, milliseconds. */
  readonly patience?: number;
  /** The kernel refuses userfaultfd to the program, by this error number: a container's profile does. */
  readonly refusesUserfaultfd?: number;
  /** The kernel keeps soft-dirty bits. */
  readonly softDirty?: boolean;
  /** Nothing is on its way, and somebody still waits: time passes. */
  idle?(): void;
}

/** Chooses the next of some possibilities. */
export type Choose = (count: number) => number;

export class Model {
  readonly session: TrackedSession;
  /** The line at which the program stands or that it runs; each line stores to the page of its number. */
  line = 1;
  running = false;
  /** How often the agent was asked for a scan. */
  scans = 0;
  /** What the debugger wrote, in all. */
  debuggerWrites = 0;
  /** By which the program was armed last. */
  backend: ArmOptions["backend"];
  private dirty: [number, number][] = [];
  private seq = 0;
  private readonly events = new Emitter<never>();
  private readonly pending = new Map<number, (message: Message) => void>();
  /** Whether the user's window believes that the program stands. */
  windowStopped = true;
  /** Lines of messages; each is delivered in order, but any one of them may be the next. */
  readonly lines = {
    toAdapter: [] as (() => void)[],
    fromAdapter: [] as (() => void)[],
    toAgent: [] as (() => void)[],
    fromAgent: [] as (() => void)[],
    program: [] as (() => void)[],
  };

  private readonly habits: Habits;
  private faults = 0;

  constructor(habits: Habits = {}) {
    this.habits = habits;
    const port: AdapterPort = {
      debugType: "writewatch-sim",
      request: (command, args) =>
        new Promise((resolve, reject) => {
          const seq = this.send(command, args as Message);
          this.pending.set(seq, ({ success, body, message }) =>
            success ? resolve(body ?? {}) : reject(new Error(String(message))),
          );
        }),
      onEvent: listener => this.events.listen(listener),
    };
    this.session = new TrackedSession("model", "model", port, {
      agent: () => this.agent(),
      settings: () => ({ arm: DEFAULT_ARM_OPTIONS, autoArm: false, resident: false }),
      ...(habits.patience === undefined ? {} : { patience: habits.patience }),
    });
  }

  /** How many messages were delivered or lost so far. */
  get delivered(): number {
    return this.faults;
  }

  /** Everything that is on its way anywhere. */
  get isBusy(): boolean {
    return Object.values(this.lines).some(line => line.length > 0);
  }

  /** Delivers one message of one line, and lets all that follows from it at once happen. */
  async deliver(choose: Choose): Promise<void> {
    const full = Object.values(this.lines).filter(line => line.length > 0);
    const message = full[choose(full.length)]?.shift();
    const fault = this.habits.fault?.(this.faults);
    this.faults += 1;
    if (fault !== "lost") message?.();
    if (fault === "twice") message?.();
    await settled();
  }

  async drain(choose: Choose): Promise<void> {
    while (this.isBusy) await this.deliver(choose);
  }

  /** Sends a request to the adapter, as the user's window does. */
  send(command: string, args: Message = {}): number {
    this.seq += 1;
    const { seq } = this;
    const message = { type: "request", seq, command, arguments: args };
    // VS Code tells its watchers, then sends.
    this.session.toAdapter(message);
    this.lines.toAdapter.push(() => this.adapter(seq, command, args));
    return seq;
  }

  /** The program stands at its first line, and is armed. */
  async arm(): Promise<void> {
    this.event("process", { systemProcessId: 42 });
    this.halt("entry");
    await this.drain(() => 0);
    await this.until(this.session.arm());
  }

  /** Delivers messages in their order until some work of the session's is done, and the rest of them. */
  async until(work: Promise<unknown>): Promise<void> {
    let done = false;
    const ended = work.finally(() => {
      done = true;
    });
    // Whoever awaits it gets the refusal.
    ended.catch(() => {});
    while (!done) {
      if (this.isBusy) {
        await this.deliver(() => 0);
      } else {
        this.habits.idle?.();
        await settled();
      }
    }
    await ended;
    await this.drain(() => 0);
  }

  event(event: string, body: Message): void {
    this.lines.fromAdapter.push(() => {
      if (event === "stopped") this.windowStopped = true;
      this.session.fromAdapter({ type: "event", seq: 0, event, body });
    });
  }

  private adapter(seq: number, command: string, args: Message): void {
    switch (command) {
      case "next":
      case "continue":
        if (this.running) {
          this.respond(seq, command, undefined, "the program runs");
          return;
        }
        this.running = true;
        if (this.habits.tellsContinued) this.event("continued", { threadId: 1, allThreadsContinued: true });
        this.respond(seq, command, {});
        this.lines.program.push(() => this.runLine());
        return;
      case "stepOut":
        this.respond(seq, command, undefined, "there is no caller");
        return;
      case "stackTrace":
        if (this.running) this.respond(seq, command, undefined, "the program runs");
        else if (this.habits.readsFramesLate) this.respond(seq, command, () => ({ stackFrames: [this.frame()] }));
        else this.respond(seq, command, { stackFrames: [this.frame()] });
        return;
      case "setVariable":
        if (this.running) {
          this.respond(seq, command, undefined, "the program runs");
          return;
        }
        this.store(DEBUGGER_PAGES + this.debuggerWrites);
        this.debuggerWrites += 1;
        this.respond(seq, command, {});
        return;
      case "evaluate": {
        // A system call: userfaultfd gives a descriptor, close gives 0.
        const isClose = String(args.expression).includes("syscall(3,");
        const refusal = this.habits.refusesUserfaultfd;
        this.respond(seq, command, { result: isClose ? "0" : refusal === undefined ? "7" : String(-refusal) });
        return;
      }
      default:
        this.respond(seq, command, {});
    }
  }

  private runLine(): void {
    this.store(this.line);
    this.line += 1;
    this.running = false;
    this.halt("step");
  }

  /** The program has halted, and its adapter says so. */
  halt(reason: string): void {
    for (const threadId of [1, ...(this.habits.otherThreads ?? [])]) {
      this.event("stopped", { reason, threadId, allThreadsStopped: this.habits.runsOthers !== true });
    }
  }

  /** A thread that runs on stores to a page. */
  storeElsewhere(page: number): void {
    this.store(page);
  }

  private frame(): Message {
    return { id: 1, name: "main", line: this.line, column: 1, source: { path: "/model.c" } };
  }

  private respond(seq: number, command: string, body: Message | (() => Message) | undefined, message?: string): void {
    this.lines.fromAdapter.push(() => {
      const told = typeof body === "function" ? (body as () => Message)() : body;
      const success = body !== undefined;
      const response = { type: "response", seq: 0, request_seq: seq, command, success, body: told, message };
      this.session.fromAdapter(response);
      this.pending.get(seq)?.(response);
      this.pending.delete(seq);
    });
  }

  private store(page: number): void {
    this.dirty.push([page, page + 1]);
  }

  /** The call reaches the agent when its line is delivered, and its answer the session when that line is. */
  private call<T>(work: () => T): Promise<T> {
    // As an agent in a process of its own has it: no call waits for ever.
    const wait = { what: "The agent", milliseconds: this.habits.patience ?? 10_000 };
    return answered(this.sent(work), wait);
  }

  private sent<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.lines.toAgent.push(() => {
        try {
          const result = work();
          this.lines.fromAgent.push(() => resolve(result));
        } catch (error) {
          this.lines.fromAgent.push(() => reject(error));
        }
      });
    });
  }

  private agent(): TrackingAgent {
    const report = {
      backend: "model",
      mappings: 1,
      pages: 1,
      populatedOnly: [],
      notArmed: [],
      microseconds: 1,
      layout: EMPTY_LAYOUT,
    };
    const handle = {
      pid: 1,
      gone: new Promise<string>(() => {}),
      status: async () => undefined,
      interrupt: async () => false,
      systemCallIn: async () => -38,
      peek: async () => new Uint8Array(),
      attach: (_pid: number, _descriptor: number, { backend }: ArmOptions) =>
        this.call(() => {
          this.backend = backend;
        }),
      arm: () =>
        this.call(() => {
          this.dirty = [];
          return { ...report, backend: this.backend ?? report.backend };
        }),
      scan: () =>
        this.call(() => {
          this.scans += 1;
          const written = PageSet.from(this.dirty);
          this.dirty = [];
          return { written, text: PageSet.EMPTY, microseconds: 1 };
        }),
      settle: () =>
        this.call(() => ({
          created: [],
          removed: [],
          late: PageSet.EMPTY,
          discarded: PageSet.EMPTY,
          text: PageSet.EMPTY,
          notes: [],
        })),
      copyPages: async () => {},
      names: async () => ({ named: [], types: [], problems: [] }),
      read: async () => ({ bytes: new Uint8Array(0), known: new Uint8Array(0) }),
      choose: () => Promise.reject(new Error("not in the model")),
      watches: new LocalWatches({
        armed: () => {
          throw new Error("the model watches nothing");
        },
        inTurn: async work => work(),
      }),
      saveCore: () => Promise.reject(new Error("not in the model")),
      disarm: () => this.call(() => undefined),
    } satisfies TrackerHandle;
    return {
      tracker: () => handle,
      snapshot: () => Promise.reject(new Error("no snapshot")),
      saveCore: () => Promise.reject(new Error("no core")),
      forkLens: () => {
        throw new Error("no fork");
      },
      joinCores: () => Promise.reject(new Error("no core")),
      capabilities: async () => ({
        pagemapScan: true,
        categories: 0,
        userfaultfd: true,
        features: 0,
        softDirty: this.habits.softDirty,
        problems: [],
      }),
    };
  }
}

/** Everything that promises can do by themselves is done. */
export function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
