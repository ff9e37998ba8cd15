// Arbitrary operations on memory itself: mappings, accesses, advice, files, processes.
import fc, { type Arbitrary } from "fast-check";
import { Advice, MapFlag, OpenFlag, Protection, RemapFlag } from "../../src/kernel/abi.ts";
import type { Chunk } from "./generate.ts";
import { HEAP, PAGE } from "./layout.ts";
import { type DescriptorKind, descriptor, type Operation } from "./operation.ts";
import {
  among,
  address as at,
  bitsOf,
  byteAddress,
  constant,
  HUGE,
  hugeRange,
  length,
  nearPage,
  operation,
  type Range,
  range,
  rangeOperation,
  sometimes,
} from "./places.ts";

const { READ, WRITE, EXEC, NONE } = Protection;
const { PRIVATE, SHARED, ANONYMOUS, FIXED } = MapFlag;
const RW = READ | WRITE;

const one = (arbitrary: Arbitrary<Operation>): Arbitrary<Operation[]> => arbitrary.map(each => [each]);
const many = (...list: readonly Arbitrary<Operation>[]): Arbitrary<Operation[]> => fc.tuple(...list);

/** Descriptors of a kind, sometimes of another or none. */
export function descriptorOf(kind: DescriptorKind, invalid: boolean): Arbitrary<bigint> {
  const right = fc.constantFrom(0, 0, 0, 1, 2).map(slot => descriptor(kind, slot));
  const wrong = fc
    .constantFrom<DescriptorKind>("none", "memory", "watch", "pagemap")
    .map(other => descriptor(other, 0));
  return sometimes(invalid, right, wrong, 40);
}

