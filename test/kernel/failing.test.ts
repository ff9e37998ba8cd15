// A tracker whose kernel refuses half-way: nothing stays half armed, no page is lost, no descriptor stays open.
import assert from "node:assert/strict";
import { Errno } from "../../src/kernel/errno.ts";
import type { Kernel, Pagemap, ScanRequest, Userfaultfd } from "../../src/kernel/kernel.ts";
import { KernelError } from "../../src/kernel/kernel-error.ts";
import type { RegionVector } from "../../src/kernel/region-vector.ts";
import { Machine } from "../../src/kernel/simulated/machine.ts";
import { simulatedKernel } from "../../src/kernel/simulated/simulated-kernel.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import type { PageSet } from "../../src/memory/page-set.ts";
import { machineOf } from "../../src/simulation/machines.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { Tracker } from "../../src/tracker/tracker.ts";
import { SimulatedTarget } from "./simulated-target.ts";

const PAGE = PAGE_SIZE;

/** The simulated kernel with refusals of the test's choice in between. */
class RefusingKernel {
  readonly target = SimulatedTarget.start(new Machine());
  /** Handles of ours that are open. */
  open = 0;
  refuseWriteProtect: (start: number, end: number) => boolean = () => false;
  refuseRegister: (start: number, end: number) => boolean = () => false;
  refuseNegotiation = false;
  hasSwap = false;
  /** Which scans fail, after they have done all their work. */
  failScan: (request: ScanRequest) => boolean = () => false;
  readonly kernel: Kernel;

  constructor() {
    const inner = simulatedKernel(machineOf);
    this.kernel = {
      ...inner,
      hasSwap: () => this.hasSwap,
      openPagemap: pid => this.pagemap(inner.openPagemap(pid)),
      takeUserfaultfd: (pid, descriptor) => this.userfaultfd(inner.takeUserfaultfd(pid, descriptor)),
    };
  }

  async tracker(): Promise<Tracker> {
    return new Tracker(this.kernel, this.target.pid, await this.target.do("userfaultfd"), DEFAULT_ARM_OPTIONS);
  }

  private pagemap(inner: Pagemap): Pagemap {
    this.open += 1;
    const scan = (request: ScanRequest, into: RegionVector) => {
      const result = inner.scan(request, into);
      if (this.failScan(request)) throw new KernelError("ioctl PAGEMAP_SCAN", "the target", Errno.ENOMEM);
      return result;
    };
    return { ...inner, scan, scanAhead: async (request, into) => scan(request, into), close: () => this.close(inner) };
  }

  private userfaultfd(inner: Userfaultfd): Userfaultfd {
    this.open += 1;
    const refuse = (refused: boolean, call: string): void => {
      if (refused) throw new KernelError(`ioctl ${call}`, "the target", Errno.EAGAIN);
    };
    return {
      ...inner,
      negotiate: features => {
        refuse(this.refuseNegotiation, "UFFDIO_API");
        return inner.negotiate(features);
      },
      register: (start, end) => {
        refuse(this.refuseRegister(start, end), "UFFDIO_REGISTER");
        inner.register(start, end);
      },
      writeProtect: (start, end) => {
        refuse(this.refuseWriteProtect(start, end), "UFFDIO_WRITEPROTECT");
        inner.writeProtect(start, end);
      },
      close: () => this.close(inner),
    };
  }

  private close(inner: { close(): void }): void {
    this.open -= 1;
    inner.close();
  }
}

async function pause(): Promise<void> {}

