// Soft-dirty bits in the place of write protection: what they can tell, and what they can't. The same on the simulated 6.12 and on a live kernel that has them.
import assert from "node:assert/strict";
import fc from "fast-check";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import type { ArmOptions } from "../../src/tracker/reports.ts";
import { TrackedTarget } from "./tracked.ts";

const PAGE = PAGE_SIZE;
const OPTIONS: ArmOptions = { ...DEFAULT_ARM_OPTIONS, backend: "soft-dirty" };

/** @param where a live kernel needs no asynchronous write protection, but CONFIG_MEM_SOFT_DIRTY. */
export function tellSoftDirtyStory(where: "simulated" | "live"): void {
  describe(`By soft-dirty bits a tracker on the ${where} kernel`, () => {
    let tracked: TrackedTarget;

    beforeEach(() => {
      tracked = where === "live" ? TrackedTarget.start() : TrackedTarget.on("soft-dirty");
    });

    afterEach(() => tracked.close());

    it("says that it works so", async () => {
      await tracked.arm(OPTIONS);
      assert.equal(tracked.armed?.backend, "soft-dirty");
    });

    it("reports the pages written, each once, and none that was only read", async () => {
      const { target } = tracked;
      const memory = await target.map(16 * PAGE);
      await tracked.arm(OPTIONS);
      await target.do("write", memory + 3 * PAGE, 2 * PAGE, PAGE);
      await target.do("read", memory + 8 * PAGE, 4 * PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [3, 4]);
      assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), []);
    });

    it("finds a mapping that came during the step, private or shared", async () => {
      const { target } = tracked;
      await tracked.arm(OPTIONS);
      for (const shared of [false, true]) {
        const memory = await target.map(32 * PAGE, 0, shared);
        await target.do("write", memory + PAGE, 3 * PAGE, 2 * PAGE);
        assert.deepEqual(await tracked.writtenIn(memory, 32 * PAGE), [1, 3], `shared: ${shared}`);
        await target.do("write", memory + 20 * PAGE, PAGE, PAGE);
        assert.deepEqual(await tracked.writtenIn(memory, 32 * PAGE), [20]);
      }
    });

    it("reports what was written where a mapping moved or grew", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE);
      await tracked.arm(OPTIONS);
      const moved = await target.do("remap", memory, 8 * PAGE, 64 * PAGE);
      await target.do("write", moved + 40 * PAGE, PAGE, PAGE);
      assert.deepEqual(await tracked.writtenIn(moved, 64 * PAGE), [40]);
    });

    // A program can watch itself so only on a kernel that has asynchronous write protection.
    if (where === "simulated") {
      it("leaves what the program watches itself to the program, and tells it nevertheless", async () => {
        const { target } = tracked;
        const memory = await target.do("mapwatched", 16 * PAGE);
        await tracked.arm(OPTIONS);
        await target.do("write", memory + 2 * PAGE, 3 * PAGE, PAGE);
        assert.deepEqual(await tracked.writtenIn(memory, 16 * PAGE), [2, 3, 4]);
        assert.equal(await target.do("takewritten", memory, 16 * PAGE), 3);
      });
    }

    it("can watch nothing synchronously, and says so", async () => {
      await tracked.arm(OPTIONS);
      await assert.rejects(
        tracked.tracker.watches.attach(tracked.target.pid, 0),
        /by soft-dirty bits no store can be held up/,
      );
    });

    const PAGES = 24;
    const range = fc.tuple(fc.nat(PAGES - 1), fc.integer({ min: 1, max: 6 }));
    const CASES = [
      {
        what: "is exact while no mapping comes and goes",
        kinds: ["write", "write", "read", "discard", "fork", "step"],
        isExact: true,
      },
      {
        what: "loses no write whatever comes and goes",
        kinds: ["write", "write", "read", "discard", "map", "fork", "step"],
        isExact: false,
      },
    ] as const;

    for (const { what, kinds, isExact } of CASES) {
      it(what, async function () {
        this.timeout(60_000);
        const arena = await tracked.target.map(PAGES * PAGE);
        await tracked.arm(OPTIONS);
        const operation = fc.record({ kind: fc.constantFrom(...kinds), range });
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
                const told = new Set(await tracked.writtenIn(arena, PAGES * PAGE));
                assert.deepEqual([...written.difference(told)], [], "lost");
                if (isExact) assert.deepEqual([...told.difference(written)], [], "told, and nobody wrote it");
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
          { numRuns: 40 },
        );
      });
    }

    it("tells every populated page of a mapping that another one joined: the kernel marks the whole of it", async () => {
      const { target } = tracked;
      const memory = await target.map(8 * PAGE, 0x200000000);
      await target.do("write", memory, 4 * PAGE, PAGE);
      await tracked.arm(OPTIONS);
      await target.map(8 * PAGE, 0x200000000 + 8 * PAGE);
      await target.do("write", memory + 9 * PAGE, PAGE, PAGE);
      const { written } = await tracked.step();
      assert.ok(written.has(pageOf(memory) + 9));
      assert.equal(written.countIn(pageOf(memory), pageOf(memory) + 8), 4);
    });
  });
}
