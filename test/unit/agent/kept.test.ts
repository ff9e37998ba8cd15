// What an agent in this process keeps of its sessions: nothing, once nobody else does.
import assert from "node:assert/strict";
import { LocalAgent } from "../../../src/agent/local.ts";
import type { TrackerHandle } from "../../../src/agent/tracking.ts";
import { DEBUGGEE_UFFD_FLAGS, MapFlag, Protection } from "../../../src/kernel/abi.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { kept } from "./collect.ts";

const machine = new Machine();
const program = machine.spawn();
const kernel = simulatedKernel(pid => (pid === program.pid ? machine : undefined));
const memory = program.mmap(
  0n,
  BigInt(8 * PAGE_SIZE),
  Protection.READ | Protection.WRITE,
  MapFlag.PRIVATE | MapFlag.ANONYMOUS,
  -1,
  0n,
);

async function armed(agent: LocalAgent): Promise<TrackerHandle> {
  const tracker = agent.tracker();
  const descriptor = program.userfaultfd(DEBUGGEE_UFFD_FLAGS);
  await tracker.attach(program.pid, descriptor, DEFAULT_ARM_OPTIONS);
  program.close(descriptor);
  await tracker.arm();
  return tracker;
}

async function endedSession(agent: LocalAgent): Promise<WeakRef<object>> {
  const tracker = await armed(agent);
  const session = { tracker, lost: "" };
  // As a session waits: what it waits for must not keep it.
  void tracker.gone.then(how => {
    session.lost = how;
  });
  await tracker.disarm();
  return new WeakRef(session);
}

describe("An agent in this process", () => {
  it("keeps no session that has ended, though it lives on itself", async () => {
    const agent = new LocalAgent(() => kernel);
    const sessions: WeakRef<object>[] = [];
    for (let i = 0; i < 50; i += 1) sessions.push(await endedSession(agent));
    assert.equal(await kept(sessions), 0);
    assert.ok(agent.tracker());
  });

  it("keeps no answer but what the next one needs", async () => {
    const agent = new LocalAgent(() => kernel);
    const tracker = await armed(agent);
    const answers: WeakRef<object>[] = [];
    for (let i = 0; i < 20; i += 1) {
      program.store(memory, Uint8Array.of(i));
      answers.push(new WeakRef(await tracker.scan()), new WeakRef(await tracker.settle(true)));
    }
    assert.equal(await kept(answers), 0);
    await tracker.disarm();
  });
});
