// What a synchronous userfaultfd of the simulated kernel does: stores wait, are told, and go on when they are let.
import assert from "node:assert/strict";
import { Advice, OpenFlag, Uffd, UffdFeature, WATCHING_FEATURES } from "../../../src/kernel/abi.ts";
import { Errno } from "../../../src/kernel/errno.ts";
import type { Userfaultfd } from "../../../src/kernel/kernel.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { MemoryFault, WAITS } from "../../../src/kernel/simulated/system-calls.ts";
import { HeldAccess, type Task } from "../../../src/kernel/simulated/waiting.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { Bench, PAGE } from "./machine.ts";

/** Watches pages [start, end) of a bench's process from outside, as the tracker does. */
function watch(bench: Bench, start: number, end: number, flags = 0): Userfaultfd {
  const descriptor = bench.process.userfaultfd(flags | OpenFlag.NONBLOCK);
  const { pid } = bench.process;
  const userfaultfd = simulatedKernel(() => bench.process.machine).takeUserfaultfd(pid, descriptor);
  bench.process.close(descriptor);
  userfaultfd.negotiate(WATCHING_FEATURES);
  userfaultfd.register(start, end);
  userfaultfd.writeProtect(start, end);
  return userfaultfd;
}

/** Runs accesses and calls as another thread of the process. */
function by<T>(bench: Bench, task: Task, run: () => T): T {
  const { process } = bench;
  const before = process.task;
  process.task = task;
  try {
    return run();
  } finally {
    process.task = before;
  }
}

/** Whether a store of one byte is made; false where it waits. */
function stores(bench: Bench, task: Task, address: number, byte = 7): boolean {
  try {
    by(bench, task, () => bench.process.store(address, Uint8Array.of(byte)));
    return true;
  } catch (error) {
    assert.ok(error instanceof HeldAccess, String(error));
    return false;
  }
}

function byteAt(bench: Bench, address: number): number {
  const byte = new Uint8Array(1);
  assert.equal(bench.process.peek(address, byte), 1);
  return byte[0] ?? 0;
}

describe("A store to memory that a synchronous userfaultfd protects", () => {
  it("waits, is told with its very address and thread, and is made once it is let through", () => {
    const bench = new Bench();
    const start = bench.map(4);
    const userfaultfd = watch(bench, start, start + 4);
    const [one, other] = [bench.process.addTask(11), bench.process.addTask(12)];
    const address = start * PAGE_SIZE + 5;
    assert.equal(stores(bench, one, address), false);
    assert.equal(stores(bench, other, address + PAGE_SIZE), false);
    assert.equal(byteAt(bench, address), 0);
    assert.deepEqual(userfaultfd.readFaults(), [
      { address, threadId: 11, writeProtected: true },
      { address: address + PAGE_SIZE, threadId: 12, writeProtected: true },
    ]);
    assert.deepEqual(userfaultfd.readFaults(), []);
    userfaultfd.unprotect(start, start + 1);
    assert.deepEqual([one.isWaiting, other.isWaiting], [false, true]);
    assert.equal(stores(bench, one, address), true);
    assert.equal(byteAt(bench, address), 7);
  });

  it("waits again where it was only woken, and never where the memory is merely read", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const descriptor = bench.process.userfaultfd(OpenFlag.NONBLOCK);
    const call = (request: number, ...words: bigint[]) =>
      bench.process.ioctl(descriptor, request, BigUint64Array.from([...words, 0n, 0n]));
    const at = BigInt(start) * PAGE;
    assert.equal(call(Uffd.API_REQUEST, 0xaan, 1n), 0);
    assert.equal(call(Uffd.REGISTER_REQUEST, at, 2n * PAGE, 2n), 0);
    bench.write(start);
    assert.equal(call(Uffd.WRITEPROTECT_REQUEST, at, 2n * PAGE, 1n), 0);
    bench.read(start);
    bench.read(start + 1);
    const task = bench.process.addTask(11);
    assert.equal(stores(bench, task, start * PAGE_SIZE), false);
    assert.equal(call(Uffd.WRITEPROTECT_REQUEST, at, 2n * PAGE, 2n), 0, "mode DONTWAKE");
    assert.equal(task.isWaiting, true);
    assert.equal(call(Uffd.WRITEPROTECT_REQUEST, at, 2n * PAGE, 1n), 0);
    assert.equal(call(Uffd.WAKE_REQUEST, at, PAGE), 0);
    assert.equal(task.isWaiting, false);
    assert.equal(stores(bench, task, start * PAGE_SIZE), false);
  });

  it("is told no more once it was woken before anybody read of it", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const userfaultfd = watch(bench, start, start + 2);
    const task = bench.process.addTask(11);
    stores(bench, task, start * PAGE_SIZE);
    userfaultfd.unprotect(start, start + 1);
    assert.deepEqual(userfaultfd.readFaults(), []);
    assert.equal(stores(bench, task, start * PAGE_SIZE), true);
  });

  it("goes on when the userfaultfd is closed, and waits on when its range is only unregistered", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const userfaultfd = watch(bench, start, start + 2);
    const task = bench.process.addTask(11);
    stores(bench, task, start * PAGE_SIZE);
    userfaultfd.unregister(start, start + 2);
    assert.equal(task.isWaiting, true);
    userfaultfd.close();
    assert.equal(task.isWaiting, false);
    assert.equal(stores(bench, task, start * PAGE_SIZE), true);
  });

  it("is no more once its thread was stopped by a signal, and comes again when that goes on", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const userfaultfd = watch(bench, start, start + 2);
    const task = bench.process.addTask(11);
    stores(bench, task, start * PAGE_SIZE);
    task.giveUp();
    assert.deepEqual(userfaultfd.readFaults(), []);
    assert.equal(stores(bench, task, start * PAGE_SIZE), false);
    assert.equal(userfaultfd.readFaults().length, 1);
  });

  it("ends with its thread: exec and exit leave nobody waiting", () => {
    for (const end of ["exec", "exit"] as const) {
      const bench = new Bench();
      const start = bench.map(2);
      const userfaultfd = watch(bench, start, start + 2);
      stores(bench, bench.process.addTask(11), start * PAGE_SIZE);
      bench.process[end](0);
      assert.deepEqual(userfaultfd.readFaults(), []);
    }
  });

  it("raises SIGBUS instead where the feature SIGBUS was asked for", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const descriptor = bench.process.userfaultfd(0);
    const words = (...list: bigint[]) => BigUint64Array.from([...list, 0n, 0n]);
    bench.process.ioctl(descriptor, Uffd.API_REQUEST, words(0xaan, BigInt(UffdFeature.SIGBUS | 1)));
    bench.process.ioctl(descriptor, Uffd.REGISTER_REQUEST, words(BigInt(start) * PAGE, 2n * PAGE, 2n));
    bench.write(start);
    bench.process.ioctl(descriptor, Uffd.WRITEPROTECT_REQUEST, words(BigInt(start) * PAGE, 2n * PAGE, 1n));
    const isSigbus = (error: unknown) => error instanceof MemoryFault && error.signal === "SIGBUS";
    assert.throws(() => bench.write(start), isSigbus);
  });

  it("keeps a huge page whole while it waits", () => {
    const bench = new Bench();
    const at = 0x110000000000n;
    const start = bench.map(512, 0, at);
    bench.process.madvise(at, 512n * PAGE, Advice.HUGEPAGE);
    bench.write(start);
    const userfaultfd = watch(bench, start, start + 512);
    const task = bench.process.addTask(11);
    assert.equal(stores(bench, task, start * PAGE_SIZE + 9000), false);
    assert.equal(bench.pagesWith(1 << 6, start, start + 512).length, 512);
    userfaultfd.unprotect(start, start + 512);
    assert.equal(stores(bench, task, start * PAGE_SIZE + 9000), true);
  });
});

