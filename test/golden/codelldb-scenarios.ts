// For tests: what CodeLLDB is asked, and what must come of it: with the real adapter where one is named, and from conversations on file.
import assert from "node:assert/strict";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CallContext, Debugger } from "../../src/debuggers/debugger.ts";
import { localsOf } from "../../src/debuggers/locals.ts";
import { type Located, locate } from "../../src/debuggers/locate.ts";
import type { Adapter } from "../../src/trace/adapters.ts";
import type { DapClient } from "../../src/trace/dap-client.ts";
import { LaunchedProgram } from "../../src/trace/debuggee.ts";

export const PROGRAM = `#include <stdio.h>
#include <stdlib.h>
struct place { int x; long y; };
int numbers[4] = {1, 2, 3, 4};
char *text;
static int fill(int *into) {
  int here = 7;
  struct place point = {1, 2};
  register int quick = 3;
  into[2] = here + quick + point.x;
  return into[2];
}
int main(void) {
  int rain[4] = {0};
  text = malloc(100);
  fill(rain);
  puts("Launched process 1");
  for (volatile int i = 0; numbers[0]; i += 1) {}
  return 3;
}
`;

const SIZES = new Map([
  ["int", 4],
  ["int[4]", 16],
  ["place", 16],
]);

const GETPID = 39;
const CLOSE = 3;
const EBADF = 9;

export interface Scenario {
  /** Name of its file. */
  readonly name: string;
  readonly behaviour: string;
  /** Added to the launch configuration. */
  readonly configuration?: object;
  /** Whether the adapter has to be one without its Python. */
  readonly withoutPython?: boolean;
  /** Whether the program runs already. */
  readonly isRunning?: boolean;
  play(stage: Stage): Promise<void>;
}

export interface World {
  /** Where the program lies. */
  readonly folder: string;
  /** Of the process to attach to. */
  readonly pid: number;
  /** Sends a signal from outside. */
  signal(pid: number, name: NodeJS.Signals): void;
}

/** A program under CodeLLDB, the real one or a replayed one. */
export class Stage {
  readonly launched: LaunchedProgram;
  readonly debugger: Debugger;
  private readonly adapter: Adapter;
  private readonly world: World;
  private thread = 0;

  constructor(adapter: Adapter, world: World) {
    this.adapter = adapter;
    this.world = world;
    this.debugger = adapter.debugger;
    this.launched = new LaunchedProgram(adapter, 20_000);
  }

  signal(pid: number, name: NodeJS.Signals): void {
    this.world.signal(pid, name);
  }

  get client(): DapClient {
    return this.launched.client;
  }

  get context(): CallContext {
    return { port: this.client, threadId: this.thread };
  }

  async launch(location: string): Promise<void> {
    const program = `${this.world.folder}/program`;
    const output = "/dev/null";
    await this.launched.launch({ program, args: [], cwd: "/", input: output, output }, location);
    await this.stop();
  }

  /** Attaches to the process, which runs on. */
  async attach(): Promise<number> {
    const { client, world } = this;
    await client.request("initialize", { clientID: "writewatch", adapterID: this.adapter.debugType });
    const initialized = client.nextEvent(({ event }) => event === "initialized");
    const attached = client.request("attach", { pid: world.pid });
    await initialized;
    await client.request("configurationDone");
    await attached;
    return world.pid;
  }

  /** Waits for the next stop. @returns its reason. */
  async stop(): Promise<string> {
    const happening = await this.launched.next();
    assert.ok(happening.kind === "stopped", "the program stops");
    this.thread = happening.threadId;
    return happening.reason;
  }

  async go(command: "continue" | "next" | "stepIn"): Promise<void> {
    await this.client.request(command, { threadId: this.thread });
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    const body = await this.client.request("stackTrace", { threadId: this.thread, startFrame: 0, levels: 2 });
    return (body as DebugProtocol.StackTraceResponse["body"]).stackFrames;
  }

  locate(expression: string): Promise<Located> {
    return locate(this.client, this.thread, expression, undefined, this.debugger.asking);
  }
}

/** Arms nothing: the number of the process, a system call that is answered and one that is refused. */
async function callsWork({ debugger: lldb, context }: Stage): Promise<number> {
  const pid = await lldb.processId(context);
  assert.equal(await lldb.systemCall(context, GETPID, []), pid, "the program says its number as lldb's server does");
  assert.equal(await lldb.systemCall(context, CLOSE, [-1]), -EBADF);
  return pid;
}

async function objectsAreFound(stage: Stage): Promise<void> {
  const whole = await stage.locate("numbers");
  assert.equal(whole.size, 16);
  assert.deepEqual(await stage.locate("numbers[1]"), { address: whole.address + 4, size: 4 });
  assert.deepEqual(await stage.locate("/nat numbers[1]"), { address: whole.address + 4, size: 4 });
  assert.equal((await stage.locate("text")).size, 8);
}

