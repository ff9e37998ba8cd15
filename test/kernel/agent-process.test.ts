// The agent's processes: one a tracker, none before it is needed, none that hangs, none that outlives its tracker.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import type { RemoteTracker } from "../../src/agent/remote-tracker.ts";
import { AgentGone } from "../../src/agent/tracking.ts";
import { Cancelled } from "../../src/common/deadline.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { kept } from "../unit/agent/collect.ts";
import { registeredPages } from "./registered.ts";
import { Target } from "./target.ts";
import { agentModule } from "./tracked.ts";

/** Milliseconds: enough for an agent that works, on a machine under load. */
const PATIENCE = 5000;

const isRunning = (pid: number | undefined): boolean => existsSync(`/proc/${pid}`);

describe("The agent's processes", () => {
  let keeper: AgentKeeper;
  let target: Target;

  beforeEach(() => {
    keeper = new AgentKeeper(agentModule, NO_LOG, PATIENCE);
    target = Target.start();
  });

  afterEach(async () => {
    const running = keeper.processes;
    keeper.dispose();
    await Promise.all(running.map(({ gone }) => gone));
    target.kill();
  });

  async function attached(program = target): Promise<RemoteTracker> {
    const tracker = keeper.tracker();
    const descriptor = await program.do("userfaultfd");
    await tracker.attach(program.pid, descriptor, DEFAULT_ARM_OPTIONS);
    await program.do("close", descriptor);
    return tracker;
  }

  async function armed(program = target): Promise<RemoteTracker> {
    const tracker = await attached(program);
    await tracker.arm();
    return tracker;
  }

  /** Memory that takes long to arm: each mapping is one more call. */
  async function muchMemory(): Promise<void> {
    for (let i = 0; i < 2000; i += 1) await target.map(PAGE_SIZE, 0x100000000 + i * 3 * PAGE_SIZE);
    for (let i = 0; i < 4; i += 1) await target.map(2 ** 30);
  }

  it("are none before somebody asks, and one for each tracker, which ends with it", async () => {
    assert.equal(keeper.missingAtFirstSight(), undefined);
    assert.equal(keeper.processes.length, 0);
    const tracker = await armed();
    assert.deepEqual(
      keeper.processes.map(({ pid }) => pid),
      [tracker.pid],
    );
    await tracker.disarm();
    assert.equal(isRunning(tracker.pid), false);
    assert.equal(registeredPages(target.pid), 0);
    assert.equal(keeper.processes.length, 0);
    await tracker.disarm();
    assert.match(await tracker.gone, /ended with its tracking/);
    await assert.rejects(tracker.scan(), AgentGone);
  });

  it("are asked once what the kernel offers, and the one that told it serves the next tracker, or ends", async () => {
    assert.deepEqual((await keeper.capabilities()).problems, []);
    const [{ pid }] = keeper.processes;
    const tracker = keeper.tracker();
    assert.equal(tracker.pid, pid);
    assert.equal(keeper.processes.length, 1);
    assert.notEqual(keeper.tracker().pid, pid);
    await keeper.capabilities();
    assert.equal(keeper.processes.length, 2);

    const unused = new AgentKeeper(agentModule, NO_LOG);
    await unused.capabilities();
    await unused.processes[0].gone;
    assert.equal(unused.processes.length, 0);
  });

  it("end with a look at another process", async () => {
    await keeper.snapshot(target.pid);
    await keeper.processes[0]?.gone;
    assert.equal(keeper.processes.length, 0);
  });

  it("keep no session waiting for another's: one that hangs is the trouble of its own session alone", async () => {
    const other = Target.start();
    try {
      const [hanging, working] = [await armed(), await armed(other)];
      process.kill(hanging.pid ?? 0, "SIGSTOP");
      let answered = false;
      const asked = hanging.scan().finally(() => {
        answered = true;
      });
      const memory = await other.map(4 * PAGE_SIZE);
      await other.do("write", memory, PAGE_SIZE, PAGE_SIZE);
      assert.ok((await working.scan()).written.has(memory / PAGE_SIZE));
      assert.ok(!answered && isRunning(hanging.pid), "the hanging agent was given up before the other answered");
      await hanging.disarm();
      await assert.rejects(asked, AgentGone);
    } finally {
      other.kill();
    }
  });

  it("are killed when they do not answer, which disarms everything, and the error says so", async () => {
    const tracker = await armed();
    process.kill(tracker.pid ?? 0, "SIGSTOP");
    const words = /^the agent \(process \d+\), asked to scan, has not answered for 5 s and was killed$/;
    await assert.rejects(tracker.scan(), (error: unknown) => {
      assert.ok(error instanceof AgentGone);
      assert.match(error.message, words);
      return true;
    });
    assert.match(await tracker.gone, words);
    assert.equal(registeredPages(target.pid), 0);
    assert.equal(isRunning(tracker.pid), false);
  });

  it("are ended by disarming though they are stopped, and whatever they were asked meanwhile is refused", async () => {
    const tracker = await armed();
    process.kill(tracker.pid ?? 0, "SIGSTOP");
    const asked = assert.rejects(tracker.scan(), AgentGone);
    await tracker.disarm();
    await asked;
    assert.equal(registeredPages(target.pid), 0);
  });

  it("leave nothing armed and do not outlive a cancellation, at any moment of attaching and arming", async () => {
    await muchMemory();
    let cancelled = 0;
    for (let delay = 0; delay < 12; delay += 1) {
      const descriptor = await target.do("userfaultfd");
      const tracker = keeper.tracker();
      const cancel = new AbortController();
      const whenToCancel = delay % 3;
      if (whenToCancel === 0) cancel.abort();
      const attaching = tracker.attach(target.pid, descriptor, DEFAULT_ARM_OPTIONS, cancel.signal);
      if (whenToCancel === 1) setTimeout(() => cancel.abort(), delay * 8);
      const arming = attaching.then(() => {
        if (whenToCancel === 2) setTimeout(() => cancel.abort(), delay * 2);
        return tracker.arm(cancel.signal);
      });
      const outcome = await arming.then(
        () => "armed",
        (error: unknown) => error,
      );
      if (outcome === "armed") {
        // The signal came too late.
        await tracker.disarm();
      } else {
        assert.ok(outcome instanceof Cancelled, String(outcome));
        cancelled += 1;
      }
      assert.equal(isRunning(tracker.pid), false);
      await target.do("close", descriptor);
      assert.equal(registeredPages(target.pid), 0);
    }
    // Those called off before they began; of the others the signal may come too late.
    assert.ok(cancelled >= 4, `${cancelled} of 12 were cancelled`);
  });

  it("are cancelled though they are stopped", async () => {
    const tracker = await attached();
    process.kill(tracker.pid ?? 0, "SIGSTOP");
    const cancel = new AbortController();
    const arming = assert.rejects(tracker.arm(cancel.signal), Cancelled);
    cancel.abort();
    await arming;
    assert.equal(isRunning(tracker.pid), false);
  });

  it("are ended when they answer nonsense", async () => {
    const nonsense = new AgentKeeper(fileURLToPath(new URL("nonsense-agent.ts", import.meta.url)), NO_LOG, PATIENCE);
    const tracker = nonsense.tracker();
    await assert.rejects(tracker.scan(), /gave no answer \(the message\.written is not an object\) and was killed/);
    assert.equal(isRunning(tracker.pid), false);
    const damaged = nonsense.tracker();
    await assert.rejects(damaged.settle(true), /gave no answer \(.*set of pages arrived damaged.*\) and was killed/);
    assert.equal(isRunning(damaged.pid), false);
  });

  it("are told of when there is no agent to start", async () => {
    const none = new AgentKeeper("/no/such/agent.ts", NO_LOG, PATIENCE);
    await assert.rejects(none.capabilities(), /the agent ended \(exit code 1\).*Cannot find module/s);
    assert.match((await none.missing()) ?? "", /can't be watched here: the agent ended/);
  });

  it("leave nothing behind in the process that asked: neither trackers nor answers", async () => {
    const endedSession = async (): Promise<WeakRef<object>[]> => {
      const tracker = await armed();
      const session = { tracker, lost: "" };
      void tracker.gone.then(how => {
        session.lost = how;
      });
      const answers = [new WeakRef<object>(await tracker.scan()), new WeakRef<object>(await tracker.settle(true))];
      await tracker.disarm();
      return [...answers, new WeakRef(tracker), new WeakRef(session)];
    };
    const ended: WeakRef<object>[] = [];
    for (let i = 0; i < 3; i += 1) ended.push(...(await endedSession()));
    assert.equal(await kept(ended), 0);

    const tracker = await armed();
    const answersOf = async (): Promise<WeakRef<object>[]> => [
      new WeakRef(await tracker.scan()),
      new WeakRef(await tracker.settle(true)),
    ];
    const answers: WeakRef<object>[] = [];
    for (let i = 0; i < 10; i += 1) answers.push(...(await answersOf()));
    assert.equal(await kept(answers), 0);
    assert.ok(isRunning(tracker.pid));
  });
});