describe("A system call that stores to such memory", () => {
  const moved = (bench: Bench, from: number, task: Task) =>
    by(bench, task, () => bench.process.processVmWrite(bench.process.pid, BigInt(from), new Uint8Array(10).fill(9)));

  it("waits in the kernel, while other threads' calls go on, and completes with its full count", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const userfaultfd = watch(bench, start + 1, start + 2);
    const task = bench.process.addTask(11);
    const from = (start + 1) * PAGE_SIZE - 4;
    assert.equal(moved(bench, from, task), WAITS);
    assert.equal(bench.process.munmap(0x7000_0000n, PAGE), 0);
    assert.equal(task.waitsInAccess, false);
    assert.deepEqual(userfaultfd.readFaults(), [
      { address: (start + 1) * PAGE_SIZE, threadId: 11, writeProtected: true },
    ]);
    const { blockedCall } = simulatedKernel(() => bench.process.machine);
    const blocked = blockedCall?.(bench.process.pid, 11);
    assert.ok(blocked?.kind === "system call" && blocked.number === 311);
    userfaultfd.unprotect(start + 1, start + 2);
    assert.equal(moved(bench, from, task), 10);
    assert.equal(byteAt(bench, from + 9), 9);
    assert.equal(blockedCall?.(bench.process.pid, 11), undefined);
  });

  it("fails where only the program's own stores may wait", () => {
    const bench = new Bench();
    const start = bench.map(2);
    watch(bench, start, start + 2, Uffd.USER_MODE_ONLY);
    const task = bench.process.addTask(11);
    assert.equal(moved(bench, start * PAGE_SIZE, task), -Errno.EFAULT);
    const populate = () => bench.process.madvise(BigInt(start) * PAGE, PAGE, Advice.POPULATE_WRITE);
    assert.equal(by(bench, task, populate), -Errno.EFAULT);
    assert.equal(stores(bench, task, start * PAGE_SIZE), false);
  });

  it("brings memory in once it is let", () => {
    const bench = new Bench();
    const start = bench.map(2);
    const userfaultfd = watch(bench, start + 1, start + 2);
    const task = bench.process.addTask(11);
    const populate = () => bench.process.madvise(BigInt(start) * PAGE, 2n * PAGE, Advice.POPULATE_WRITE);
    assert.equal(by(bench, task, populate), WAITS);
    userfaultfd.unprotect(start + 1, start + 2);
    assert.equal(by(bench, task, populate), 0);
  });

  it("reads messages, and waits for the first where the descriptor may wait", () => {
    const bench = new Bench();
    const start = bench.map(4);
    const descriptor = bench.process.userfaultfd(0);
    const call = (request: number, ...words: bigint[]) =>
      bench.process.ioctl(descriptor, request, BigUint64Array.from([...words, 0n, 0n]));
    const into = BigInt(start + 3) * PAGE;
    assert.equal(bench.process.read(descriptor, into, 32n), -Errno.EINVAL, "before UFFDIO_API");
    assert.equal(call(Uffd.API_REQUEST, 0xaan, BigInt(UffdFeature.THREAD_ID | UffdFeature.WP_UNPOPULATED)), 0);
    assert.equal(call(Uffd.REGISTER_REQUEST, BigInt(start) * PAGE, 2n * PAGE, 2n), 0);
    assert.equal(call(Uffd.WRITEPROTECT_REQUEST, BigInt(start) * PAGE, 2n * PAGE, 1n), 0);
    assert.equal(bench.process.read(descriptor, into, 31n), -Errno.EINVAL);
    const reader = bench.process.addTask(12);
    const read = () => by(bench, reader, () => bench.process.read(descriptor, into, 100n));
    assert.equal(read(), WAITS);
    assert.equal(read(), WAITS);
    stores(bench, bench.process.addTask(11), start * PAGE_SIZE + 77);
    assert.equal(read(), 32);
    const bytes = new DataView(new ArrayBuffer(32));
    bench.process.peek(Number(into), new Uint8Array(bytes.buffer));
    const words = [
      bytes.getUint8(0),
      bytes.getBigUint64(8, true),
      bytes.getBigUint64(16, true),
      bytes.getUint32(24, true),
    ];
    assert.deepEqual(words, [0x12, 3n, BigInt(start) * PAGE, 11]);
  });
});

