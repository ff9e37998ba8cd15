// Processes that nobody traces stand while we look at them, and notice nothing of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessHolder } from "../../src/agent/holding.ts";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { SystemCall } from "../../src/kernel/abi.ts";
import { agentModule } from "./tracked.ts";
import { type Outcome, Waiting } from "./waiting.ts";

const ok = (result: number, more = 0): Outcome => ({ result, errno: 0, early: false, more });

describe("A process that is held", () => {
  const keeper = new AgentKeeper(agentModule, NO_LOG);
  let holder: ProcessHolder;
  let waiting: Waiting;

  before(() => {
    holder = keeper.holder();
  });

  after(() => keeper.dispose());

  afterEach(() => waiting.end());

  const states = async (): Promise<string> => (await holder.threads(waiting.pid)).map(({ state }) => state).join("");
  const clock = (): string => readFileSync(`/proc/${waiting.pid}/stat`, "latin1").split(" ").slice(13, 15).join();

  it("stands with all its threads, has calls made in it, and fails in none of its own", async () => {
    waiting = await Waiting.start("threads");
    for (let i = 0; i < 20; i += 1) {
      await holder.hold(waiting.pid);
      assert.equal(await states(), "t".repeat(21));
      const before = clock();
      assert.equal(await holder.systemCallIn(waiting.pid, SystemCall.getpid, []), waiting.pid);
      assert.equal(clock(), before);
      assert.equal(await states(), "t".repeat(21));
      await holder.release(waiting.pid);
      assert.match(await states(), /^[RSD]+$/);
    }
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  for (const mode of ["epoll", "read", "wait4"]) {
    it(`is in its ${mode} again afterwards`, async () => {
      waiting = await Waiting.start(mode);
      for (let i = 0; i < 5; i += 1) {
        await holder.hold(waiting.pid);
        await holder.systemCallIn(waiting.pid, SystemCall.getpid, []);
        await holder.runFor(waiting.pid, 5);
        assert.equal(await states(), "t");
        await holder.release(waiting.pid);
      }
      assert.equal(waiting.isOver, false);
      waiting.feed();
      assert.deepEqual(await waiting.outcome, ok(mode === "wait4" ? 7 : 1));
    });
  }

  it("runs for a slice of time, which a hold cuts short", async () => {
    waiting = await Waiting.start("loop");
    await holder.hold(waiting.pid);
    await holder.runFor(waiting.pid, 20);
    assert.equal(await states(), "t");
    const slice = holder.runFor(waiting.pid, 3_000_000);
    await holder.hold(waiting.pid);
    await slice;
    assert.equal(await states(), "t");
    await holder.release(waiting.pid);
    waiting.signal("SIGTERM");
    assert.deepEqual(await waiting.outcome, ok(0));
  });

  it("stays stopped afterwards where a signal had stopped it", async () => {
    waiting = await Waiting.start("read");
    waiting.signal("SIGSTOP");
    while ((await states()) !== "T") await sleep(1);
    await holder.hold(waiting.pid);
    await holder.release(waiting.pid);
    while ((await states()) !== "T") await sleep(1);
    waiting.feed();
    waiting.signal("SIGCONT");
    assert.deepEqual(await waiting.outcome, ok(1));
  });

  it("goes on when its holder is killed, in a call that would have failed", async () => {
    waiting = await Waiting.start("epoll");
    const mortal = keeper.holder();
    await mortal.hold(waiting.pid);
    await mortal.end();
    while ((await states()) !== "S") await sleep(1);
    assert.equal(waiting.isOver, false);
    waiting.feed();
    assert.deepEqual(await waiting.outcome, ok(1));
  });

  it("can be killed, and is gone then", async () => {
    waiting = await Waiting.start("threads");
    await holder.hold(waiting.pid);
    waiting.end();
    await waiting.outcome;
    while ((await holder.threads(waiting.pid)).length > 0) await sleep(5);
    await assert.rejects(holder.hold(waiting.pid), /ESRCH|has ended/);
  });
});
