// The agent's answers over a connection: whatever comes in, an error reply, never a crash; and what crosses is what was meant.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { LocalAgent } from "../../../src/agent/local.ts";
import * as Protocol from "../../../src/agent/protocol.ts";
import { serveAgent } from "../../../src/agent/service.ts";
import { answered, DeadlineError } from "../../../src/common/deadline.ts";
import { Emitter } from "../../../src/common/emitter.ts";
import { NO_LOG } from "../../../src/common/log.ts";
import { type Connection, connectOver, type Port } from "../../../src/common/post-message.ts";
import { ask, hear, Refusal, RequestType } from "../../../src/common/rpc.ts";
import { checked } from "../../../src/common/shape.ts";
import { DEBUGGEE_UFFD_FLAGS, MapFlag, Protection } from "../../../src/kernel/abi.ts";
import type { CapabilityReport } from "../../../src/kernel/capabilities.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import type { Process } from "../../../src/kernel/simulated/process.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { applyPatch } from "../../../src/tracker/layout-patch.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { EMPTY_LAYOUT, type Layout } from "../../../src/tracker/reports.ts";

/** Two ends of a line; what is posted at one is heard at the other a moment later, as a copy. */
function line(): [Port, Port] {
  const emitters = [new Emitter<unknown>(), new Emitter<unknown>()];
  const end = (mine: number): Port => ({
    post: message => {
      const copy = structuredClone(message);
      setImmediate(() => emitters[1 - mine].fire(copy));
    },
    listen: listener => emitters[mine].listen(listener),
  });
  return [end(0), end(1)];
}

