// Where mmap puts mappings that are given no address: the highest room there is, and never on top of another.
import assert from "node:assert/strict";
import fc from "fast-check";
import { MapFlag, RemapFlag } from "../../../src/kernel/abi.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { Bench, PAGE } from "./machine.ts";

describe("A mapping without an address", () => {
  it("finds room of its own, whatever is there, also where a mapping has grown across the place where the search begins", () => {
    const step = fc.record({
      what: fc.constantFrom("map", "stack", "unmap", "grow"),
      which: fc.nat(20),
      pages: fc.integer({ min: 1, max: 600 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const { process } = new Bench();
        const mapped: { address: number; pages: number }[] = [];
        for (const { what, which, pages } of steps) {
          const before = process.mappings().reduce((sum, { start, end }) => sum + end - start, 0);
          const one = mapped[which % Math.max(1, mapped.length)];
          if (what === "unmap" && one) {
            process.munmap(BigInt(one.address), BigInt(one.pages) * PAGE);
            mapped.splice(mapped.indexOf(one), 1);
          } else if (what === "grow" && one) {
            const size = one.pages + pages;
            const address = process.mremap(
              BigInt(one.address),
              BigInt(one.pages) * PAGE,
              BigInt(size) * PAGE,
              RemapFlag.MAYMOVE,
              0n,
            );
            assert.ok(address > 0);
            Object.assign(one, { address, pages: size });
          } else if (what === "map" || what === "stack") {
            const kind = MapFlag.PRIVATE | MapFlag.ANONYMOUS | (what === "stack" ? MapFlag.GROWSDOWN : 0);
            const address = process.mmap(0n, BigInt(pages) * PAGE, 3, kind, -1, 0n);
            assert.ok(address > 0 && address % PAGE_SIZE === 0);
            const now = process.mappings().reduce((sum, { start, end }) => sum + end - start, 0);
            assert.equal(now - before, pages);
            mapped.push({ address, pages });
          }
        }
      }),
    );
  });
});