const modes = ["simple", "python", "native"].map(
  (expressions, i): Scenario => ({
    name: `${expressions}-expressions`,
    behaviour: `works where expressions are "${expressions}", whatever the console takes and however values are shown`,
    configuration: {
      expressions,
      _adapterSettings: {
        consoleMode: ["commands", "evaluate", "split"][i],
        displayFormat: ["auto", "hex", "binary"][i],
        dereferencePointers: i > 0,
      },
    },
    play: async stage => {
      await stage.launch("main");
      await callsWork(stage);
      await objectsAreFound(stage);
    },
  }),
);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "launch",
    behaviour:
      "launches a program, runs calls in it, finds its objects and locals, steps, halts it, and tells its exit code",
    play: async stage => {
      const { debugger: lldb, launched } = stage;
      await stage.launch("main");
      const pid = await callsWork(stage);
      for (let line = 0; line < 2; line += 1) {
        await stage.go("next");
        await stage.stop();
      }
      await objectsAreFound(stage);
      // A pointer to char is shown as its string: it is the address that counts.
      assert.equal((await stage.locate("*text")).size, 1);
      await stage.go("stepIn");
      assert.equal(await stage.stop(), "step");
      for (let line = 0; line < 3; line += 1) {
        await stage.go("next");
        await stage.stop();
      }
      const frames = await stage.frames();
      const found: string[] = [];
      const sizeOf = (type: string): number | undefined => SIZES.get(type);
      for await (const locals of localsOf({ port: stage.client, frames, asking: lldb.asking, sizeOf })) {
        for (const { name, function: where, size, address } of locals) {
          found.push(`${name} of ${where}: ${size}`);
          assert.ok(address > 0x1000, `${name} of ${where} at ${address}`);
        }
      }
      const expected = ["into of fill: undefined", "here of fill: 4", "point of fill: 16", "rain of main: 16"];
      assert.deepEqual(found, expected, "all but the one in a register");
      await assert.rejects(stage.locate("quick"), /no address that the debugger tells.*not in memory/);
      const point = await stage.locate("point");
      assert.deepEqual(await stage.locate("point.y"), { address: point.address + 8, size: 8 });
      assert.deepEqual(await stage.locate("(&point)->y"), { address: point.address + 8, size: 8 });
      const [before] = frames;
      assert.equal(await lldb.stepInstruction(stage.context), undefined);
      assert.equal(await stage.stop(), "step");
      const [after] = await stage.frames();
      assert.notEqual(after?.instructionPointerReference, before?.instructionPointerReference);
      const runs = stage.client.nextEvent(({ event }) => event === "continued");
      await stage.go("continue");
      await runs;
      stage.signal(pid, "SIGSTOP");
      assert.equal(await stage.stop(), "exception");
      await callsWork(stage);
      const [frame] = await stage.frames();
      const args = { expression: "/nat numbers[0] = 0", frameId: frame?.id, context: "watch" };
      await stage.client.request("evaluate", args);
      await stage.go("continue");
      assert.deepEqual(await launched.next(), { kind: "ended", exitCode: 3 });
    },
  },
  ...modes,
  {
    name: "signal",
    behaviour: "tells the exit code as a shell does where a signal ended the program",
    play: async stage => {
      await stage.launch("main");
      const pid = await stage.debugger.processId(stage.context);
      stage.signal(pid, "SIGSEGV");
      await stage.go("continue");
      assert.equal(await stage.stop(), "exception");
      await stage.go("continue");
      assert.deepEqual(await stage.launched.next(), { kind: "ended", exitCode: 128 + 11 });
    },
  },
  {
    name: "attach",
    behaviour: "attaches to a process that runs, halts it by a signal, runs calls in it, and lets it go",
    isRunning: true,
    play: async stage => {
      const pid = await stage.attach();
      stage.signal(pid, "SIGSTOP");
      assert.equal(await stage.stop(), "exception");
      assert.equal(await callsWork(stage), pid);
      await objectsAreFound(stage);
      await stage.client.request("disconnect", { terminateDebuggee: false });
    },
  },
  {
    name: "refusals",
    behaviour: "says what an expression lacks that names no object in memory",
    play: async stage => {
      await stage.launch("main");
      await assert.rejects(stage.locate("nowhere"), /no address.*undeclared identifier/s);
      await assert.rejects(stage.locate("3"), /no address.*rvalue/);
      await assert.rejects(stage.locate("main()"), /no address/);
    },
  },
  {
    name: "short-strings",
    behaviour: "puts an answer together where lldb is set to cut strings off early",
    configuration: { initCommands: ["settings set target.max-string-summary-length 64"] },
    play: async stage => {
      await stage.launch("main");
      assert.ok((await stage.debugger.processId(stage.context)) > 1);
    },
  },
  {
    name: "without-python",
    behaviour: "says that CodeLLDB runs without its Python, and what to do",
    withoutPython: true,
    play: async stage => {
      await assert.rejects(stage.launch("main"), /without its Python.*lldb\.library/);
    },
  },
];