describe("The agent's service", () => {
  let port: Port;
  let client: Connection;
  let service: Connection;
  let agent: LocalAgent;
  let program: Process;
  let ends: [Port, Port];

  beforeEach(() => {
    const machine = new Machine();
    program = machine.spawn();
    const kernel = simulatedKernel(pid => (pid === program.pid ? machine : undefined));
    agent = new LocalAgent(() => kernel);
    ends = line();
    [port] = ends;
    client = connectOver(port, NO_LOG);
    service = connectOver(ends[1], NO_LOG);
    serveAgent(service, agent, NO_LOG);
  });

  afterEach(() => {
    client.dispose();
    service.dispose();
  });

  const wait = { what: "the agent", milliseconds: 5000 };
  const send = (method: string, params: unknown): Promise<unknown> =>
    ask(client, new RequestType<unknown, unknown>(method), params, wait);

  const capabilities = async (): Promise<CapabilityReport> =>
    Protocol.CAPABILITIES.fromWire(await ask(client, Protocol.CAPABILITIES.type, {}, wait));

  it("refuses parameters that are not the request's, naming the first that is wrong, and goes on answering", async () => {
    const good = { pid: 1, descriptor: 3, options: DEFAULT_ARM_OPTIONS };
    for (const [method, params, why] of [
      ["attach", { ...good, pid: "1" }, /pid is not a whole number/],
      ["attach", { ...good, pid: -1 }, /pid is not a whole number/],
      ["attach", { ...good, descriptor: 0.5 }, /descriptor is not a whole number/],
      ["attach", { ...good, options: undefined }, /options is not an object/],
      ["attach", { ...good, options: { watch: null, sparsePages: 1 } }, /watch is not an array/],
      ["attach", { ...good, options: { watch: ["heap", "x"], sparsePages: 1 } }, /watch\[1\] is none of heap/],
      ["attach", { ...good, options: { watch: [], sparsePages: Number.NaN } }, /sparsePages is not a number/],
      ["attach", undefined, /is not an object/],
      ["attach", [1, 2], /is not an object/],
      ["settle", {}, /resident is neither true nor false/],
      ["snapshot", { pid: 2 ** 40 }, /pid is not a whole number/],
      ["names", { pid: 1, ranges: [0, 1], most: 1 }, /ranges is no Float64Array/],
      ["names", { pid: 1, ranges: Float64Array.of(), most: 0 }, /most is not a whole number/],
      ["no such request", {}, /Unhandled method/],
    ] as const)
      await assert.rejects(send(method, params), why, `${method} ${JSON.stringify(params)}`);
    assert.deepEqual((await capabilities()).problems, []);
  });

  it("drops what is no message at all, and goes on answering", async () => {
    for (const garbage of [null, 7, "x", [], {}, { jsonrpc: "2.0" }, { jsonrpc: "2.0", method: "$/cancelRequest" }])
      port.post(garbage);
    assert.deepEqual((await capabilities()).problems, []);
  });

  it("refuses with the kernel's own refusal, and with words where there is none", async () => {
    await assert.rejects(ask(client, Protocol.SNAPSHOT.type, { pid: 77 }, wait), (error: unknown) => {
      assert.ok(error instanceof Refusal);
      const { call, errno } = checked(Protocol.kernelErrorData, error.data);
      assert.deepEqual([call, errno], ["open", 3]);
      return true;
    });
    await assert.rejects(ask(client, Protocol.SCAN.type, {}, wait), /nothing is armed/);
  });

  it("answers what the other side expects, to each request", async () => {
    for (const request of [Protocol.CAPABILITIES, Protocol.SNAPSHOT] as const) {
      const answer = await send(request.type.method, { pid: program.pid });
      assert.doesNotThrow(() => request.fromWire(answer));
    }
  });

  it("tells the whole layout to one that has another than it was told last: the answer was lost", async () => {
    const map = (): void => {
      program.mmap(0n, 4096n, Protection.READ, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0n);
    };
    const settle = async (known: Layout): Promise<Layout> => {
      const settlement = await ask(client, Protocol.SETTLE.type, { resident: false, known: known.revision }, wait);
      const { patch } = Protocol.SETTLE.fromWire(settlement);
      return patch ? applyPatch(known, patch) : known;
    };
    const descriptor = program.userfaultfd(DEBUGGEE_UFFD_FLAGS);
    const options = DEFAULT_ARM_OPTIONS;
    await ask(client, Protocol.ATTACH.type, { pid: program.pid, descriptor, options }, wait);
    program.close(descriptor);
    const { layout: atFirst } = Protocol.ARM.fromWire(await ask(client, Protocol.ARM.type, {}, wait));
    map();
    const second = await settle(atFirst);
    assert.ok(second.revision > atFirst.revision);
    assert.deepEqual(await settle(atFirst), second, "nothing has changed since, but the answer was lost");
    map();
    const third = await settle(atFirst);
    assert.ok(third.revision > second.revision);
    assert.deepEqual(third, await settle(EMPTY_LAYOUT));
    assert.equal(await settle(third), third);
  });

  const idle = async (): Promise<void> => {
    for (let i = 0; i < 8; i += 1) await new Promise(resolve => setImmediate(resolve));
  };

  it("gives a sign of life each second while it works, and none while it does not", async () => {
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      let finish = (): void => {};
      agent.capabilities = () =>
        new Promise((_resolve, reject) => {
          finish = () => reject(new Error("enough"));
        });
      await idle();
      let signs = 0;
      hear(client, Protocol.ALIVE, Protocol.aliveShape, () => (signs += 1), NO_LOG);
      const asked = assert.rejects(send("capabilities", {}), /enough/);
      await idle();
      for (let second = 1; second <= 3; second += 1) {
        mock.timers.tick(1000);
        await idle();
        assert.equal(signs, second);
      }
      finish();
      await asked;
      mock.timers.tick(5000);
      await idle();
      assert.equal(signs, 3);
    } finally {
      mock.timers.reset();
    }
  });
});

describe("A wait with signs of life", () => {
  it("ends when there was none for its time, however long it has lasted by then", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const signs = new Emitter<void>();
      const refusals: unknown[] = [];
      void answered(new Promise<never>(() => {}), { what: "it", milliseconds: 100, signs }).catch(error => {
        refusals.push(error);
      });
      for (let i = 0; i < 10; i += 1) {
        mock.timers.tick(99);
        signs.fire();
      }
      await Promise.resolve();
      assert.equal(refusals.length, 0);
      mock.timers.tick(100);
      await new Promise(resolve => setImmediate(resolve));
      assert.ok(refusals[0] instanceof DeadlineError);
    } finally {
      mock.timers.reset();
    }
  });
});
