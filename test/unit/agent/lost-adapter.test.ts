// An adapter that dies, or an arming that is called off, at any message on the way: the agent keeps no descriptor.
import assert from "node:assert/strict";
import { LocalAgent } from "../../../src/agent/local.ts";
import { type AdapterPort, DapError } from "../../../src/debuggers/adapter-port.ts";
import { SIMULATED, simulated } from "../../../src/debuggers/simulated/debugger.ts";
import { SystemCall } from "../../../src/kernel/abi.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { type Armed, armProgram } from "../../../src/session/arming.ts";
import { BEGINNING } from "../../../src/session/phase.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { type CountedKernel, counted } from "./counted-kernel.ts";

/** Two descriptors: the program's pagemap and its userfaultfd. */
const ARMED = 2;

interface Trouble {
  /** Before the adapter answers this message, counted from 0. */
  atMessage?(message: number): void;
  /** When the session asks this often whether it still makes sense. */
  atCheck?(check: number): void;
}

class Program {
  readonly counted: CountedKernel;
  messages = 0;
  checks = 0;
  private readonly controller = new AbortController();
  private readonly machine = new Machine();
  private readonly process = this.machine.spawn();

  constructor() {
    this.counted = counted(simulatedKernel(pid => (pid === this.process.pid ? this.machine : undefined)));
  }

  callOff(): void {
    this.controller.abort();
  }

  arm({ atMessage, atCheck }: Trouble = {}): Promise<Armed> {
    const port: AdapterPort = {
      debugType: SIMULATED,
      request: async (command, args) => {
        atMessage?.(this.messages);
        this.messages += 1;
        await Promise.resolve();
        return command === "evaluate" ? { result: String(this.call(args as { expression: string })) } : FRAMES;
      },
      onEvent: () => ({ dispose: () => {} }),
    };
    const agent = new LocalAgent(() => this.counted.kernel);
    return armProgram({
      port,
      recognition: { debugger: simulated },
      phase: { ...BEGINNING, program: "stopped", threadId: 1, pid: this.process.pid },
      options: DEFAULT_ARM_OPTIONS,
      signal: this.controller.signal,
      agent: () => agent,
      check: () => {
        atCheck?.(this.checks);
        this.checks += 1;
      },
      injecting: () => {},
      owes: () => {},
    });
  }

  private call({ expression }: { expression: string }): number {
    const [number, first] = expression.match(/\d+/g)?.map(Number) ?? [];
    if (number === SystemCall.userfaultfd) return this.process.userfaultfd(first);
    if (number === SystemCall.close) this.process.close(first);
    return 0;
  }
}

const FRAMES = { stackFrames: [{ id: 1, name: "main", line: 1, column: 1 }], totalFrames: 1 };

/** Everything that promises can do by themselves is done, also behind an arming that was called off. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise(resolve => setImmediate(resolve));
}

describe("An arming that fails on the way", () => {
  const whole = { messages: 0, checks: 0 };

  before(async () => {
    const program = new Program();
    const { tracker } = await program.arm();
    assert.equal(program.counted.open(), ARMED);
    await tracker.disarm();
    assert.equal(program.counted.open(), 0);
    Object.assign(whole, { messages: program.messages, checks: program.checks });
    assert.ok(whole.messages >= 4 && whole.checks >= 3, JSON.stringify(whole));
  });

  it("leaves nothing open where the adapter is gone from any message on", async () => {
    for (let lost = 0; lost < whole.messages; lost += 1) {
      const program = new Program();
      const atMessage = (message: number): void => {
        if (message >= lost) throw new DapError("evaluate", "the connection ended");
      };
      await assert.rejects(program.arm({ atMessage }), DapError, `message ${lost}`);
      await settled();
      assert.equal(program.counted.open(), 0, `message ${lost}`);
    }
  });

  it("leaves nothing open where it is called off at any message", async () => {
    for (let when = 0; when < whole.messages; when += 1) {
      const program = new Program();
      const atMessage = (message: number): void => {
        if (message === when) program.callOff();
      };
      await assert.rejects(program.arm({ atMessage }), /cancelled/, `message ${when}`);
      await settled();
      assert.equal(program.counted.open(), 0, `message ${when}`);
    }
  });

  it("leaves nothing open where it makes no sense any more after any wait", async () => {
    for (let when = 0; when < whole.checks; when += 1) {
      const program = new Program();
      const atCheck = (check: number): void => {
        if (check === when) throw new Error("the session has ended");
      };
      await assert.rejects(program.arm({ atCheck }), /has ended/, `check ${when}`);
      await settled();
      assert.equal(program.counted.open(), 0, `check ${when}`);
    }
  });

  it("leaves nothing open where the kernel refuses any of its calls", async () => {
    for (let refused = 0; refused < 12; refused += 1) {
      const program = new Program();
      program.counted.refuse(refused);
      const armed = await program.arm().catch(() => undefined);
      await settled();
      assert.equal(program.counted.open(), armed ? ARMED : 0, `call ${refused}`);
    }
  });
});
