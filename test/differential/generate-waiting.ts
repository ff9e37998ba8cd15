// Arbitrary operations of a synchronous userfaultfd: second threads whose accesses it holds, and first threads that read and answer.
import fc, { type Arbitrary } from "fast-check";
import { Advice, OpenFlag, Uffd, UffdFeature } from "../../src/kernel/abi.ts";
import type { Chunk } from "./generate.ts";
import { descriptorOf } from "./generate-memory.ts";
import { PAGE } from "./layout.ts";
import { type CallName, descriptor, type Operation, type Program } from "./operation.ts";
import {
  address,
  among,
  bitsOf,
  byteAddress,
  constant,
  hugeRange,
  operation,
  type Range,
  range,
  rangeOperation,
} from "./places.ts";

const { WP_ASYNC, WP_UNPOPULATED, PAGEFAULT_FLAG_WP, WP_HUGETLBFS_SHMEM, EXACT_ADDRESS, THREAD_ID, SIGBUS } =
  UffdFeature;

/** What nearly all programs work on. */
const WIDE: Range = { start: address(0), bytes: 16n * PAGE };
const slots = fc.constantFrom(0, 0, 0, 1);

/** What touches the program's memory, and so may have to wait. */
const TOUCHING: ReadonlySet<CallName> = new Set([
  ...(["load", "store", "loadEach", "storeEach", "storeWord", "vmRead", "vmWrite"] as const),
  ...(["ioctl", "scan", "mmap", "mremap", "mprotect", "madvise"] as const),
]);

export function generateWaiting(invalid: boolean): Chunk[] {
  const ranges = fc.oneof({ weight: 8, arbitrary: range(invalid) }, { weight: 1, arbitrary: hugeRange });
  const watch = descriptorOf("watch", invalid);
  // Reading other files is another matter.
  const read = operation("readFaults", descriptorOf("watch", false), among(32, 32, 64, 640, 31, 0));
  return [
    { name: "wait", weight: 2, operations: startWaiting(invalid) },
    { name: "wait", weight: 5, operations: stores() },
    { name: "wait", weight: 3, operations: read.map(each => [each]) },
    {
      name: "wait",
      weight: 4,
      operations: fc.tuple(read, rangeOperation("uffdWriteProtect", [watch], ranges, among(0, 0, 0, 2))),
    },
    { name: "wait", weight: 2, operations: rangeOperation("uffdWake", [watch], ranges).map(each => [each]) },
    { name: "wait", weight: 1, operations: kernelStores() },
    { name: "wait", weight: 8, operations: story(ranges, watch, read) },
  ];
}

/** A range is protected, somebody stores into it, and something happens to it or to those who wait. */
function story(
  ranges: Arbitrary<Range>,
  watch: Arbitrary<bigint>,
  read: Arbitrary<Operation>,
): Arbitrary<readonly Operation[]> {
  const near = fc.oneof({ weight: 3, arbitrary: range(false) }, { weight: 1, arbitrary: fc.constant(WIDE) });
  return fc.tuple(near, slots, fc.array(read, { maxLength: 1 })).chain(([chosen, slot, told]) => {
    const file = descriptor("watch", slot);
    const over = (call: CallName, ...rest: Arbitrary<bigint>[]) =>
      rangeOperation(call, [fc.constant(file)], fc.oneof(fc.constant(chosen), fc.constant(WIDE), ranges), ...rest);
    const answer = fc.oneof(
      { weight: 6, arbitrary: over("uffdWriteProtect", among(0, 0, 0, 2)) },
      { weight: 3, arbitrary: over("uffdWake") },
      { weight: 1, arbitrary: over("uffdUnregister") },
      { weight: 1, arbitrary: rangeOperation("munmap", [], fc.constant(chosen)) },
      { weight: 1, arbitrary: operation("close", fc.constant(file)) },
      { weight: 1, arbitrary: operation("close", watch) },
      { weight: 1, arbitrary: fc.oneof(operation("fork"), operation("exec"), operation("exit")) },
      { weight: 2, arbitrary: over("uffdWriteProtect", among(1)) },
    );
    const { start, bytes } = chosen;
    const watching: Operation[] = [
      { process: 0, call: "uffdRegister", args: [file, start, bytes, 2n, 0n] },
      { process: 0, call: "uffdWriteProtect", args: [file, start, bytes, 1n] },
    ];
    return fc
      .tuple(
        fc.constantFrom(0, 0, 1, 2),
        fc.oneof(storesInto(chosen), storesInto(chosen), stores(), kernelStores()),
        fc.array(answer, { minLength: 1, maxLength: 4 }),
      )
      .map(([without, store, answers]) => [...watching.slice(without), ...store, ...told, ...answers]);
  });
}

