// The agent in this process, over the simulated kernel: the same answers as the one across a process's border.
import assert from "node:assert/strict";
import { LocalAgent } from "../../../src/agent/local.ts";
import { DEBUGGEE_UFFD_FLAGS, MapFlag, Protection } from "../../../src/kernel/abi.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import type { Process } from "../../../src/kernel/simulated/process.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { PAGE_SIZE, pageOf } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";

const PAGES = 64;

describe("The agent in this process", () => {
  let agent: LocalAgent;
  let program: Process;
  let memory: number;

  beforeEach(() => {
    const machine = new Machine();
    program = machine.spawn();
    const kernel = simulatedKernel(pid => (pid === program.pid ? machine : undefined));
    agent = new LocalAgent(() => kernel);
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
    memory = program.mmap(0n, BigInt(PAGES * PAGE_SIZE), Protection.READ | Protection.WRITE, flags, -1, 0n);
  });

  const write = (page: number): void => program.store(memory + page * PAGE_SIZE, Uint8Array.of(1));

  async function armed(): Promise<ReturnType<LocalAgent["tracker"]>> {
    const tracker = agent.tracker();
    const descriptor = program.userfaultfd(DEBUGGEE_UFFD_FLAGS);
    await tracker.attach(program.pid, descriptor, DEFAULT_ARM_OPTIONS);
    program.close(descriptor);
    const report = await tracker.arm();
    assert.equal(report.backend, "simulated");
    assert.ok(report.layout.armed.length > 0);
    return tracker;
  }

  const pagesIn = (pages: PageSet): number[] =>
    [...pages.clip(pageOf(memory), pageOf(memory) + PAGES).pairs()].flatMap(([start, end]) =>
      Array.from({ length: end - start }, (_, i) => start + i - pageOf(memory)),
    );

  it("tells each written page once, and a report stays what it was when the next one comes", async () => {
    const tracker = await armed();
    write(3);
    write(5);
    const first = await tracker.scan();
    write(7);
    const second = await tracker.scan();
    assert.deepEqual(pagesIn(first.written), [3, 5]);
    assert.deepEqual(pagesIn(second.written), [7]);
    assert.deepEqual(pagesIn((await tracker.scan()).written), []);
  });

  it("names addresses by their mappings, in as many pieces as are asked for", async () => {
    const tracker = agent.tracker();
    const end = memory + PAGES * PAGE_SIZE;
    const { named, problems } = await tracker.names(program.pid, Float64Array.of(memory + 8, end + 1, 0, 1, 5, 5), 2);
    assert.deepEqual(problems, []);
    assert.deepEqual(named[0][0], {
      start: memory + 8,
      end,
      name: { kind: "mapping", mapping: "", offset: 8 },
    });
    assert.deepEqual(named[0][1].start, end);
    assert.deepEqual(named[1], [{ start: 0, end: 1, name: { kind: "unmapped" } }]);
    assert.deepEqual(named[2], []);
    await assert.rejects(tracker.names(program.pid, Float64Array.of(2, 1), 1), /no range of addresses/);
  });

  it("settles with the mappings that came, and what is in memory on request", async () => {
    const tracker = await armed();
    await tracker.settle(false);
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
    const more = program.mmap(0x10000000n, BigInt(PAGE_SIZE), Protection.READ | Protection.WRITE, flags, -1, 0n);
    program.store(more, Uint8Array.of(1));
    await tracker.scan();
    const { created, resident } = await tracker.settle(true);
    assert.deepEqual(
      created.map(({ start }) => start),
      [pageOf(more)],
    );
    assert.ok(resident?.has(pageOf(more)));
  });

  it("disarms once and again, and is then asked in vain", async () => {
    const tracker = await armed();
    await tracker.disarm();
    await tracker.disarm();
    await assert.rejects(tracker.scan(), /nothing is armed/);
    write(1);
    const again = await armed();
    assert.deepEqual(pagesIn((await again.scan()).written), []);
  });

  it("leaves nothing armed when arming is cancelled", async () => {
    for (let i = 0; i < 4000; i += 1) {
      const at = BigInt(0x100000000 + i * 3 * PAGE_SIZE);
      const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
      program.mmap(at, BigInt(PAGE_SIZE), Protection.READ | Protection.WRITE, flags, -1, 0n);
    }
    const tracker = agent.tracker();
    await tracker.attach(program.pid, program.userfaultfd(DEBUGGEE_UFFD_FLAGS), DEFAULT_ARM_OPTIONS);
    const cancel = new AbortController();
    const arming = tracker.arm(cancel.signal);
    cancel.abort();
    await assert.rejects(arming, /cancelled/);
    await assert.rejects(tracker.scan(), /nothing is armed/);
  });

  it("refuses a process that is not there", async () => {
    await assert.rejects(agent.tracker().attach(1, 3, DEFAULT_ARM_OPTIONS), /process 1 failed: ESRCH/);
    await assert.rejects(agent.snapshot(1), /ESRCH/);
  });

  it("takes a snapshot without arming", async () => {
    write(2);
    const { runs, categories, mappings } = await agent.snapshot(program.pid);
    const populated = PageSet.from(Array.from(categories, (_, i) => [runs[i * 2], runs[i * 2 + 1]]));
    assert.deepEqual(pagesIn(populated), [2]);
    assert.ok(mappings.length > 1);
  });

  it("finds all that tracking needs", async () => assert.deepEqual((await agent.capabilities()).problems, []));
});
