// Attaching through a debugger, called off or refused at any moment: the debuggee keeps no descriptor, and nobody waits.
import assert from "node:assert/strict";
import type { TrackerHandle } from "../../../src/agent/tracking.ts";
import { Cancelled } from "../../../src/common/deadline.ts";
import { cdtGdb } from "../../../src/debuggers/cdt-gdb/debugger.ts";
import type { CallContext, Debugger } from "../../../src/debuggers/debugger.ts";
import { gdbDap } from "../../../src/debuggers/gdb-dap/debugger.ts";
import { attachThroughDebugger } from "../../../src/debuggers/injection.ts";
import { unknownAdapter } from "../../../src/debuggers/unknown/debugger.ts";
import { SystemCall } from "../../../src/kernel/abi.ts";
import type { ProcessStatus } from "../../../src/kernel/kernel.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";

const HELD = "Name:\tx\nState:\tt (tracing stop)\nTracerPid:\t9\nSeccomp:\t0\nSeccomp_filters:\t0\n";
const STATUS: ProcessStatus = {
  process: HELD,
  own: HELD,
  executable: "/usr/bin/x",
  tracedFromHere: true,
  userfaultfds: [],
};
const NAMES = new Map<number, string>(Object.entries(SystemCall).map(([name, number]) => [number, name]));

/** A debuggee whose every answer waits until it is let go. */
class Model {
  /** The debugger whose facts hold. */
  debugger = gdbDap;
  configuration: object | undefined;
  /** Programs that the kernel was asked about. */
  readonly programs: (string | undefined)[] = [];
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
      quirks: this.debugger.quirks,
      systemCall: (_context: CallContext, number: number, args: readonly number[]) =>
        answer(
          `${NAMES.get(number)}(${number === SystemCall.close ? args.join() : ""})`,
          number === SystemCall.close ? 0 : 5,
        ),
    } as unknown as Debugger;
    const tracker = {
      status: (_pid: number, program?: string) => {
        this.programs.push(program);
        return answer("status", this.status);
      },
      attach: () => answer("attach", undefined),
    } as unknown as TrackerHandle;
    const { configuration, controller } = this;
    const context = {
      port: undefined,
      threadId: 1,
      signal: controller.signal,
      configuration,
    } as unknown as CallContext;
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
    const model = new Model(STATUS);
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
      const model = new Model(STATUS);
      const attached = model.attach();
      for (let i = 0; i < answers; i += 1) await model.answer();
      model.controller.abort();
      await assert.rejects(attached, Cancelled);
      for (const _ of WHOLE) await model.answer();
      assert.deepEqual(model.calls, calls);
    });
  }

  for (const [what, status] of Object.entries({
    "nobody debugs": { ...STATUS, process: HELD.replace("TracerPid:\t9", "TracerPid:\t0") },
    "a filter of its own restricts": { ...STATUS, process: HELD.replace("filters:\t0", "filters:\t1") },
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

  describe("where nobody knows the debugger", () => {
    const PROGRAM = { program: "/home/me/x" };
    const UNTRACED = { ...STATUS, process: HELD.replace("TracerPid:\t9", "TracerPid:\t0"), runsProgram: true };
    const modelOf = (status: ProcessStatus): Model => {
      const model = new Model(status);
      model.debugger = unknownAdapter;
      model.configuration = PROGRAM;
      return model;
    };

    it("makes the calls itself in a process that nobody traces, whether it stands or not", async () => {
      const model = modelOf({ ...UNTRACED, process: UNTRACED.process.replace(/State:\t./, "State:\tS") });
      const attached = model.attach();
      for (const _ of WHOLE) await model.answer();
      await attached;
      assert.deepEqual(model.calls, WHOLE);
    });

    it("calls nothing in a process that the debugger holds, and says what to do", async () => {
      const model = modelOf(STATUS);
      const refused = assert.rejects(
        model.attach(),
        /one system call in process 7 .* This debugger holds it \(as process 9\).*debug it with lldb-dap or gdb instead/,
      );
      await model.answer();
      await refused;
      assert.deepEqual(model.calls, ["status"]);
    });

    it("calls nothing in a process of the number that runs another program: the debuggee may be elsewhere", async () => {
      const model = modelOf({ ...UNTRACED, runsProgram: false, tracedFromHere: false });
      const refused = assert.rejects(model.attach(), /process 7, but that one runs .*, not \/home\/me\/x/);
      await model.answer();
      await refused;
      assert.deepEqual(model.calls, ["status"]);
    });
  });

  describe("where the program could have forged the process's number", () => {
    const PROGRAM = { program: "/home/me/x" };
    const STRANGE: ProcessStatus = { ...STATUS, runsProgram: false, tracedFromHere: false };

    for (const [what, status, configuration] of [
      ["another's process that runs another program", STRANGE, PROGRAM],
      ["another's process that was not to be attached to", { ...STRANGE, runsProgram: true }, { processId: "8" }],
    ] as const) {
      it(`calls nothing in ${what}, and tells what it seemed to be`, async () => {
        const model = new Model(status);
        model.debugger = cdtGdb;
        model.configuration = configuration;
        const refused = assert.rejects(model.attach(), /process 7, but .* may have printed this answer itself/);
        await model.answer();
        await refused;
        assert.deepEqual(model.calls, ["status"]);
      });
    }

    for (const [what, status, configuration, debug] of [
      ["runs the program", { ...STRANGE, runsProgram: true }, PROGRAM, cdtGdb],
      ["may run the program, which is a script", { ...STATUS, tracedFromHere: false }, PROGRAM, cdtGdb],
      [
        "runs another, but is held by a debugger that was started here",
        { ...STRANGE, tracedFromHere: true },
        PROGRAM,
        cdtGdb,
      ],
      ["was to be attached to, whatever it runs", STRANGE, { ...PROGRAM, processId: "7" }, cdtGdb],
      ["was attached to without a configuration", STRANGE, undefined, cdtGdb],
      ["runs another, but is told where the program can't write", STRANGE, PROGRAM, gdbDap],
    ] as const) {
      it(`takes the one that ${what}`, async () => {
        const model = new Model(status);
        model.debugger = debug;
        model.configuration = configuration;
        const attached = model.attach();
        for (const _ of WHOLE) await model.answer();
        await attached;
        assert.deepEqual(model.calls, WHOLE);
      });
    }

    for (const [configuration, program] of [
      [{ program: "/a/b" }, "/a/b"],
      [{ program: "b", cwd: "/a" }, "/a/b"],
      [{ program: "b" }, undefined],
      [{ program: 5, cwd: {} }, undefined],
      [{ program: `/${"a".repeat(5000)}` }, undefined],
    ] as const) {
      it(`asks about ${program ?? "no program"} with ${JSON.stringify(configuration).slice(0, 60)}`, async () => {
        const model = new Model(undefined);
        model.configuration = configuration;
        const refused = assert.rejects(model.attach());
        await model.answer();
        await refused;
        assert.deepEqual(model.programs, [program]);
      });
    }
  });
});
