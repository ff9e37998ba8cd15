// The debug adapter of processes that no debugger holds, over a process that is a story.
import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ProcessHolder } from "../../../src/agent/holding.ts";
import { AttachSession } from "../../../src/attach/session.ts";
import { SYSTEM_CALL_REQUEST } from "../../../src/debuggers/attached/debugger.ts";
import type { ThreadRegisters, ThreadState } from "../../../src/kernel/kernel.ts";

const PID = 42;
const THREADS: readonly ThreadState[] = [
  {
    ...{ id: PID, name: "server", state: "t" },
    call: { kind: "system call", number: 232, args: [5, 0, 16, -1, 0, 0], pc: 0x1000, sp: 0 },
  },
  { id: 43, name: "worker", state: "R" },
];

/** A process that writes down what is done to it. */
class Story implements ProcessHolder {
  readonly done: string[] = [];
  die: (how: string) => void = () => {};
  readonly gone = new Promise<string>(resolve => {
    this.die = resolve;
  });
  list: readonly ThreadState[] = THREADS;
  refusal: string | undefined;
  private cut: (() => void) | undefined;

  async hold(pid: number): Promise<void> {
    if (this.refusal) throw new Error(this.refusal);
    this.done.push(`hold ${pid}`);
    this.cut?.();
  }

  async release(pid: number): Promise<void> {
    this.done.push(`release ${pid}`);
  }

  runFor(pid: number, milliseconds: number): Promise<void> {
    this.done.push(`run ${pid} for ${milliseconds}`);
    return new Promise(resolve => {
      this.cut = resolve;
    });
  }

  sliceIsOver(): void {
    this.cut?.();
  }

  async threads(): Promise<readonly ThreadState[]> {
    return this.list;
  }

  async systemCallIn(_pid: number, number: number): Promise<number> {
    return number + 1;
  }

  async registers(): Promise<readonly ThreadRegisters[]> {
    const words = BigUint64Array.from({ length: 27 }, (_, i) => BigInt(i));
    return [{ id: PID, registers: new Uint8Array(words.buffer) }];
  }

  async end(): Promise<void> {
    this.done.push("end");
  }
}

class Client {
  readonly story = new Story();
  readonly events: DebugProtocol.Event[] = [];
  private readonly adapter = new AttachSession(() => this.story);
  private readonly waiting = new Map<number, (response: DebugProtocol.Response) => void>();
  private sequence = 0;

  constructor() {
    this.adapter.onDidSendMessage(message => {
      if (message.type === "event") this.events.push(message as DebugProtocol.Event);
      else this.waiting.get((message as DebugProtocol.Response).request_seq)?.(message as DebugProtocol.Response);
    });
  }

  async ask(command: string, args: object = {}): Promise<DebugProtocol.Response> {
    this.sequence += 1;
    const answer = new Promise<DebugProtocol.Response>(resolve => this.waiting.set(this.sequence, resolve));
    this.adapter.handleMessage({ seq: this.sequence, type: "request", command, arguments: args } as never);
    const response = await answer;
    await new Promise(resolve => setImmediate(resolve));
    return response;
  }

  async attach(more: object = {}): Promise<void> {
    await this.ask("initialize");
    assert.equal((await this.ask("attach", { pid: PID, ...more })).message, undefined);
    await this.ask("configurationDone");
  }

  /** Events in short. */
  get told(): string[] {
    return this.events.map(({ event, body }) => (body?.reason ? `${event} ${body.reason}` : event));
  }

  dispose(): void {
    this.adapter.dispose();
  }
}

