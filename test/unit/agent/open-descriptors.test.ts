// What a tracker has open: nothing once it is disarmed, and nothing after a refusal or a cancellation at any point on the way.
import assert from "node:assert/strict";
import { LocalAgent, type LocalTracker } from "../../../src/agent/local.ts";
import { Cancelled } from "../../../src/common/deadline.ts";
import { DEBUGGEE_UFFD_FLAGS, MapFlag, Protection } from "../../../src/kernel/abi.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import type { Process } from "../../../src/kernel/simulated/process.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { type CountedKernel, counted } from "./counted-kernel.ts";

/** Two descriptors: the program's pagemap and its userfaultfd. */
const ARMED = 2;

describe("Open descriptors", () => {
  let program: Process;
  let kernel: CountedKernel;
  let tracker: LocalTracker;

  beforeEach(() => {
    const machine = new Machine();
    program = machine.spawn();
    kernel = counted(simulatedKernel(pid => (pid === program.pid ? machine : undefined)));
    tracker = new LocalAgent(() => kernel.kernel).tracker();
    for (let i = 0; i < 3; i += 1) map(0x10000000 + i * 16 * PAGE_SIZE);
  });

  function map(address: number): void {
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
    program.mmap(BigInt(address), BigInt(4 * PAGE_SIZE), Protection.READ | Protection.WRITE, flags, -1, 0n);
    program.store(address, Uint8Array.of(1));
  }

  async function attach(signal?: AbortSignal): Promise<void> {
    const descriptor = program.userfaultfd(DEBUGGEE_UFFD_FLAGS);
    try {
      await tracker.attach(program.pid, descriptor, DEFAULT_ARM_OPTIONS, signal);
    } finally {
      program.close(descriptor);
    }
  }

  it("are two while memory is armed, and none once it is disarmed, however often", async () => {
    await attach();
    await tracker.arm();
    assert.equal(kernel.open(), ARMED);
    await tracker.disarm();
    assert.equal(kernel.open(), 0);
    await tracker.disarm();
    assert.equal(kernel.open(), 0);
  });

  it("are those of the last attaching alone", async () => {
    await attach();
    await attach();
    assert.equal(kernel.open(), ARMED);
    await tracker.disarm();
    assert.equal(kernel.open(), 0);
  });

  it("are none after the kernel has refused any one call of attaching and arming", async () => {
    await attach();
    await tracker.arm();
    await tracker.disarm();
    const calls = kernel.calls();
    assert.ok(calls > 10, `${calls} calls`);
    let refusals = 0;
    for (let call = 0; call < calls; call += 1) {
      kernel.refuse(call);
      let refused: unknown;
      await attach()
        .then(() => tracker.arm())
        .catch(error => {
          refused = error;
        });
      // A mapping that the kernel does not let us arm is listed, and the rest is armed.
      assert.equal(kernel.open(), refused ? 0 : ARMED, `call ${call}: ${refused}`);
      if (refused) refusals += 1;
      await tracker.disarm();
      assert.equal(kernel.open(), 0, `after disarming, call ${call}`);
    }
    assert.ok(refusals > 3, `${refusals} of ${calls} refusals failed the arming`);
  });

  it("are none after a cancellation before attaching, before arming, or at any of the kernel's calls that is heard of", async () => {
    for (let i = 0; i < 500; i += 1) map(0x100000000 + i * 6 * PAGE_SIZE);
    const begin = kernel.calls();
    await attach();
    const attaching = kernel.calls() - begin;
    await tracker.arm();
    await tracker.disarm();
    const calls = kernel.calls() - begin;
    let cancelled = 0;
    for (let call = 0; call < calls; call += call < 2 * attaching ? 1 : Math.ceil(calls / 20)) {
      const cancel = new AbortController();
      kernel.when(call, () => cancel.abort());
      const outcome = await attach(cancel.signal)
        .then(() => tracker.arm(cancel.signal))
        .catch((error: unknown) => error);
      if (outcome instanceof Cancelled) cancelled += 1;
      else assert.ok(!(outcome instanceof Error), String(outcome));
      // What was attached before the signal is closed by arming, or by whoever called it off.
      assert.equal(kernel.open(), outcome instanceof Cancelled ? 0 : ARMED, `call ${call}`);
      await tracker.disarm();
      assert.equal(kernel.open(), 0, `after disarming, call ${call}`);
    }
    assert.ok(cancelled >= attaching, `${cancelled} cancelled`);
  });

  it("are none after a disarming that came while it was still arming", async () => {
    await attach();
    const arming = tracker.arm().catch((error: unknown) => assert.ok(error instanceof Cancelled, String(error)));
    const disarming = tracker.disarm();
    await arming;
    await disarming;
    assert.equal(kernel.open(), 0);
    await assert.rejects(tracker.scan(), /nothing is armed/);
  });
});
