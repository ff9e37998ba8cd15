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

  it("are none after a cancellation before any step of attaching and arming, and while others had their turn", async () => {
    for (let i = 0; i < 3000; i += 1) map(0x100000000 + i * 6 * PAGE_SIZE);
    let cancelled = 0;
    for (let turns = 0; turns < 6; turns += 1) {
      const cancel = new AbortController();
      const attached = attach(cancel.signal);
      const armed = attached.then(() => tracker.arm(cancel.signal));
      void (async () => {
        for (let i = 0; i < turns; i += 1) await new Promise(resolve => setImmediate(resolve));
        cancel.abort();
      })();
      if (turns === 0) cancel.abort();
      // Arming may have come to its end before so many turns.
      const refusal = await armed.then(
        () => undefined,
        error => error,
      );
      if (refusal !== undefined) {
        assert.ok(refusal instanceof Cancelled, `after ${turns} turns: ${refusal}`);
        cancelled += 1;
      }
      if (refusal === undefined || turns === 0) await tracker.disarm();
      assert.equal(kernel.open(), 0, `after ${turns} turns`);
    }
    assert.ok(cancelled >= 2, `only ${cancelled} armings were cancelled`);
  });

  it("are none after a disarming that came while it was still arming", async () => {
    for (let i = 0; i < 3000; i += 1) map(0x100000000 + i * 6 * PAGE_SIZE);
    await attach();
    const arming = assert.rejects(tracker.arm(), Cancelled);
    await tracker.disarm();
    await arming;
    assert.equal(kernel.open(), 0);
  });
});
