// What the tracker must not tell and must not keep to itself: phantom writes, unlisted memory, pages given back.
import assert from "node:assert/strict";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { KERNELS, TrackedTarget } from "./tracked.ts";

const PAGE = PAGE_SIZE;
const READ = 1;
const READ_WRITE = 3;
const READ_EXECUTE = 5;
const ALL = 7;

for (const kernel of KERNELS) {
  describe(`What a tracker tells on the ${kernel} kernel`, () => {
    let tracked: TrackedTarget;

    beforeEach(() => {
      tracked = TrackedTarget.on(kernel);
    });

    afterEach(() => tracked.close());

    it("is no write in memory that was refused and is armed later, but what is written there from then on", async () => {
      const { target } = tracked;
      const memory = await target.do("mapwatched", 64 * PAGE);
      await target.do("write", memory, 64 * PAGE, PAGE);
      await tracked.arm();
      assert.match(JSON.stringify(tracked.armed?.notArmed), /another userfaultfd/);
      await target.do("write", memory, 4 * PAGE, PAGE);
      await tracked.step();
      await target.do("closewatch");
      assert.deepEqual(await tracked.writtenIn(memory, 64 * PAGE), []);
      await target.do("write", memory + 7 * PAGE, PAGE, PAGE);
      const { written, settlement } = await tracked.step();
      const first = pageOf(memory);
      assert.deepEqual([...written.clip(first, first + 64).pairs()], [[first + 7, first + 8]]);
      assert.equal(settlement.layout, undefined, "the layout had changed a step ago");
    });

    it("is every page written in a mapping whose file's name holds a carriage return", async () => {
      const { target } = tracked;
      const memory = await target.do("mapfile", 32 * PAGE, 0, READ_WRITE);
      await tracked.arm();
      await target.do("write", memory, 23 * PAGE, PAGE);
      assert.equal((await tracked.writtenIn(memory, 32 * PAGE)).length, 23);
    });

    it("is no page of a file that was only read where its mapping grew", async () => {
      const { target } = tracked;
      const memory = await target.do("mapfile", 32 * PAGE, 0, READ_WRITE);
      await target.do("unmap", memory + 8 * PAGE, 24 * PAGE);
      await tracked.arm();
      assert.equal(await target.do("grow", memory, 8 * PAGE, 32 * PAGE), memory);
      await target.do("read", memory + 8 * PAGE, 16 * PAGE, PAGE);
      await target.do("write", memory + 12 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 32 * PAGE), [12]);
    });

    it("is what was given back of a private file's pages, whose bytes are the file's again", async () => {
      const { target } = tracked;
      const memory = await target.do("mapfile", 8 * PAGE, 0, READ_WRITE);
      await target.do("write", memory, 6 * PAGE, PAGE);
      await tracked.arm();
      await target.do("discard", memory + 2 * PAGE, 3 * PAGE);
      await target.do("read", memory, 8 * PAGE, PAGE);
      await target.do("write", memory + 4 * PAGE, PAGE, PAGE);
      const first = pageOf(memory);
      const { written, settlement } = await tracked.step();
      assert.deepEqual([...settlement.discarded.clip(first, first + 8).pairs()], [[first + 2, first + 4]]);
      assert.deepEqual([...written.clip(first, first + 8).pairs()], [[first + 4, first + 5]]);
      assert.ok((await tracked.step()).settlement.discarded.clip(first, first + 8).isEmpty);
    });

    it("is no write where a private file's page was written, given back and read again within the step", async () => {
      const { target } = tracked;
      const memory = await target.do("mapfile", 8 * PAGE, 0, READ_WRITE);
      await tracked.arm();
      await target.do("write", memory, 6 * PAGE, PAGE);
      await target.do("discard", memory + 2 * PAGE, 3 * PAGE);
      await target.do("read", memory, 8 * PAGE, PAGE);
      await target.do("write", memory + 4 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 8 * PAGE), [0, 1, 4, 5]);
      assert.deepEqual(await tracked.writtenIn(memory, 8 * PAGE), []);
    });

    it("is what was given back of a sparse mapping", async () => {
      const { target } = tracked;
      const GIANT = 2 ** 34;
      const memory = await target.map(GIANT);
      await target.do("write", memory, 8 * PAGE, PAGE);
      await tracked.arm();
      await target.do("discard", memory + 2 * PAGE, 3 * PAGE);
      await target.do("read", memory + 2 * PAGE, PAGE, PAGE);
      const first = pageOf(memory);
      const { discarded } = (await tracked.step()).settlement;
      assert.deepEqual([...discarded.clip(first, first + 8).pairs()], [[first + 2, first + 5]]);
    });

    it("is text each time that the program patches it", async () => {
      const { target, tracker } = tracked;
      const memory = await target.do("mapfile", 16 * PAGE, 0, READ_EXECUTE);
      const patch = async (page: number): Promise<void> => {
        await target.do("protect", memory + page * PAGE, PAGE, ALL);
        await target.do("write", memory + page * PAGE, PAGE, PAGE);
        await target.do("protect", memory + page * PAGE, PAGE, READ_EXECUTE);
      };
      await patch(1);
      await tracked.arm();
      const first = pageOf(memory);
      for (const pages of [[1], [3], [3], [1, 3, 5], []]) {
        for (const page of pages) await patch(page);
        const { text, written } = await tracker.scan();
        const settlement = await tracker.settle(false);
        const told = [
          ...text
            .union(settlement.text)
            .clip(first, first + 16)
            .pairs(),
        ].map(([page]) => page - first);
        assert.deepEqual(told, pages);
        assert.ok(written.union(settlement.late).clip(first, first + 16).isEmpty);
      }
    });

    it("is only what changed of many mappings, each object of the layout before where it is still true", async () => {
      const { target, tracker } = tracked;
      for (let i = 0; i < 200; i += 1) await target.map(PAGE, 0x100000000 + i * 2 * PAGE);
      await tracked.arm();
      await target.map(PAGE, 0x100000000 + 500 * PAGE);
      await tracker.scan();
      const before = (await tracker.settle(false)).layout;
      await target.do("unmap", 0x100000000 + 100 * PAGE, PAGE);
      await target.do("protect", 0x100000000 + 104 * PAGE, PAGE, READ);
      await tracker.scan();
      const { layout, created, removed } = await tracker.settle(false);
      assert.ok(before && layout);
      assert.equal(layout.mappings.length, before.mappings.length - 1);
      assert.ok(layout.revision > before.revision);
      if (kernel === "live") {
        const kept = new Set(before.mappings);
        assert.equal(layout.mappings.filter(mapping => !kept.has(mapping)).length, 1);
      }
      assert.deepEqual([created.length, removed.length], [0, 1]);
      assert.ok(layout.armed.every(({ start }) => start !== pageOf(0x100000000 + 100 * PAGE)));
      await tracker.scan();
      assert.equal((await tracker.settle(false)).layout, undefined);
    });
  });
}

