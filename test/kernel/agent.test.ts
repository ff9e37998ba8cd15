// The agent: what it answers when things go wrong, and what is left behind when it dies.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { AgentGone } from "../../src/agent/tracking.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { KernelError } from "../../src/kernel/kernel-error.ts";
import { readMappings } from "../../src/kernel/linux/maps.ts";
import { explainKernelError } from "../../src/kernel/remedy.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { registeredPages } from "./registered.ts";
import { agentModule, TrackedTarget } from "./tracked.ts";

describe("The agent", () => {
  let tracked: ReturnType<typeof TrackedTarget.start>;

  beforeEach(() => {
    tracked = TrackedTarget.start();
  });

  afterEach(() => tracked.close());

  it("finds on this kernel all that tracking needs", async () => {
    const found = await tracked.agent.capabilities();
    assert.deepEqual(found.problems, []);
    assert.equal(found.categories & 0x7f, 0x7f);
  });

  it("disarms everything by dying: the program runs on, and can be armed again", async () => {
    const memory = await tracked.target.map(64 * PAGE_SIZE);
    await tracked.arm();
    assert.ok(registeredPages(tracked.target.pid) > 64);
    process.kill(tracked.tracker.pid ?? 0, "SIGKILL");
    assert.match(await tracked.tracker.gone, /SIGKILL/);
    await assert.rejects(tracked.tracker.scan(), AgentGone);
    assert.equal(registeredPages(tracked.target.pid), 0);
    await tracked.target.do("write", memory, 64 * PAGE_SIZE, PAGE_SIZE);

    const again = new AgentKeeper(agentModule, NO_LOG);
    try {
      const tracker = again.tracker();
      const descriptor = await tracked.target.do("userfaultfd");
      await tracker.attach(tracked.target.pid, descriptor, DEFAULT_ARM_OPTIONS);
      await tracked.target.do("close", descriptor);
      assert.ok((await tracker.arm()).pages > 64);
    } finally {
      again.dispose();
    }
  });

  it("tells the list of mappings as the kernel has it, though only what changed of it crosses", async () => {
    await tracked.arm();
    for (let round = 0; round < 3; round += 1) {
      const memory = await tracked.target.map(8 * PAGE_SIZE);
      await tracked.target.do("write", memory, PAGE_SIZE, PAGE_SIZE);
      const { settlement } = await tracked.step();
      assert.ok(settlement.layout, `round ${round}`);
      assert.deepEqual(settlement.layout.mappings, readMappings(tracked.target.pid));
      assert.ok(settlement.layout.armed.some(({ start, end }) => start <= pageOf(memory) && pageOf(memory) < end));
    }
  });

  it("says that a process has ended, and does not hang, when it ends while it is armed", async () => {
    const descriptor = await tracked.target.do("userfaultfd");
    await tracked.tracker.attach(tracked.target.pid, descriptor, DEFAULT_ARM_OPTIONS);
    const ended = once(tracked.target.process, "exit");
    tracked.target.kill();
    await ended;
    await assert.rejects(tracked.tracker.arm(), (error: unknown) => {
      assert.match(explainKernelError(error), /has ended/);
      return true;
    });
    await assert.rejects(tracked.tracker.scan(), /nothing is armed/);
  });

  it("refuses a process that is not there and a descriptor that is not open, naming the call", async () => {
    const tracker = tracked.agent.tracker();
    await assert.rejects(tracker.attach(2 ** 22 + 1, 3, DEFAULT_ARM_OPTIONS), (error: unknown) => {
      assert.ok(error instanceof KernelError);
      assert.match(explainKernelError(error), /open on \/proc\/\d+\/pagemap failed: ENOENT.*has ended/);
      return true;
    });
    await assert.rejects(tracker.attach(tracked.target.pid, 1000, DEFAULT_ARM_OPTIONS), (error: unknown) => {
      assert.ok(error instanceof KernelError);
      assert.deepEqual([error.call, error.code], ["pidfd_getfd", "EBADF"]);
      return true;
    });
  });

  it("lets no ordinary user near another user's process, and says as whom to try", async () => {
    assert.equal(process.getuid?.(), 0, "this test changes users, which takes root");
    const script = `
      const { openPagemap } = await import(${JSON.stringify(new URL("../../src/kernel/linux/pagemap.ts", import.meta.url).href)});
      const { explainKernelError } = await import(${JSON.stringify(new URL("../../src/kernel/remedy.ts", import.meta.url).href)});
      process.setgid(65534); process.setuid(65534);
      try { openPagemap(${tracked.target.pid}); console.log("opened"); } catch (error) { console.log(explainKernelError(error)); }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await once(child, "close");
    assert.match(said, /(EACCES|EPERM).*belongs to user 0, and you are user 65534.*as that user, or as root/);
  });

  it("takes a snapshot of a process without arming or changing anything in it", async () => {
    const memory = await tracked.target.map(8 * PAGE_SIZE);
    await tracked.target.do("write", memory, 2 * PAGE_SIZE, PAGE_SIZE);
    const { runs, categories, mappings } = await tracked.agent.snapshot(tracked.target.pid);
    assert.equal(runs.length, categories.length * 2);
    assert.ok(mappings.length > 5);
    assert.equal(registeredPages(tracked.target.pid), 0);
  });
});
