// What becomes of a userfaultfd whose descriptor somebody else holds, as its process forks, execs and ends.
import assert from "node:assert/strict";
import { Advice, OpenFlag } from "../../../src/kernel/abi.ts";
import { Errno } from "../../../src/kernel/errno.ts";
import { KernelError } from "../../../src/kernel/kernel-error.ts";
import { LINUX_6_12 } from "../../../src/kernel/simulated/profile.ts";
import { Category } from "../../../src/memory/category.ts";
import { Bench, PAGE } from "./machine.ts";

const refusedWith = (code: string) => (error: unknown) => error instanceof KernelError && error.code === code;

describe("A userfaultfd held by another process", () => {
  it("is no longer of use after exec: nothing is registered, and the pagemap's memory is gone", () => {
    const bench = new Bench();
    const start = bench.map(4);
    const userfaultfd = bench.arm(start, start + 4);
    bench.process.exec();
    // Measured on Linux 6.18.44; a scan of what is gone is refused on 6.12.117, and finds nothing here.
    assert.throws(() => userfaultfd.register(start, start + 4), refusedWith("ENOMEM"));
    assert.throws(() => userfaultfd.writeProtect(start, start + 4), refusedWith("ESRCH"));
    assert.deepEqual(bench.written(start, start + 4), []);
    userfaultfd.close();
    const older = new Bench(LINUX_6_12);
    older.process.exec();
    assert.throws(() => older.written(0, 4), refusedWith("ESRCH"));
  });

  it("survives exec in the process itself unless it was opened to be closed then, and is of no use there either", () => {
    const { process } = new Bench();
    const kept = process.userfaultfd(0);
    const closed = process.userfaultfd(OpenFlag.CLOEXEC);
    process.exec();
    assert.deepEqual(
      [kept, closed].map(descriptor => process.description(descriptor)?.kind),
      ["userfaultfd", undefined],
    );
  });

  it("leaves a process that has ended without a pagemap to open, and without a trace once it was waited for", () => {
    const { process } = new Bench();
    const pid = process.fork();
    process.machine.process(pid)?.exit(0);
    assert.equal(process.openPagemap(pid), -Errno.ESRCH);
    assert.equal(process.processVmRead(pid, 0n, new Uint8Array(1)), -Errno.ESRCH);
    assert.equal(process.processVmRead(pid, 0n, new Uint8Array(0)), 0);
    process.machine.reap(pid);
    assert.equal(process.openPagemap(pid), -Errno.ENOENT);
    assert.equal(process.processVmWrite(pid, 0n, new Uint8Array(0)), 0);
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