describe("A tracker whose kernel refuses", () => {
  let refusing: RefusingKernel;

  beforeEach(() => {
    refusing = new RefusingKernel();
  });

  afterEach(() => refusing.target.kill());

  const pagesIn = (pages: PageSet, first: number, count: number): number[] =>
    [...pages.clip(first, first + count).pairs()].flatMap(([start, end]) =>
      Array.from({ length: end - start }, (_, i) => start + i - first),
    );

  for (const [when, early] of [
    ["while it arms", true],
    ["at a scan that finds new memory", false],
  ] as const) {
    it(`leaves memory unregistered that can't be protected, and tells nothing of it, ${when}`, async () => {
      const { target } = refusing;
      let memory = 0;
      refusing.refuseWriteProtect = (start, end) => start < pageOf(memory) + 16 && end > pageOf(memory);
      const tracker = await refusing.tracker();
      if (early) memory = await target.map(16 * PAGE, 0x200000000);
      await tracker.arm(pause);
      await tracker.scan();
      tracker.settle(false);
      if (!early) memory = await target.map(16 * PAGE, 0x200000000);
      for (let turn = 0; turn < 3; turn += 1) {
        await target.do("write", memory + turn * PAGE, 2 * PAGE, PAGE);
        assert.deepEqual(pagesIn((await tracker.scan()).written, pageOf(memory), 16), []);
        assert.deepEqual(pagesIn(tracker.settle(false).late, pageOf(memory), 16), []);
      }
      const { armed, notArmed } = tracker.layout();
      assert.equal(armed.filter(({ start }) => start === pageOf(memory)).length, 0);
      assert.match(JSON.stringify(notArmed.filter(({ start }) => start === pageOf(memory))), /EAGAIN/);
      tracker.close();
    });
  }

  it("tells pages at the next scan that were re-armed by one that failed", async () => {
    const { target } = refusing;
    const memory = await target.map(5000 * PAGE);
    const tracker = await refusing.tracker();
    await tracker.arm(pause);
    await tracker.scan();
    tracker.settle(false);
    // The scan that re-arms, its continuation behind 2,048 regions, the look for new memory after it: each fails in turn.
    for (const count of [1, 2, 3]) {
      await target.do("write", memory, 5000 * PAGE, 2 * PAGE);
      let calls = 0;
      refusing.failScan = ({ flags, returned }) => {
        if (flags === 0 && returned === 0) return false;
        calls += 1;
        return calls === count;
      };
      await assert.rejects(tracker.scan(), /ENOMEM/);
      refusing.failScan = () => false;
      const { written } = await tracker.scan();
      assert.equal(written.countIn(pageOf(memory), pageOf(memory) + 5000), 2500, `call ${count}`);
      tracker.settle(false);
      assert.equal((await tracker.scan()).written.countIn(pageOf(memory), pageOf(memory) + 5000), 0);
    }
    tracker.close();
  });

  it("tells pages of new memory whatever look of a settlement fails", async () => {
    const { target } = refusing;
    const tracker = await refusing.tracker();
    await tracker.arm(pause);
    let failures = 0;
    for (let look = 1; failures === look - 1; look += 1) {
      await tracker.scan();
      tracker.settle(false);
      const before = tracker.layout();
      const memory = await target.map(16 * PAGE, 0x200000000 + look * 0x100000, true);
      await target.do("write", memory, 3 * PAGE, PAGE);
      let calls = 0;
      refusing.failScan = () => {
        calls += 1;
        return calls === look;
      };
      try {
        // Without a scan before, so that it is the settlement that finds the memory.
        assert.deepEqual(pagesIn(tracker.settle(false).late, pageOf(memory), 16), [0, 1, 2]);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        failures += 1;
        refusing.failScan = () => false;
        assert.equal(tracker.layout(), before);
        assert.deepEqual(pagesIn((await tracker.scan()).written, pageOf(memory), 16), [0, 1, 2], `look ${look}`);
        tracker.settle(false);
      }
      refusing.failScan = () => false;
      await target.do("write", memory + 9 * PAGE, PAGE, PAGE);
      assert.deepEqual(pagesIn((await tracker.scan()).written, pageOf(memory), 16), [9]);
    }
    assert.ok(failures > 2);
    tracker.close();
  });

  it("takes no page for given back that may be in swap", async () => {
    const { target } = refusing;
    const memory = await target.do("mapfile", 8 * PAGE, 0, 3);
    await target.do("write", memory, 8 * PAGE, PAGE);
    const tracker = await refusing.tracker();
    await tracker.arm(pause);
    await target.do("discard", memory, 4 * PAGE);
    for (const [hasSwap, gone] of [
      [true, []],
      [false, []],
    ] as const) {
      refusing.hasSwap = hasSwap;
      await tracker.scan();
      assert.deepEqual(pagesIn(tracker.settle(false).discarded, pageOf(memory), 8), gone);
    }
    await target.do("discard", memory + 4 * PAGE, 2 * PAGE);
    await tracker.scan();
    assert.deepEqual(pagesIn(tracker.settle(false).discarded, pageOf(memory), 8), [4, 5]);
    tracker.close();
  });

  it("closes what it has opened where it can't begin", async () => {
    refusing.refuseNegotiation = true;
    await assert.rejects(refusing.tracker(), /UFFDIO_API/);
    assert.equal(refusing.open, 0);
    refusing.refuseNegotiation = false;
    refusing.failScan = () => true;
    await assert.rejects(refusing.tracker(), /PAGEMAP_SCAN/);
    assert.equal(refusing.open, 0);
    refusing.failScan = () => false;
    assert.throws(() => new Tracker(refusing.kernel, refusing.target.pid, 1000, DEFAULT_ARM_OPTIONS), /EBADF/);
    assert.equal(refusing.open, 0);
    (await refusing.tracker()).close();
    assert.equal(refusing.open, 0);
  });
});
