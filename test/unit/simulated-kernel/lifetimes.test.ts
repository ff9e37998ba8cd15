// What becomes of a userfaultfd whose descriptor somebody else holds, as its process forks, execs and ends.
import assert from "node:assert/strict";
import { Advice } from "../../../src/kernel/abi.ts";
import { KernelError } from "../../../src/kernel/kernel-error.ts";
import { Category } from "../../../src/memory/category.ts";
import { Bench, PAGE } from "./machine.ts";

const refusedWith = (code: string) => (error: unknown) => error instanceof KernelError && error.code === code;

describe("A userfaultfd held by another process", () => {
  it("is no longer of use after exec: nothing is registered, and the pagemap's memory is gone", () => {
    const bench = new Bench();
    const start = bench.map(4);
    const userfaultfd = bench.arm(start, start + 4);
    bench.process.exec();
    // Measured on Linux 6.18.
    assert.throws(() => userfaultfd.register(start, start + 4), refusedWith("ENOMEM"));
    assert.throws(() => userfaultfd.writeProtect(start, start + 4), refusedWith("ESRCH"));
    assert.throws(() => bench.written(start, start + 4), refusedWith("ESRCH"));
    userfaultfd.close();
  });

  it("does not watch a child, whose pages are as if never armed", () => {
    const bench = new Bench();
    const start = bench.map(4);
    bench.write(start);
    bench.arm(start, start + 4);
    const child = bench.process.machine.process(bench.process.fork());
    assert.ok(child);
    child.store(start * 4096, Uint8Array.of(7));
    assert.deepEqual(bench.takeWritten(start, start + 4), []);
    child.exit(0);
    bench.write(start + 1);
    assert.deepEqual(bench.takeWritten(start, start + 4), [1]);
  });

  it("disarms everything when it is closed, markers in holes too, and parts that were split join again", () => {
    const bench = new Bench();
    const start = bench.map(8);
    const before = bench.process.mappings().length;
    const userfaultfd = bench.arm(start + 2, start + 4);
    assert.equal(bench.process.mappings().length, before + 2);
    assert.deepEqual(bench.pagesWith(Category.WPALLOWED, start, start + 8), [2, 3]);
    userfaultfd.close();
    assert.equal(bench.process.mappings().length, before);
    assert.deepEqual(bench.pagesWith(Category.SWAPPED, start, start + 8), []);
    assert.deepEqual(bench.pagesWith(Category.WPALLOWED, start, start + 8), []);
  });

  it("tells a page given back and written again once, and a guard never as written by the program", () => {
    const bench = new Bench();
    const start = bench.map(8);
    for (let page = start; page < start + 8; page += 1) bench.write(page);
    bench.arm(start, start + 8);
    bench.discard(start + 2, start + 3);
    bench.write(start + 2);
    assert.equal(bench.process.madvise(BigInt(start + 5) * PAGE, PAGE, Advice.GUARD_INSTALL), 0);
    assert.deepEqual(bench.pagesWith(Category.WRITTEN | Category.PRESENT, start, start + 8), [2]);
    assert.deepEqual(bench.pagesWith(Category.GUARD, start, start + 8), [5]);
  });
});