describe("The debug adapter of processes without a debugger", () => {
  let client: Client;

  beforeEach(() => {
    client = new Client();
  });

  afterEach(() => client.dispose());

  it("attaches to a process, which stands, and tells its number", async () => {
    await client.attach();
    assert.deepEqual(client.told, ["process", "initialized", "stopped entry"]);
    assert.equal(client.events[0]?.body.systemProcessId, PID);
    assert.deepEqual(client.story.done, [`hold ${PID}`]);
  });

  it("lets it run at once where it is not to stop", async () => {
    await client.attach({ stopOnAttach: false });
    assert.deepEqual(client.told, ["process", "initialized"]);
    await client.ask("pause", { threadId: PID });
    assert.deepEqual(client.told.slice(2), ["stopped pause"]);
    assert.deepEqual(client.story.done, [`hold ${PID}`, `release ${PID}`, `hold ${PID}`]);
  });

  it("tells the threads by name and state, and what each is about", async () => {
    await client.attach();
    const { threads } = (await client.ask("threads")).body;
    assert.deepEqual(threads, [
      { id: PID, name: "server: paused in epoll_wait" },
      { id: 43, name: "worker: running" },
    ]);
    const { stackFrames } = (await client.ask("stackTrace", { threadId: PID })).body;
    assert.deepEqual(
      stackFrames.map(({ name }: DebugProtocol.StackFrame) => name),
      ["epoll_wait(5, 0, 16, -1)"],
    );
    assert.match((await client.ask("stackTrace", { threadId: 7 })).message ?? "", /has ended/);
  });

  it("shows the registers of a thread that stands, as any debugger does", async () => {
    await client.attach();
    const [scope] = (await client.ask("scopes", { frameId: PID })).body.scopes;
    assert.equal(scope.presentationHint, "registers");
    const { variables } = (await client.ask("variables", { variablesReference: scope.variablesReference })).body;
    const values = new Map(variables.map(({ name, value }: DebugProtocol.Variable) => [name, value]));
    assert.deepEqual([values.get("r15"), values.get("rip"), values.get("rsp")], ["0x0", "0x10", "0x13"]);
    assert.deepEqual((await client.ask("variables", { variablesReference: 43 })).body.variables, []);
  });

  it("steps by a slice of time", async () => {
    await client.attach({ timeSlice: 25 });
    for (const command of ["next", "stepIn", "stepOut"]) {
      await client.ask(command, { threadId: PID });
      assert.equal(client.told.at(-1)?.startsWith("stopped"), true);
      const before = client.told.length;
      client.story.sliceIsOver();
      await new Promise(resolve => setImmediate(resolve));
      assert.deepEqual(client.told.slice(before), ["stopped step"]);
    }
    assert.equal(client.story.done.filter(what => what === `run ${PID} for 25`).length, 3);
  });

  it("tells one stop where a pause cuts a slice short", async () => {
    await client.attach();
    await client.ask("next", { threadId: PID });
    const before = client.told.length;
    await client.ask("pause", { threadId: PID });
    assert.deepEqual(client.told.slice(before), ["stopped step"]);
  });

  it("refuses steps while it runs, and steps by instructions always", async () => {
    await client.attach();
    assert.match(
      (await client.ask("next", { threadId: PID, granularity: "instruction" })).message ?? "",
      /slice of time/,
    );
    await client.ask("continue", { threadId: PID });
    assert.match((await client.ask("next", { threadId: PID })).message ?? "", /pause it first/);
  });

  it("makes calls in it", async () => {
    await client.attach();
    assert.deepEqual((await client.ask(SYSTEM_CALL_REQUEST, { number: 3, args: [1] })).body, { result: 4 });
  });

  it("lets it go when it is left", async () => {
    await client.attach();
    await client.ask("disconnect");
    assert.deepEqual(client.story.done.slice(1), [`release ${PID}`, "end"]);
  });

  it("ends when the process is gone, or who holds it", async () => {
    await client.attach();
    client.story.die("the agent ended");
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(client.told.at(-1), "terminated");
    assert.match(client.events.at(-2)?.body.output, /the agent ended; the process runs on/);
  });

  it("says why it can't attach", async () => {
    await client.ask("initialize");
    for (const [args, why] of [
      [{}, /"pid" is the number of a process.*names none/],
      [{ pid: "many" }, /has "many"/],
      [{ pid: 1, timeSlice: 0 }, /"timeSlice" takes milliseconds/],
      [{ pid: 1, stopOnAttach: 1 }, /"stopOnAttach" takes true or false/],
    ] as const) {
      assert.match((await client.ask("attach", args)).message ?? "", why);
    }
    client.story.refusal = "Another traces it.";
    assert.equal((await client.ask("attach", { pid: PID })).message, "Another traces it.");
    client.story.list = [];
    assert.match((await client.ask("attach", { pid: PID })).message ?? "", /No process has the number 42/);
    assert.match((await client.ask("threads")).message ?? "", /Nothing has been attached to/);
  });
});