export function generateMemory(invalid: boolean): Chunk[] {
  const ranges = range(invalid);
  const protection = sometimes(
    invalid,
    among(RW, RW, RW, RW, RW, RW, READ, READ, NONE, WRITE, RW | EXEC, READ | EXEC, EXEC),
    among(8, 16, 0x100, RW | Protection.GROWSDOWN, RW | Protection.GROWSUP),
  );
  const extra = bitsOf(MapFlag.NORESERVE, MapFlag.STACK, MapFlag.POPULATE, MapFlag.NONBLOCK, MapFlag.LOCKED);
  const rareExtra = fc.oneof({ weight: 9, arbitrary: constant(0) }, { weight: 1, arbitrary: extra });
  const map = (
    flags: Arbitrary<bigint>,
    file: Arbitrary<bigint>,
    offset: Arbitrary<bigint>,
    of: Arbitrary<Range> = ranges,
  ) =>
    rangeOperation(
      "mmap",
      [],
      of,
      protection,
      fc.tuple(flags, rareExtra).map(([a, b]) => a | b),
      file,
      offset,
    );
  const none = constant(descriptor("none"));
  const offset = sometimes(
    invalid,
    among(0, 0, 0, length(1), length(2), length(5)),
    among(1, 4095, 2n ** 63n - 4096n, -4096),
  );
  const memory = descriptorOf("memory", invalid);
  const fileBytes = among(
    0,
    length(1),
    length(2),
    length(4) + 100n,
    length(8),
    length(16),
    length(40),
    1,
    length(3) - 1n,
  );
  const touchArguments = {
    stride: among(length(1), length(1), length(2), length(3)),
    times: among(1, 2, 4, 8, 16, 64),
  };
  const value = fc.integer({ min: 1, max: 255 }).map(BigInt);

  return [
    { name: "anonymous", weight: 10, operations: one(map(constant(PRIVATE | ANONYMOUS | FIXED), none, constant(0))) },
    { name: "shared", weight: 3, operations: one(map(constant(SHARED | ANONYMOUS | FIXED), none, constant(0))) },
    {
      name: "mapFlags",
      weight: 2,
      operations: one(
        map(
          among(
            PRIVATE | ANONYMOUS | MapFlag.FIXED_NOREPLACE,
            PRIVATE | ANONYMOUS | MapFlag.FIXED_NOREPLACE | FIXED,
            PRIVATE | ANONYMOUS,
            SHARED | ANONYMOUS,
            MapFlag.DROPPABLE | ANONYMOUS | FIXED,
            MapFlag.SHARED_VALIDATE | ANONYMOUS | FIXED,
            ANONYMOUS | FIXED,
            PRIVATE | ANONYMOUS | FIXED | MapFlag.GROWSDOWN,
            SHARED | ANONYMOUS | FIXED | MapFlag.GROWSDOWN,
          ),
          fc.oneof(none, memory),
          offset,
        ),
      ),
    },
    {
      name: "growsdown",
      weight: 1,
      operations: many(
        map(constant(PRIVATE | ANONYMOUS | FIXED | MapFlag.GROWSDOWN), none, constant(0)),
        operation("store", byteAddress, constant(1), value),
      ),
    },
    {
      name: "files",
      weight: 3,
      operations: many(
        operation("memfd"),
        operation("ftruncate", memory, fileBytes),
        map(among(SHARED | FIXED, PRIVATE | FIXED), memory, offset),
      ),
    },
    { name: "files", weight: 3, operations: one(map(among(SHARED | FIXED, PRIVATE | FIXED), memory, offset)) },
    {
      name: "files",
      weight: 2,
      operations: one(operation("ftruncate", memory, sometimes(invalid, fileBytes, among(-1, 2n ** 63n)))),
    },
    { name: "open", weight: 1, operations: one(operation("open", among(OpenFlag.RDWR, OpenFlag.RDONLY))) },
    { name: "munmap", weight: 4, operations: one(rangeOperation("munmap", [], ranges)) },
    { name: "mprotect", weight: 4, operations: one(rangeOperation("mprotect", [], ranges, protection)) },
    { name: "mremap", weight: 4, operations: one(remap(invalid)) },
    { name: "store", weight: 12, operations: one(operation("store", byteAddress, among(1, 1, 1, 8, 64), value)) },
    { name: "load", weight: 8, operations: one(operation("load", byteAddress, among(1, 1, 1, 8, 64))) },
    {
      name: "store",
      weight: 6,
      operations: one(
        operation(
          "storeEach",
          nearPage.map(page => at(page)),
          touchArguments.stride,
          touchArguments.times,
          value,
        ),
      ),
    },
    {
      name: "load",
      weight: 3,
      operations: one(
        operation(
          "loadEach",
          nearPage.map(page => at(page)),
          touchArguments.stride,
          touchArguments.times,
        ),
      ),
    },
    { name: "madvise", weight: 3, operations: one(rangeOperation("madvise", [], ranges, plainAdvice(invalid))) },
    {
      name: "dontneed",
      weight: 4,
      operations: one(rangeOperation("madvise", [], ranges, among(Advice.DONTNEED, Advice.DONTNEED, Advice.FREE))),
    },
    {
      name: "populate",
      weight: 2,
      operations: one(rangeOperation("madvise", [], ranges, among(Advice.POPULATE_READ, Advice.POPULATE_WRITE))),
    },
    {
      name: "guard",
      weight: 3,
      operations: one(
        rangeOperation("madvise", [], ranges, among(Advice.GUARD_INSTALL, Advice.GUARD_INSTALL, Advice.GUARD_REMOVE)),
      ),
    },
    {
      name: "brk",
      weight: 2,
      operations: one(
        operation(
          "brk",
          fc
            .tuple(fc.integer({ min: -2, max: 40 }), among(0, 0, 1, 100, 4095))
            .map(([page, byte]) => HEAP + BigInt(page) * PAGE + byte),
        ),
      ),
    },
    { name: "remove", weight: 1, operations: one(rangeOperation("madvise", [], ranges, constant(Advice.REMOVE))) },
    {
      name: "reclaim",
      weight: 1,
      operations: one(rangeOperation("madvise", [], ranges, among(Advice.COLD, Advice.PAGEOUT))),
    },
    { name: "thp", weight: 3, operations: hugeMemory(value) },
    {
      name: "thp",
      weight: 1,
      operations: one(
        rangeOperation(
          "madvise",
          [],
          fc.oneof(hugeRange, ranges),
          among(Advice.HUGEPAGE, Advice.HUGEPAGE, Advice.NOHUGEPAGE),
        ),
      ),
    },
    {
      name: "collapse",
      weight: 1,
      operations: one(rangeOperation("madvise", [], fc.oneof(hugeRange, ranges), constant(Advice.COLLAPSE))),
    },
    { name: "vm", weight: 2, operations: one(operation("vmRead", among(0, 0, 1), byteAddress, among(1, 8, 64))) },
    {
      name: "vm",
      weight: 2,
      operations: one(operation("vmWrite", among(0, 0, 1), byteAddress, among(1, 8, 64), value)),
    },
    { name: "fork", weight: 2, operations: one(operation("fork")) },
    { name: "fork", weight: 1, operations: one(operation("exit")) },
    { name: "close", weight: 1, operations: one(operation("close", memory)) },
  ];
}