describe("What a tracker tells on the live kernel alone", () => {
  let tracked: ReturnType<typeof TrackedTarget.start>;

  beforeEach(() => {
    tracked = TrackedTarget.start();
  });

  afterEach(() => tracked.close());

  it("is no coming and going of mappings where their file is unlinked", async () => {
    const { target } = tracked;
    const memory = await target.do("mapfile", 16 * PAGE, 1, READ_WRITE);
    for (let i = 1; i < 16; i += 2) await target.do("protect", memory + i * PAGE, PAGE, READ);
    await tracked.arm();
    await target.do("unlink");
    const { created, removed, layout } = (await tracked.step()).settlement;
    assert.deepEqual([created, removed], [[], []]);
    assert.match(JSON.stringify(layout?.mappings), / \(deleted\)/);
  });

  it("is which memory an io_uring may fill unseen, from its registration to its end", async () => {
    const { target } = tracked;
    const memory = await target.map(64 * PAGE);
    await tracked.arm();
    const ring = await target.do("ring", memory + 3 * PAGE + 100, 2 * PAGE);
    const first = pageOf(memory);
    const { layout } = (await tracked.step()).settlement;
    assert.deepEqual(
      layout?.unseen.map(({ start, end }) => [start - first, end - first]),
      [[3, 6]],
    );
    assert.match(layout?.unseen[0].reason ?? "", new RegExp(`io_uring with descriptor ${ring}\\b`));
    assert.equal(layout?.pinnedElsewhere, 0);
    assert.equal((await tracked.step()).settlement.layout, undefined, "nothing changed since");
    await target.do("close", ring);
    assert.deepEqual((await tracked.step()).settlement.layout?.unseen, []);
  });

  it("is that direct I/O may be under way, while a ring has begun what it has not ended and a file is open for it", async () => {
    const { target } = tracked;
    const memory = await target.map(PAGE);
    const inFlight = async (): Promise<readonly string[] | undefined> =>
      (await tracked.step()).settlement.layout?.inFlight;
    await tracked.arm();
    const ring = await target.do("startread", memory);
    assert.deepEqual(await inFlight(), []);
    const file = await target.do("opendirect");
    assert.deepEqual(await inFlight(), [
      `direct I/O by the io_uring with descriptor ${ring}, on the file with descriptor ${file}`,
    ]);
    assert.equal(await inFlight(), undefined, "nothing changed since");
    await target.do("close", file);
    assert.deepEqual(await inFlight(), []);
  });

  it("is the page of each thread that the kernel itself wrote, of a thousand threads, and that nothing else changed there", async function () {
    this.timeout(120_000);
    const { target, tracker } = tracked;
    await target.do("threads", 1000);
    await tracked.arm();
    const times = new Map<number, number>();
    let others = 0;
    // At each halt the kernel schedules the threads, if not all of them by the next, and writes into their blocks.
    while ([...times.values()].filter(seen => seen > 1).length < 1001) {
      target.process.kill("SIGSTOP");
      target.process.kill("SIGCONT");
      await target.do("read", 0, 0, 1);
      await tracker.scan();
      for (const { start, note, onlyKernel } of (await tracker.settle(false)).notes) {
        if (note !== "rseq") continue;
        if (times.has(start) && !onlyKernel) others += 1;
        times.set(start, (times.get(start) ?? 0) + 1);
      }
    }
    assert.equal(times.size, 1001);
    assert.ok(others < 100, `${others} pages of threads that sleep have changed`);
  });
});
