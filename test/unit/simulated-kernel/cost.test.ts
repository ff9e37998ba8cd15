// What simulated memory costs: by its populated pages, not by its address space.
import assert from "node:assert/strict";
import { Advice, MapFlag } from "../../../src/kernel/abi.ts";
import { HeldAccess } from "../../../src/kernel/simulated/waiting.ts";
import { Category } from "../../../src/memory/category.ts";
import { Bench, PAGE } from "./machine.ts";

const GIANT = 2 ** 32;

describe("Simulated memory", () => {
  it("costs nothing for 16 TiB that nobody touches, and a few tables a page that somebody does", () => {
    const bench = new Bench();
    const start = bench.map(GIANT, MapFlag.NORESERVE);
    const { mm } = bench.process;
    const [tables, frames] = [mm.tables, mm.frames.used];
    for (let i = 0; i < 1000; i += 1) bench.write(start + i * 4_000_000);
    assert.equal(mm.frames.used - frames, 1000);
    assert.ok(mm.tables - tables <= 2 * 1000 + 32 + 1);
    bench.process.munmap(BigInt(start) * PAGE, BigInt(GIANT) * PAGE);
    assert.equal(mm.frames.used, frames);
    assert.ok(mm.tables <= tables + 1, `${mm.tables} tables are left of ${tables}`);
  });

  it("refuses more than there is, as a kernel that reckons with memory does", () => {
    const bench = new Bench();
    assert.throws(() => bench.map(GIANT), /mmap: -12/);
  });

  it("gives back the pages of shared memory with its last mapping", () => {
    const bench = new Bench();
    const before = bench.process.mm.frames.used;
    const address = bench.process.mmap(0n, 64n * PAGE, 3, MapFlag.SHARED | MapFlag.ANONYMOUS, -1, 0n);
    for (let i = 0; i < 64; i += 1) bench.process.store(address + i * 4096, Uint8Array.of(1));
    const child = bench.process.machine.process(bench.process.fork());
    bench.process.munmap(BigInt(address), 64n * PAGE);
    const bytes = new Uint8Array(1);
    child?.load(address + 4096, bytes);
    assert.deepEqual([...bytes], [1]);
    child?.exit(0);
    assert.equal(bench.process.mm.frames.used, before);
  });

  it("counts faults: one a page written, one more for each that was protected", () => {
    const bench = new Bench();
    const start = bench.map(64);
    const { counters } = bench.process.mm;
    for (let page = start; page < start + 64; page += 1) bench.write(page);
    assert.deepEqual({ ...counters }, { faults: 64, protectionFaults: 0 });
    bench.arm(start, start + 64);
    for (let page = start; page < start + 64; page += 1) bench.write(page);
    assert.deepEqual({ ...counters }, { faults: 128, protectionFaults: 64 });
  });

  it("holds an access as long as a synchronous userfaultfd does", () => {
    const bench = new Bench();
    const start = bench.map(4);
    bench.write(start);
    const descriptor = bench.process.userfaultfd(0);
    const call = (request: number, ...words: bigint[]) =>
      bench.process.ioctl(descriptor, request, BigUint64Array.from([...words, 0n, 0n]));
    assert.equal(call(0xc018aa3f, 0xaan, 1n), 0);
    assert.equal(call(0xc020aa00, BigInt(start) * PAGE, 4n * PAGE, 2n), 0);
    assert.equal(call(0xc018aa06, BigInt(start) * PAGE, 4n * PAGE, 1n), 0);
    assert.throws(() => bench.write(start), HeldAccess);
    bench.process.close(descriptor);
    bench.write(start);
  });

  it("splits a huge page that one store is told of, and no other page counts as written", () => {
    const bench = new Bench();
    const at = 0x110000000000n;
    const start = bench.map(512, 0, at);
    bench.process.madvise(at, 512n * PAGE, Advice.HUGEPAGE);
    bench.write(start);
    assert.equal(bench.pagesWith(Category.HUGE, start, start + 512).length, 512);
    bench.arm(start, start + 512);
    assert.equal(bench.pagesWith(Category.HUGE, start, start + 512).length, 512);
    bench.write(start + 77);
    assert.deepEqual(bench.pagesWith(Category.HUGE, start, start + 512), []);
    assert.deepEqual(bench.takeWritten(start, start + 512), [77]);
  });
});