/** In place, or to a fixed place; what the kernel would place itself is given back at once. */
function remap(invalid: boolean): Arbitrary<Operation> {
  const { MAYMOVE, FIXED: TO, DONTUNMAP } = RemapFlag;
  const flags = sometimes(
    invalid,
    among(0, MAYMOVE | TO, MAYMOVE | TO, MAYMOVE | TO, MAYMOVE | TO | DONTUNMAP, MAYMOVE),
    among(TO, DONTUNMAP, 8, MAYMOVE | DONTUNMAP),
  );
  const target = sometimes(
    invalid,
    nearPage.map(page => at(page)),
    among(at(3, 1), 0xffff800000000000n),
  );
  const same = fc
    .tuple(
      rangeOperation("mremap", [], range(invalid), constant(0), flags, target),
      fc.constantFrom(0, 0, 0, 1, 3, -1, -2),
    )
    .map(([{ process, call, args }, more]) => {
      const [start = 0n, old = 0n, , chosen = 0n, to = 0n] = args;
      const grown = old + length(more);
      return { process, call, args: [start, old, grown < 0n ? old : BigInt.asUintN(64, grown), chosen, to] };
    });
  const other = rangeOperation("mremap", [], range(false), among(0, length(1), length(4), 100), flags, target);
  return fc.oneof({ weight: 5, arbitrary: same }, { weight: 1, arbitrary: other }).map(withChosenPlace);
}

/** Whole page tables move only between places that are aligned alike: where they are, no place may be the kernel's choice. */
function withChosenPlace(operation: Operation): Operation {
  const [start = 0n, old = 0n, bytes = 0n, flags = 0n, to = 0n] = operation.args;
  const isLarge = old >= length(HUGE);
  const placed = isLarge && (flags & BigInt(RemapFlag.MAYMOVE)) !== 0n ? flags | BigInt(RemapFlag.FIXED) : flags;
  return { ...operation, args: [start, old, bytes, placed, to] };
}

/** Huge pages need memory that is aligned, advised and then touched. */
function hugeMemory(value: Arbitrary<bigint>): Arbitrary<Operation[]> {
  return fc
    .tuple(
      hugeRange,
      fc.integer({ min: 0, max: HUGE - 1 }),
      value,
      fc.constantFrom("storeEach", "loadEach", "store", "load"),
    )
    .map(([{ start, bytes }, page, byte, touch]) => {
      const place = start + length(page);
      const touches: Record<string, Operation> = {
        store: { process: 0, call: "store", args: [place, 1n, byte] },
        load: { process: 0, call: "load", args: [place, 1n] },
        storeEach: { process: 0, call: "storeEach", args: [start, length(HUGE), bytes / length(HUGE), byte] },
        loadEach: { process: 0, call: "loadEach", args: [start, length(HUGE), bytes / length(HUGE)] },
      };
      const map = [start, bytes, BigInt(RW), BigInt(PRIVATE | ANONYMOUS | FIXED), descriptor("none"), 0n];
      const operations: Operation[] = [
        { process: 0, call: "mmap", args: map },
        { process: 0, call: "madvise", args: [start, bytes, BigInt(Advice.HUGEPAGE)] },
      ];
      const touched = touches[touch];
      return touched ? [...operations, touched] : operations;
    });
}

/** Advice that changes a mapping's flags or nothing. Never 100 and 101, which take memory away from the machine. */
function plainAdvice(invalid: boolean): Arbitrary<bigint> {
  const { NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTFORK, DOFORK, MERGEABLE, UNMERGEABLE } = Advice;
  const { DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK, DONTNEED_LOCKED } = Advice;
  const flags = [DONTFORK, DOFORK, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK];
  return sometimes(
    invalid,
    among(...flags, ...flags, NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED_LOCKED, MERGEABLE, UNMERGEABLE),
    among(5, 6, 7, 26, 99, 104, -1),
  );
}