describe("Two userfaultfds of one process", () => {
  it("watch ranges apart, refuse each other's, and a scan that arms passes by the synchronous one", () => {
    const bench = new Bench();
    const start = bench.map(8);
    const tracking = bench.arm(start, start + 4);
    const watching = watch(bench, start + 4, start + 8);
    assert.throws(() => watching.register(start, start + 1), /EBUSY/);
    assert.throws(() => tracking.register(start + 4, start + 5), /EBUSY/);
    bench.write(start + 1);
    watching.unprotect(start + 5, start + 6);
    assert.deepEqual(bench.takeWritten(start, start + 8), [1]);
    assert.deepEqual(bench.takeWritten(start, start + 8), []);
    assert.deepEqual(bench.written(start, start + 8), [5]);
  });

  it("hand a range over by a last scan, unregistering and registering", () => {
    const bench = new Bench();
    const start = bench.map(4);
    const tracking = bench.arm(start, start + 4);
    bench.write(start + 2);
    assert.deepEqual(bench.takeWritten(start, start + 4), [2]);
    tracking.unregister(start, start + 4);
    const watching = watch(bench, start, start + 4);
    assert.equal(stores(bench, bench.process.addTask(11), start * PAGE_SIZE), false);
    watching.unregister(start, start + 4);
    watching.close();
    tracking.register(start, start + 4);
    tracking.writeProtect(start, start + 4);
    assert.deepEqual(bench.written(start, start + 4), []);
  });
});

describe("Whoever listens for faults", () => {
  it("is told once the access waits, and of those that waited before", async () => {
    const bench = new Bench();
    const start = bench.map(2);
    const userfaultfd = watch(bench, start, start + 2);
    const task = bench.process.addTask(11);
    stores(bench, task, start * PAGE_SIZE);
    let told = 0;
    const subscription = userfaultfd.onFault(() => {
      told += 1;
      userfaultfd.readFaults();
    });
    assert.equal(told, 0);
    await Promise.resolve();
    assert.equal(told, 1);
    stores(bench, bench.process.addTask(12), start * PAGE_SIZE);
    await Promise.resolve();
    assert.equal(told, 2);
    subscription.dispose();
    stores(bench, bench.process.addTask(13), start * PAGE_SIZE);
    await Promise.resolve();
    assert.equal(told, 2);
  });

  it("learns that a store is done by its thread's faults, which do not count while it waits", () => {
    const bench = new Bench();
    const start = bench.map(1);
    bench.write(start);
    const userfaultfd = watch(bench, start, start + 1);
    const task = bench.process.addTask(11);
    const { faultsDone } = simulatedKernel(() => bench.process.machine);
    const done = () => faultsDone?.(bench.process.pid, 11) ?? -1;
    stores(bench, task, start * PAGE_SIZE);
    const before = done();
    task.giveUp();
    stores(bench, task, start * PAGE_SIZE);
    assert.equal(done(), before);
    userfaultfd.unprotect(start, start + 1);
    assert.equal(done(), before);
    stores(bench, task, start * PAGE_SIZE);
    assert.equal(done(), before + 1);
  });
});