/** What Stop at Write does: opens, agrees on features, registers a range and protects it. */
export function startWaiting(invalid: boolean): Arbitrary<Operation[]> {
  const features = bitsOf(PAGEFAULT_FLAG_WP, WP_HUGETLBFS_SHMEM, WP_UNPOPULATED, EXACT_ADDRESS, THREAD_ID);
  const flags = fc.constantFrom(0, 0, Uffd.USER_MODE_ONLY).map(bits => BigInt(bits | OpenFlag.NONBLOCK));
  const some = fc.oneof(
    { weight: 8, arbitrary: features },
    { weight: 4, arbitrary: constant(PAGEFAULT_FLAG_WP | WP_UNPOPULATED | EXACT_ADDRESS | THREAD_ID) },
    { weight: 1, arbitrary: features.map(bits => bits | BigInt(SIGBUS)) },
  );
  return fc
    .tuple(fc.oneof(range(invalid), hugeRange, fc.constant(WIDE)), slots, flags, some, fc.boolean())
    .map(([{ start, bytes }, slot, opened, wanted, protects]) => {
      const watch = descriptor("watch", slot);
      const list: Operation[] = [
        { process: 0, call: "userfaultfd", args: [opened] },
        { process: 0, call: "uffdApi", args: [watch, BigInt(Uffd.API), wanted, 0n] },
        { process: 0, call: "uffdRegister", args: [watch, start, bytes, 2n, 0n] },
      ];
      if (protects) list.push({ process: 0, call: "uffdWriteProtect", args: [watch, start, bytes, 1n] });
      return list;
    });
}

/** A second thread's stores within a range. */
function storesInto({ start, bytes }: Range): Arbitrary<Operation[]> {
  const pages = Number(BigInt.asUintN(20, bytes / PAGE)) || 1;
  const place = fc
    .tuple(fc.integer({ min: 0, max: pages - 1 }), fc.constantFrom(0, 1, 9, 4090, 4095))
    .map(([page, byte]) => start + BigInt(page) * PAGE + BigInt(byte));
  const each = fc.oneof(
    operation("storeEach", place, among(4096, 4096, 1000), among(1, 3, 8), among(1, 2, 7)),
    operation("store", place, among(1, 8, 20), among(1, 2, 7)),
    operation("storeWord", place, among(0x1122334455667788n, 1)),
    operation("vmWrite", constant(0), place, among(1, 20, 64), among(3, 5)),
  );
  return each.map(one => [{ ...one, process: 0, bySecond: true }]);
}

/** Stores of a second thread, one after the other as they are let. */
function stores(): Arbitrary<Operation[]> {
  const near = fc.integer({ min: 0, max: 16 }).map(page => address(page, 3));
  const each = fc.oneof(
    operation("storeEach", near, among(4096, 4096, 1000, 8192), among(1, 3, 8, 20), among(1, 2, 7)),
    operation("store", byteAddress, among(1, 8, 20), among(1, 2, 7)),
    operation("storeWord", byteAddress, among(0x1122334455667788n, 1)),
  );
  return each.map(one => [{ ...one, bySecond: true }]);
}

/** Stores that the kernel makes for a second thread. */
function kernelStores(): Arbitrary<Operation[]> {
  const populate = rangeOperation("madvise", [], range(false), constant(Advice.POPULATE_WRITE));
  const write = operation("vmWrite", among(0, 0, 0, 1), byteAddress, among(1, 20, 64), among(3, 5));
  return fc.oneof(populate, write).map(one => [{ ...one, bySecond: true }]);
}

/** Whether somebody may have to wait in the program: it agrees on features without asynchronous protection. */
function mayWait({ call, args }: Operation): boolean {
  return call === "uffdApi" && args[1] === BigInt(Uffd.API) && ((args[2] ?? 0n) & BigInt(WP_ASYNC)) === 0n;
}

/**
 * Lets second threads do all that may have to wait, since nobody could answer a first thread; and others nothing at all. Each writes to its
 * own process's memory alone: of two that wait there, nobody can say which goes on first.
 */
export function withSecondThreads(program: Program): Program {
  const waits = program.some(mayWait);
  return program.map(({ bySecond, ...rest }) => {
    if (!waits || !(bySecond || TOUCHING.has(rest.call))) return rest;
    const own = rest.call === "vmWrite" ? { args: [BigInt(rest.process), ...rest.args.slice(1)] } : {};
    return { ...rest, ...own, bySecond: true };
  });
}
