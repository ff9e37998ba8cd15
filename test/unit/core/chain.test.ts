// Chains of core files over the simulated kernel: whatever a program does between two, they join to what a full one would have been.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { CoreReport } from "../../../src/agent/cores.ts";
import { OWNER } from "../../../src/core/chain.ts";
import { joinCores } from "../../../src/core/join.ts";
import { readCore } from "../../../src/core/read.ts";
import { MemorySink } from "../../../src/core/sink.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../../../src/memory/page.ts";
import { BadFile, sourceOf } from "../../../src/names/bytes.ts";
import { TrackedTarget } from "../../kernel/tracked.ts";

const PAGES = 16;
const turn = async (): Promise<void> => {};

type Deed = {
  readonly what: "write" | "discard" | "protect" | "remap" | "step" | "save";
  readonly page: number;
  readonly count: number;
};

const deed: fc.Arbitrary<Deed> = fc.record({
  what: fc.constantFrom("write", "write", "discard", "protect", "remap", "step", "save"),
  page: fc.nat(PAGES - 1),
  count: fc.integer({ min: 1, max: 4 }),
});

describe("A chain of core files", () => {
  const save = async (tracked: TrackedTarget, since: boolean): Promise<CoreReport & { readonly bytes: Uint8Array }> => {
    const report = await tracked.tracker.saveCore(
      { pid: tracked.target.pid, files: "changed", since, held: [] },
      () => {},
    );
    assert.ok(report.bytes);
    return { ...report, bytes: report.bytes };
  };
  const join = async (files: readonly Uint8Array[]): Promise<Uint8Array> => {
    const sink = new MemorySink(1 << 28);
    await joinCores(
      files.map((bytes, i) => ({ name: String(i), source: sourceOf(bytes) })),
      sink,
      { turn },
    );
    return sink.bytes();
  };

  it("joins to the bytes of a full one, whatever the program does to its memory meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 3, maxLength: 25 }), async deeds => {
        const tracked = TrackedTarget.on("simulated");
        try {
          const memory = await tracked.target.map(PAGES * PAGE_SIZE);
          await tracked.target.do("write", memory, PAGES * PAGE_SIZE, PAGE_SIZE);
          await tracked.arm();
          const files = [(await save(tracked, false)).bytes];
          for (const { what, page, count } of deeds) {
            const address = memory + page * PAGE_SIZE;
            const length = Math.min(count, PAGES - page) * PAGE_SIZE;
            if (what === "step") await tracked.step();
            else if (what === "save") files.push((await save(tracked, true)).bytes);
            else if (what === "protect") await tracked.target.do("protect", address, length, 3);
            else if (what === "remap") await tracked.target.map(length, address);
            else await tracked.target.do(what, address, length, PAGE_SIZE);
          }
          files.push((await save(tracked, true)).bytes);
          const full = await save(tracked, false);
          const joined = await join(files);
          assert.deepEqual(withoutIdentity(joined), withoutIdentity(full.bytes));
          const { stored, source } = readCore(sourceOf(joined));
          for (const { start, offset } of stored) {
            const { bytes, known } = await tracked.tracker.read(tracked.target.pid, Float64Array.of(start));
            if (known[0]) assert.deepEqual(source.read(offset, PAGE_SIZE), bytes);
          }
        } finally {
          tracked.close();
        }
      }),
      { numRuns: 25, seed: 9 },
    );
  });

  it("is refused in words, and breaks nothing, where a file of it was damaged in what it tells of itself", async () => {
    const tracked = TrackedTarget.on("simulated");
    try {
      const memory = await tracked.target.map(PAGES * PAGE_SIZE);
      await tracked.target.do("write", memory, PAGES * PAGE_SIZE, PAGE_SIZE);
      await tracked.arm();
      const base = (await save(tracked, false)).bytes;
      await tracked.target.do("write", memory, PAGE_SIZE, PAGE_SIZE);
      const next = (await save(tracked, true)).bytes;
      const head = readCore(sourceOf(next)).chain.zeroes.offset;
      await fc.assert(
        fc.asyncProperty(fc.nat(head - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const damaged = next.slice();
          damaged[at] ^= change;
          try {
            await join([base, damaged]);
          } catch (error) {
            assert.ok(error instanceof BadFile, `${error}`);
          }
        }),
        { numRuns: 300, seed: 4 },
      );
      for (const length of [0, 10, 63, 64, 200, head, next.length - 1]) {
        await assert.rejects(join([base, next.subarray(0, length)]), BadFile);
      }
    } finally {
      tracked.close();
    }
  });

  it("leaves untouched memory out however much of it there is, and shows it as zeroes", async () => {
    const tracked = TrackedTarget.on("simulated");
    try {
      const memory = await tracked.target.map(2 ** 34);
      await tracked.target.do("write", memory + 2 ** 33, PAGE_SIZE, PAGE_SIZE);
      const { pageBytes, bytes } = await save(tracked, false);
      assert.ok(pageBytes < 64 * PAGE_SIZE);
      const { pieces } = readCore(sourceOf(bytes));
      const kinds = pieces.filter(({ start, end }) => start < pageOf(memory + 2 ** 34) && end > pageOf(memory));
      assert.deepEqual(
        kinds.map(({ kind }) => kind),
        ["zeroes", "bytes", "zeroes"],
      );
      assert.equal(addressOf(kinds[1].end - kinds[1].start), PAGE_SIZE);
    } finally {
      tracked.close();
    }
  });
});

/** A core's bytes but for its id and its number in the chain. */
function withoutIdentity(core: Uint8Array): Uint8Array {
  const bytes = core.slice();
  const at = Buffer.from(core).indexOf(`${OWNER}\0`, 0, "latin1");
  return bytes.fill(0, at + 12 + 4, at + 12 + 40);
}
