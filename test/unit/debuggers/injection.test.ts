// Attaching through a debugger, called off or refused at any moment: the debuggee keeps no descriptor, and nobody waits.
import assert from "node:assert/strict";
import type { TrackerHandle } from "../../../src/agent/tracking.ts";
import { Cancelled } from "../../../src/common/deadline.ts";
import type { CallContext, Debugger } from "../../../src/debuggers/debugger.ts";
import { attachThroughDebugger } from "../../../src/debuggers/injection.ts";
import { SystemCall } from "../../../src/kernel/abi.ts";
import type { ProcessStatus } from "../../../src/kernel/kernel.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";

const HELD = "Name:\tx\nState:\tt (tracing stop)\nTracerPid:\t9\nSeccomp:\t0\nSeccomp_filters:\t0\n";
const NAMES = new Map<number, string>(Object.entries(SystemCall).map(([name, number]) => [number, name]));

/** A debuggee whose every answer waits until it is let go. */
class Model {
  readonly calls: string[] = [];
  readonly controller = new AbortController();
  private readonly held: (() => void)[] = [];
  private readonly status: ProcessStatus | undefined;

  constructor(status: ProcessStatus | undefined) {
    this.status = status;
  }

  attach(): Promise<void> {
    const answer = <T>(what: string, value: T): Promise<T> => {
      this.calls.push(what);
      return new Promise(resolve => this.held.push(() => resolve(value)));
    };
    const debug = {
      name: "model",
      quirks: { ofThisComputer: true, numbersThreadsAsSystem: false },
      systemCall: (_context: CallContext, number: number, args: readonly number[]) =>
        answer(
          `${NAMES.get(number)}(${number === SystemCall.close ? args.join() : ""})`,
          number === SystemCall.close ? 0 : 5,
        ),
    } as unknown as Debugger;
    const tracker = {
      status: () => answer("status", this.status),
      attach: () => answer("attach", undefined),
    } as unknown as TrackerHandle;
    const context = { port: undefined, threadId: 1, signal: this.controller.signal } as unknown as CallContext;
    return attachThroughDebugger({ debugger: debug, context, pid: 7 }, tracker, DEFAULT_ARM_OPTIONS);
  }

  /** Gives the answer that is waited for, if one is. */
  async answer(): Promise<void> {
    this.held.shift()?.();
    await new Promise(resolve => setImmediate(resolve));
  }
}

const WHOLE = ["status", "userfaultfd()", "attach", "close(5)"];

describe("Attaching through a debugger", () => {
  it("looks at the process, takes its userfaultfd, and closes the process's own", async () => {
    const model = new Model({ process: HELD, own: HELD });
    const attached = model.attach();
    for (const _ of WHOLE) await model.answer();
    await attached;
    assert.deepEqual(model.calls, WHOLE);
  });

  for (const [answers, calls] of [
    [0, ["status"]],
    [1, ["status", "userfaultfd()", "close(5)"]],
    [2, WHOLE],
    [3, WHOLE],
  ] as const) {
    it(`can be called off at once while '${WHOLE[answers]}' is not answered, and leaves no descriptor`, async () => {
      const model = new Model({ process: HELD, own: HELD });
      const attached = model.attach();
      for (let i = 0; i < answers; i += 1) await model.answer();
      model.controller.abort();
      await assert.rejects(attached, Cancelled);
      for (const _ of WHOLE) await model.answer();
      assert.deepEqual(model.calls, calls);
    });
  }

  for (const [what, status] of Object.entries({
    "nobody debugs": { process: HELD.replace("TracerPid:\t9", "TracerPid:\t0"), own: HELD },
    "a filter of its own restricts": { process: HELD.replace("filters:\t0", "filters:\t1"), own: HELD },
    "is not there": undefined,
  })) {
    it(`calls nothing in a process that ${what}`, async () => {
      const model = new Model(status);
      const attached = model.attach();
      const refused = assert.rejects(attached, /process 7/);
      await model.answer();
      await refused;
      assert.deepEqual(model.calls, ["status"]);
    });
  }
});
