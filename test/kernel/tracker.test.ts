// The tracker on either kernel, through the agent: a process writes what it is told to, and exactly that must be reported.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import type { Layout } from "../../src/tracker/reports.ts";
import { KERNELS, TrackedTarget } from "./tracked.ts";

const PAGE = PAGE_SIZE;
const READ = 1;
const READ_WRITE = 3;

for (const kernel of KERNELS) {
  describe(`A tracker on the ${kernel} kernel`, () => {
    let tracked: TrackedTarget;

    beforeEach(() => {
      tracked = TrackedTarget.on(kernel);
    });

    afterEach(() => tracked.close());

    it("reports the pages written, each once, and none that was only read", async () => {
      const { target } = tracked;
      const memory = await target.map(16 * PAGE);
      await tracked.arm();
      await target.do("write", memory + 3 * PAGE, 2 * PAGE, PAGE);
      await target.do("read", memory + 8 * PAGE, 4 * PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [3, 4]);
      assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), []);
    });

    it("finds a mapping that came during the step at the scan itself, private or shared", async () => {
      const { target, tracker } = tracked;
      await tracked.arm();
      for (const shared of [false, true]) {
        const memory = await target.map(32 * PAGE, 0, shared);
        await target.do("write", memory + PAGE, 3 * PAGE, 2 * PAGE);
        const first = pageOf(memory);
        const { written } = await tracker.scan();
        assert.ok(written.has(first + 1) && written.has(first + 3), `shared: ${shared}`);
        const { created } = await tracker.settle(false);
        assert.ok(created.some(({ start, end }) => start <= first && first + 32 <= end));
        await target.do("write", memory + 20 * PAGE, PAGE, PAGE);
        assert.deepEqual(await tracked.writtenIn(memory, 32 * PAGE), [20]);
      }
    });

    it("knows a new mapping's pages as armed by the next scan, before the mapping was looked up", async () => {
      const { target, tracker } = tracked;
      await tracked.arm();
      const memory = await target.map(32 * PAGE);
      await target.do("write", memory, 4 * PAGE, PAGE);
      const first = pageOf(memory);
      const inMemory = (pages: PageSet): [number, number][] => [...pages.clip(first, first + 32).pairs()];
      assert.deepEqual(inMemory((await tracker.scan()).written), [[first, first + 4]]);
      await target.do("discard", memory + PAGE, 2 * PAGE);
      await target.do("write", memory + 3 * PAGE, PAGE, PAGE);
      assert.deepEqual(inMemory((await tracker.scan()).written), [[first + 1, first + 4]]);
      const { discarded, late } = await tracker.settle(false);
      assert.deepEqual([inMemory(discarded), inMemory(late)], [[[first + 1, first + 3]], []]);
      await target.do("write", memory + 2 * PAGE, 3 * PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 32 * PAGE), [2, 3, 4]);
    });

    it("lists memory as armed that was sealed at Arm and written since, though no mapping came or went", async () => {
      const { target, tracker } = tracked;
      const memory = await target.map(4 * PAGE, 0x200000000);
      await target.do("protect", memory, 4 * PAGE, READ);
      await tracked.arm();
      const first = pageOf(memory);
      const isArmed = (layout: Layout | undefined): boolean =>
        layout?.armed.some(({ start, end }) => start <= first && first + 4 <= end) ?? false;
      await target.do("protect", memory, 4 * PAGE, READ_WRITE);
      await target.do("write", memory, 4 * PAGE, PAGE);
      await target.do("protect", memory, 4 * PAGE, READ);
      const { written } = await tracker.scan();
      assert.equal(written.countIn(first, first + 4), 4);
      const { layout, created, removed } = await tracker.settle(false);
      assert.deepEqual([isArmed(layout), created, removed], [true, [], []]);
    });

    it("tells a mapping replaced by its like as removed and created, and goes on reporting it", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE);
      await tracked.arm();
      await target.map(8 * PAGE, memory);
      const { settlement } = await tracked.step();
      const first = pageOf(memory);
      for (const list of [settlement.created, settlement.removed]) {
        assert.ok(list.some(({ start, end }) => start <= first && first + 8 <= end));
      }
      await target.do("write", memory + 5 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 8 * PAGE), [5]);
    });

    it("reports only what was written where a mapping moved or grew", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE);
      await tracked.arm();
      const moved = await target.do("remap", memory, 8 * PAGE, 64 * PAGE);
      await target.do("write", moved + 40 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(moved, 64 * PAGE), [40]);
      await target.do("write", moved + 63 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(moved, 64 * PAGE), [63]);
    });

    it("arms a sparse giant by its populated pages only, says so, and is exact there too", async () => {
      const { target } = tracked;
      const GIANT = 2 ** 34;
      const memory = await target.map(GIANT);
      await target.do("write", memory, GIANT, GIANT / 8);
      const before = target.tableKilobytes();
      await tracked.arm();
      assert.deepEqual(
        tracked.armed?.populatedOnly.map(({ start, end }) => [start, end]),
        [[pageOf(memory), pageOf(memory + GIANT)]],
      );
      assert.ok(target.tableKilobytes() - before < 1024, "arming it completely would cost 32 MiB of page tables");
      await target.do("write", memory + GIANT / 2, GIANT / 4, GIANT / 8);
      await target.do("write", memory + PAGE, PAGE, PAGE);
      await target.do("read", memory + 9 * PAGE, 100 * PAGE, PAGE);
      const half = GIANT / 2 / PAGE;
      assert.deepEqual(await tracked.writtenIn(memory, GIANT), [1, half, half + half / 4]);
      await target.do("write", memory + 9 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, GIANT), [9]);
    });

    it("tells pages given back apart from pages written", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE);
      await target.do("write", memory, 8 * PAGE, PAGE);
      await tracked.arm();
      await target.do("discard", memory + 2 * PAGE, 3 * PAGE);
      await target.do("write", memory + 3 * PAGE, PAGE, PAGE);
      const { written, settlement } = await tracked.step();
      const first = pageOf(memory);
      assert.deepEqual([...written.clip(first, first + 8).pairs()], [[first + 3, first + 4]]);
      const discarded = [...settlement.discarded.pairs()].flat().map(page => page - first);
      assert.deepEqual(discarded, [2, 3, 4, 5]);
    });

    it("reports a hundred thousand runs as exactly as one", async () => {
      const { target, tracker } = tracked;
      const PAGES = 200_000;
      const memory = await target.map(PAGES * PAGE);
      await tracked.arm();
      const first = pageOf(memory);
      const expected = Array.from({ length: PAGES / 2 }, (_, i): [number, number] => [
        first + i * 2,
        first + i * 2 + 1,
      ]);
      for (const alsoNew of [false, true]) {
        await target.do("write", memory, PAGES * PAGE, 2 * PAGE);
        const other = await target.map(2 * PAGE);
        if (alsoNew) await target.do("write", other, PAGE, PAGE);
        const { written } = await tracker.scan();
        assert.ok(written.clip(first, first + PAGES).equals(PageSet.from(expected)), `a new mapping, too: ${alsoNew}`);
        assert.equal(written.has(pageOf(other)), alsoNew);
        await tracker.settle(false);
      }
      assert.equal((await tracker.scan()).written.countIn(first, first + PAGES), 0);
    });

    it("keeps what it knows across mprotect", async () => {
      const { target } = tracked;
      const memory = await target.map(4 * PAGE);
      await tracked.arm();
      await target.do("write", memory, PAGE, PAGE);
      await target.do("protect", memory, 4 * PAGE, READ);
      assert.deepEqual(await tracked.writtenIn(memory, 4 * PAGE), [0]);
      await target.do("protect", memory, 4 * PAGE, READ_WRITE);
      await target.do("write", memory + PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 4 * PAGE), [1]);
    });

    it("serves several processes at once without mixing them up", async () => {
      const other = tracked.another();
      try {
        const [mine, theirs] = [await tracked.target.map(4 * PAGE), await other.target.map(4 * PAGE)];
        await tracked.arm();
        await other.arm();
        await tracked.target.do("write", mine, PAGE, PAGE);
        await other.target.do("write", theirs + 2 * PAGE, PAGE, PAGE);
        assert.deepEqual(await tracked.writtenIn(mine, 4 * PAGE), [0]);
        assert.deepEqual(await other.writtenIn(theirs, 4 * PAGE), [2]);
      } finally {
        other.close();
      }
    });

    it("keeps its account across a fork, and does not blame the parent for what the child wrote", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE);
      await target.do("write", memory, 6 * PAGE, PAGE);
      await tracked.arm();
      await target.do("write", memory + PAGE, PAGE, PAGE);
      await target.do("fork", memory + 2 * PAGE, 6 * PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 8 * PAGE), [1]);
      await target.do("write", memory + 3 * PAGE, PAGE, PAGE);
      await target.do("write", memory + 7 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 8 * PAGE), [3, 7]);
    });

    it("forgets what was written where it was unmapped, and tells the mapping as removed", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE);
      await tracked.arm();
      await target.do("write", memory, 8 * PAGE, PAGE);
      await target.do("unmap", memory + 2 * PAGE, 4 * PAGE);
      const { written, settlement } = await tracked.step();
      const first = pageOf(memory);
      assert.deepEqual(
        [...written.clip(first, first + 8).pairs()],
        [
          [first, first + 2],
          [first + 6, first + 8],
        ],
      );
      assert.ok(settlement.removed.some(({ start, end }) => start <= first + 2 && first + 6 <= end));
    });

    it("leaves a program its own account of memory that it watches itself, and says that it does not watch there", async () => {
      const { target } = tracked;
      const before = await target.do("mapwatched", 16 * PAGE);
      await tracked.arm();
      const during = await target.do("mapwatched", 16 * PAGE);
      for (let turn = 0; turn < 3; turn += 1) {
        for (const memory of [before, during]) await target.do("write", memory + 2 * PAGE, 3 * PAGE, PAGE);
        for (const memory of [before, during]) assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), []);
        for (const memory of [before, during]) assert.equal(await target.do("takewritten", memory, 16 * PAGE), 3);
      }
      assert.match(JSON.stringify(tracked.armed?.notArmed), /another userfaultfd \(the program's own\)/);
    });

    it("brings no page into memory that was not there, to look for what the kernel itself wrote", async () => {
      const { target } = tracked;
      const memory = await target.map(16 * PAGE);
      await tracked.arm();
      await target.do("write", memory + 8 * PAGE, PAGE, PAGE);
      await tracked.step();
      const { resident } = await tracked.tracker.settle(true);
      assert.equal(resident?.countIn(pageOf(memory), pageOf(memory) + 16), 1);
    });

    it("loses no write and tells none twice, whatever a program does to its memory", async function () {
      this.timeout(120_000);
      const PAGES = 24;
      const range = fc.tuple(fc.nat(PAGES - 1), fc.integer({ min: 1, max: 6 }));
      const operation = fc.record({
        kind: fc.constantFrom("write", "write", "read", "discard", "map", "fork", "step"),
        range,
      });
      const arena = await tracked.target.map(PAGES * PAGE);
      await tracked.arm();
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 12 }), async operations => {
          await tracked.step();
          let written = new Set<number>();
          for (const {
            kind,
            range: [first, length],
          } of [...operations, { kind: "step", range: [0, 1] as const }]) {
            const pages = Array.from({ length: Math.min(length, PAGES - first) }, (_, i) => first + i);
            const [at, bytes] = [arena + first * PAGE, pages.length * PAGE];
            if (kind === "step") {
              assert.deepEqual(
                await tracked.writtenIn(arena, PAGES * PAGE),
                [...written].sort((a, b) => a - b),
              );
              written = new Set();
            } else if (kind === "map") {
              await tracked.target.map(bytes, at);
              written = written.difference(new Set(pages));
            } else {
              await tracked.target.do(kind, at, bytes, PAGE);
              if (kind === "write") written = written.union(new Set(pages));
              if (kind === "discard") written = written.difference(new Set(pages));
            }
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}
