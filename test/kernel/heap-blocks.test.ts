// Blocks of a live program's heap, held against what the program itself knows of them.
import assert from "node:assert/strict";
import type { Heap } from "../../src/names/heap/heap.ts";
import { AllocatingProgram, type Allocations, type GivenBlock } from "./heap-blocks.ts";

describe("a live program's heap", () => {
  let program: AllocatingProgram | undefined;
  afterEach(() => program?.kill());

  const isBlock = (heap: Heap, { address, asked, usable }: GivenBlock): void => {
    for (const offset of [0, asked - 1, usable - 1]) {
      const place = heap.at(address + offset);
      assert.deepEqual(
        place,
        { kind: "block", block: { address, size: usable, state: "in use" }, offset },
        `${address.toString(16)}+${offset} of ${asked}`,
      );
    }
  };

  const kinds: readonly (readonly [string, Allocations])[] = [
    ["of one thread", { threads: 0, count: 5000, seed: 1 }],
    ["of five threads", { threads: 4, count: 5000, seed: 2 }],
    ["of more threads than arenas", { threads: 8, count: 2000, seed: 3, environment: { MALLOC_ARENA_MAX: "3" } }],
    ["of small blocks alone", { threads: 2, count: 5000, seed: 4, small: true }],
    ["of a static program", { threads: 2, count: 3000, seed: 5, flags: ["-static"] }],
    [
      "without caches for threads",
      { threads: 2, count: 3000, seed: 6, environment: { GLIBC_TUNABLES: "glibc.malloc.tcache_count=0" } },
    ],
    ["that is full of free memory", { threads: 12, count: 5000, seed: 7 }],
  ];
  for (const [kind, allocations] of kinds) {
    it(`tells every block that is in use and that the others are free, ${kind}`, async () => {
      program = await AllocatingProgram.start(allocations);
      const heap = program.heap();
      const used = program.blocks.filter(({ freed }) => !freed);
      assert.ok(used.length > allocations.count / 4);
      for (const block of used) isBlock(heap, block);
      let cached = 0;
      for (const { address, freed } of program.blocks) {
        if (!freed) continue;
        const place = heap.at(address);
        // A block that was joined with others is no block any more, only part of one; a mapped one is gone.
        if (!place || place.kind === "unused" || (place.kind === "size" && place.of.state === "free")) continue;
        if (place.kind === "bookkeeping") continue;
        assert.equal(place.kind, "block");
        assert.ok(
          (place.kind === "block" && place.block.state !== "in use") || isInside(used, address),
          address.toString(16),
        );
        if (place.kind === "block" && place.block.state === "cached") cached += 1;
      }
      assert.ok(cached > 0 || kind.startsWith("without"), "no block was in a cache");
    });
  }

  it("tells whose end was passed and whose size was hit, right behind a block", async () => {
    program = await AllocatingProgram.start({ threads: 1, count: 500, seed: 8, small: true });
    const heap = program.heap();
    const byAddress = new Map(program.blocks.filter(({ freed }) => !freed).map(block => [block.address, block]));
    let checked = 0;
    for (const { address, usable } of byAddress.values()) {
      const next = byAddress.get(address + usable + 8);
      if (!next) continue;
      checked += 1;
      const place = heap.at(address + usable + 2);
      assert.ok(place?.kind === "size");
      assert.equal(place.offset, 2);
      assert.equal(place.past?.address, address);
      assert.equal(place.of.address, next.address);
      assert.equal(heap.neighboursOf({ address, size: usable, state: "in use" }).after?.address, next.address);
    }
    assert.ok(checked > 20);
  });
});

/** Whether the address is in a block that was given out later. */
function isInside(used: readonly GivenBlock[], address: number): boolean {
  return used.some(block => address >= block.address && address < block.address + block.usable);
}
