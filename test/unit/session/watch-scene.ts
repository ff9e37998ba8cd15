// For tests: a session's side of Stop at Write between a scripted program, its debugger, and a window, with no process behind them.
import type { TrackerHandle } from "../../../src/agent/tracking.ts";
import { Emitter } from "../../../src/common/emitter.ts";
import { NO_LOG } from "../../../src/common/log.ts";
import type { AdapterPort } from "../../../src/debuggers/adapter-port.ts";
import { type Debugger, stepByProtocol } from "../../../src/debuggers/debugger.ts";
import { MessageReader } from "../../../src/session/events.ts";
import { BEGINNING, type Phase, reduce } from "../../../src/session/phase.ts";
import { Questions } from "../../../src/session/questions.ts";
import type { Hit, WatchRequest } from "../../../src/session/watch-hit.ts";
import { Watching } from "../../../src/session/watching.ts";
import type { WatchHit, WatchMiss } from "../../../src/tracker/watches/reports.ts";

/** Milliseconds. */
export const PATIENCE = 40;
const PID = 100;

type Message = Record<string, unknown>;

/** One store of the program; its line is its place in the script, from 1. */
export interface Store {
  readonly thread: number;
  /** Bytes from the watched table's beginning; before it the store is a miss, behind it none of ours. */
  readonly offset: number;
  readonly value: number;
  readonly function?: string;
}

export interface Faults {
  /** Requests that the adapter never answers. */
  readonly mute?: readonly string[];
  /** Signals are sent, and nothing comes of them. */
  readonly isDeaf?: boolean;
}

export const TABLE = 0x10000;
export const TABLE_BYTES = 4096;

export class Scene {
  readonly hits: Hit[] = [];
  /** What the adapter was asked, in order; the stack and the threads left out. */
  readonly asked: string[] = [];
  /** What the window was told of stops: reason and thread. */
  readonly seen: string[] = [];
  readonly passed: number[] = [];
  readonly bytes = new Uint8Array(TABLE_BYTES);
  readonly watching: Watching;
  phase: Phase = BEGINNING;
  private readonly reader = new MessageReader(() => new Set(["threads", "stackTrace"]));
  private readonly engineHits = new Emitter<WatchHit>();
  private readonly engineMisses = new Emitter<WatchMiss>();
  private readonly stores: Store[];
  private readonly faults: Faults;
  private at = 0;
  private seq = 0;
  private opened: number | undefined;
  private waiting: WatchHit | undefined;
  private pendingSignal: number | undefined;
  private isRunning = false;
  private lastId = 0;

  constructor(stores: readonly Store[], faults: Faults = {}) {
    this.stores = [...stores];
    this.faults = faults;
    const port: AdapterPort = {
      debugType: "scene",
      request: (command, args) => this.request(command, (args ?? {}) as Message),
      onEvent: () => ({ dispose: () => {} }),
    };
    const questions = new Questions(
      port,
      { patience: PATIENCE, placePatience: 0, stopsPerThread: () => false },
      () => {},
    );
    const tracker = this.tracker();
    this.watching = new Watching({
      ...{ log: NO_LOG, patience: PATIENCE },
      phase: () => this.phase,
      questions: () => questions,
      debugger: () => debug,
      armed: () => ({ tracker, pid: PID }),
      arm: async () => {},
      calls: work => work(),
      owes: () => {},
      book: async () => {},
      misses: () => "auto",
      mayBeWritten: () => true,
    });
    this.watching.onHit.listen(hit => this.hits.push(hit));
    this.fromAdapter({
      type: "event",
      event: "stopped",
      body: { reason: "entry", threadId: 1, allThreadsStopped: true },
    });
    this.seen.length = 0;
  }

  async watch(more: Partial<WatchRequest> = {}): Promise<void> {
    await this.watching.set([
      { id: "w", what: "table", ranges: [{ start: TABLE, end: TABLE + TABLE_BYTES }], ...more },
    ]);
    this.asked.length = 0;
  }

  /** A request of the window's. */
  async press(command: string, args: Message = {}): Promise<void> {
    await this.request(command, { threadId: 1, ...args });
    await this.rest();
  }

  /** Waits until nothing more comes of what was done. */
  async rest(): Promise<void> {
    for (let i = 0; i < 8; i += 1) {
      await new Promise(resolve => setTimeout(resolve, 1));
      await this.watching.quiet();
    }
  }

  /** The program stops for a reason of its own, whatever it is about. */
  halt(reason: string, thread: number): void {
    this.isRunning = false;
    this.fromAdapter({ type: "event", event: "stopped", body: { reason, threadId: thread, allThreadsStopped: true } });
  }

  get line(): number {
    return this.at + 1;
  }

  private request(command: string, args: Message): Promise<unknown> {
    this.seq += 1;
    const message: Message = { type: "request", seq: this.seq, command, arguments: args };
    this.watching.toAdapter(message, () => this.apply(this.reader.toAdapter({ ...message })));
    return new Promise((resolve, reject) =>
      setImmediate(() => {
        const { command: now } = message as { command: string };
        if (now !== "stackTrace" && now !== "threads") this.asked.push(now);
        if (this.faults.mute?.includes(now)) return;
        const answer: Message = { type: "response", request_seq: message.seq, success: true, command: now };
        answer.body = this.adapter(now, message.arguments as Message);
        answer.success = answer.body !== undefined;
        this.fromAdapter(answer);
        if (answer.success) resolve(answer.body);
        else reject(new Error("refused"));
      }),
    );
  }

