// What differs between the kernels that are simulated, and soft-dirty, which the live kernel of the differential test lacks.
import assert from "node:assert/strict";
import { Advice, MapFlag, ProcmapQuery, RemapFlag } from "../../../src/kernel/abi.ts";
import { Errno } from "../../../src/kernel/errno.ts";
import { KernelError } from "../../../src/kernel/kernel-error.ts";
import { PagemapBit } from "../../../src/kernel/simulated/pagemap-read.ts";
import { LINUX_6_7, LINUX_6_12, LINUX_6_18, PROFILES } from "../../../src/kernel/simulated/profile.ts";
import { Category } from "../../../src/memory/category.ts";
import { Bench, PAGE } from "./machine.ts";

describe("A simulated kernel of some version", () => {
  it("tells an armed page from a written one, whichever version it is", () => {
    for (const profile of PROFILES) {
      const bench = new Bench(profile);
      const start = bench.map(8);
      bench.arm(start, start + 8);
      bench.write(start + 3);
      bench.read(start + 5);
      assert.deepEqual(bench.takeWritten(start, start + 8), [3], profile.name);
      assert.deepEqual(bench.takeWritten(start, start + 8), [], profile.name);
      bench.write(start + 3);
      assert.deepEqual(bench.takeWritten(start, start + 8), [3], profile.name);
    }
  });

  it("calls discarded pages and registered holes written since the fixes of 2026 only", () => {
    for (const profile of PROFILES) {
      const bench = new Bench(profile);
      const start = bench.map(2048);
      bench.write(start);
      bench.arm(start, start + 8);
      bench.discard(start + 2, start + 4);
      // The generic loop: the shorter one takes an entry that is none for written on all versions.
      const found = bench.pagesWith(Category.WRITTEN | Category.WPALLOWED, start, start + 8);
      assert.deepEqual(found, profile.noneIsWritten ? [2, 3] : [], profile.name);
    }
  });

  it("refuses what came later", () => {
    const calls = (bench: Bench): number[] => {
      const start = bench.map(4);
      const { process } = bench;
      const address = BigInt(start) * PAGE;
      const query = new BigUint64Array(ProcmapQuery.SIZE / 8);
      query[ProcmapQuery.WORD.SIZE] = BigInt(ProcmapQuery.SIZE);
      query[ProcmapQuery.WORD.ADDRESS] = address;
      return [
        process.madvise(address, PAGE, Advice.GUARD_INSTALL),
        Math.min(0, process.mmap(0n, PAGE, 3, MapFlag.DROPPABLE | MapFlag.ANONYMOUS, -1, 0n)),
        process.ioctl(process.openMaps(process.pid), ProcmapQuery.REQUEST, query),
      ];
    };
    assert.deepEqual(calls(new Bench(LINUX_6_18)), [0, 0, 0]);
    assert.deepEqual(calls(new Bench(LINUX_6_7)), [-Errno.EINVAL, -Errno.EINVAL, -Errno.ENOTTY]);
    assert.deepEqual(new Bench(LINUX_6_18).pagesWith(Category.SOFT_DIRTY | Category.GUARD, 0, 16), []);
    for (const category of [Category.SOFT_DIRTY, Category.GUARD]) {
      assert.throws(
        () => new Bench(LINUX_6_7).pagesWith(category, 0, 16),
        (error: unknown) => error instanceof KernelError && error.code === "EINVAL",
      );
    }
  });

  it("moves an armed mapping with its protection before 6.13, and without it from then on", () => {
    for (const profile of [LINUX_6_7, LINUX_6_18]) {
      const bench = new Bench(profile);
      const start = bench.map(4);
      for (let page = start; page < start + 4; page += 1) bench.write(page);
      bench.arm(start, start + 4);
      const { MAYMOVE, FIXED } = RemapFlag;
      const target = 0x123400000000n;
      assert.ok(bench.process.mremap(BigInt(start) * PAGE, 4n * PAGE, 4n * PAGE, MAYMOVE | FIXED, target) > 0);
      const moved = Number(target / PAGE);
      const words = new BigUint64Array(4);
      bench.process.readPagemap(bench.process.openPagemap(bench.process.pid), BigInt(moved), words);
      const isProtected = words.every(word => (word & PagemapBit.UFFD_WP) !== 0n);
      assert.equal(isProtected, profile === LINUX_6_7);
      bench.write(moved + 1);
    }
  });
});

describe("Soft-dirty pages", () => {
  const dirty = (bench: Bench, start: number, end: number): number[] =>
    bench.pagesWith(Category.SOFT_DIRTY, start, end);

  it("are all of a new mapping's, then those written since clear_refs", () => {
    const bench = new Bench(LINUX_6_12);
    const start = bench.map(4);
    bench.write(start + 1);
    assert.deepEqual(dirty(bench, start, start + 4), [0, 1, 2, 3]);
    assert.equal(bench.process.clearRefs(4), 0);
    assert.deepEqual(dirty(bench, start, start + 4), []);
    bench.write(start + 2);
    bench.read(start + 3);
    assert.deepEqual(dirty(bench, start, start + 4), [2]);
  });

  it("can't be forgotten for one range: the whole process is", () => {
    const bench = new Bench(LINUX_6_12);
    const one = bench.map(2, 0, 0x110000000000n);
    const other = bench.map(2, 0, 0x120000000000n);
    bench.process.clearRefs(4);
    bench.write(one);
    bench.write(other);
    bench.process.clearRefs(4);
    assert.deepEqual([...dirty(bench, one, one + 2), ...dirty(bench, other, other + 2)], []);
  });

  it("are too many once a mapping has grown: the new part's mark goes over to all of it", () => {
    const bench = new Bench(LINUX_6_12);
    const start = bench.map(4, 0, 0x110000000000n);
    bench.process.clearRefs(4);
    bench.map(4, 0, 0x110000000000n + 4n * PAGE);
    assert.equal(
      bench.process.mappings().filter(mapping => mapping.start >= start && mapping.end <= start + 8).length,
      1,
    );
    assert.deepEqual(dirty(bench, start, start + 8), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("show in bit 55 of pagemap too, on the first kernel with PAGEMAP_SCAN as well", () => {
    const bench = new Bench(LINUX_6_7);
    const start = bench.map(4);
    bench.process.clearRefs(4);
    bench.write(start + 1);
    const words = new BigUint64Array(4);
    const descriptor = bench.process.openPagemap(bench.process.pid);
    assert.equal(bench.process.readPagemap(descriptor, BigInt(start), words), 4);
    const isDirty = [...words].map(word => (word & PagemapBit.SOFT_DIRTY) !== 0n);
    assert.deepEqual(isDirty, [false, true, false, false]);
    assert.equal(bench.process.clearRefs(9), -Errno.EINVAL);
  });
});