  private adapter(command: string, args: Message): object | undefined {
    switch (command) {
      case "continue":
        this.isRunning = true;
        setImmediate(() => this.run());
        return {};
      case "next":
      case "stepIn":
        setImmediate(() => this.step());
        return {};
      case "pause":
        // A program that stands is not halted by it.
        if (this.isRunning) setImmediate(() => this.halt("pause", 1));
        return {};
      case "stackTrace": {
        const { function: name = "main" } = this.stores[this.at] ?? {};
        const source = { path: "/scene.c" };
        return {
          stackFrames: [
            { id: 1, name, line: this.line, source, thread: args.threadId },
            { id: 2, name: "caller", line: 1, source },
          ],
        };
      }
      default:
        return {};
    }
  }

  /** Runs to the next store that has to wait. */
  private run(): void {
    if (this.pendingSignal !== undefined) {
      this.stopBySignal();
      return;
    }
    for (; this.isRunning && this.at < this.stores.length; this.at += 1) {
      const store = this.stores[this.at] as Store;
      if (this.isWatched(store)) {
        this.meet(store);
        return;
      }
    }
    if (this.isRunning) this.fromAdapter({ type: "event", event: "exited", body: { exitCode: 0 } });
  }

  private meet(store: Store): void {
    if (!this.waiting) {
      this.lastId += 1;
      const address = TABLE + store.offset;
      this.waiting = {
        ...{
          id: this.lastId,
          address,
          threadId: store.thread,
          by: "store",
          waits: true,
          range: 0,
          start: address - (address % 8),
        },
        before: this.bytes.slice(Math.max(0, store.offset - (store.offset % 8)), store.offset - (store.offset % 8) + 8),
      };
    }
    if (store.offset >= 0) this.engineHits.fire(this.waiting);
    else this.engineMisses.fire({ id: this.waiting.id, address: this.waiting.address, threadId: store.thread });
  }

  /** One instruction: the store, where its page is open. */
  private step(): void {
    const store = this.stores[this.at];
    if (store && this.isWatched(store) && this.opened === undefined) {
      this.isRunning = true;
      this.meet(store);
      return;
    }
    if (store) this.done(store);
    this.halt("step", store?.thread ?? 1);
  }

  private done({ offset, value }: Store): void {
    this.bytes[offset] = value;
    this.at += 1;
    this.waiting = undefined;
  }

  private isWatched({ offset }: Store): boolean {
    return offset < TABLE_BYTES;
  }

  private stopBySignal(): void {
    const thread = this.pendingSignal ?? 1;
    this.pendingSignal = undefined;
    this.halt("SIGHALT", thread);
  }

  private tracker(): TrackerHandle {
    const watches = {
      attach: async () => {},
      set: async () => ({
        ...{ parts: [{ start: TABLE, end: TABLE + TABLE_BYTES, range: 0, way: "stop" }], warnings: [] },
        ...{ pages: 1, edgePages: 0, exact: true, microseconds: 1 },
      }),
      onHit: (listener: (hit: WatchHit) => void) => this.engineHits.listen(listener),
      onMiss: (listener: (miss: WatchMiss) => void) => this.engineMisses.listen(listener),
      onHurry: () => ({ dispose: () => {} }),
      pass: async (id: number) => {
        this.passed.push(id);
        if (this.waiting?.id !== id) return;
        this.done(this.stores[this.at] as Store);
        if (this.isRunning) this.run();
      },
      open: async (id: number) => {
        this.opened = id;
      },
      shut: async () => {
        this.opened = undefined;
      },
      suspend: async () => {},
      resume: async () => {},
      close: async () => {},
    };
    const status = {
      ...{ process: "Name:\tscene\nState:\tt\nTracerPid:\t7\n", own: "", tracedFromHere: true, userfaultfds: [] },
    };
    return {
      ...{ pid: 1, watches },
      status: async () => status,
      interrupt: async (_pid: number, thread: number) => {
        if (this.faults.isDeaf) return true;
        this.pendingSignal = thread;
        if (this.isRunning) setImmediate(() => this.stopBySignal());
        return true;
      },
      peek: async (_pid: number, address: number, count: number) =>
        this.bytes.slice(address - TABLE, address - TABLE + count),
    } as unknown as TrackerHandle;
  }

  private fromAdapter(message: Message): void {
    const then = this.watching.recognize(message);
    this.apply(this.reader.fromAdapter(message));
    then?.();
    const { event, body } = message as { event?: string; body?: { reason?: string; threadId?: number } };
    if (event === "stopped") this.seen.push(`${body?.reason} in ${body?.threadId}`);
  }

  private apply(events: ReturnType<MessageReader["fromAdapter"]>): void {
    for (const event of events) {
      const before = this.phase;
      this.phase = reduce(before, event);
      if (this.phase.runs !== before.runs || event.kind === "resuming") this.watching.onLetGo();
      if (this.phase.halts !== before.halts) this.watching.onHalt();
    }
  }
}

const debug: Debugger = {
  name: "scene",
  quirks: {
    harmless: new Set(),
    conditionsWrite: false,
    stopsPerThread: false,
    numbersThreadsAsSystem: true,
    answersAmongOutput: false,
    ofThisComputer: true,
    haltSignal: { number: 19, name: "SIGHALT" },
    continuesSteps: false,
  },
  recognizes: () => "yes",
  processId: async () => PID,
  systemCall: async () => 7,
  stepInstruction: stepByProtocol,
  exitCode: () => undefined,
};
