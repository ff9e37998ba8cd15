// Arbitrary operations of tracking: userfaultfd's ioctls, PAGEMAP_SCAN and reads of the pagemap.
import fc, { type Arbitrary } from "fast-check";
import {
  MapFlag,
  OpenFlag,
  PagemapScan,
  ProcmapQuery,
  Protection,
  TRACKING_FEATURES,
  Uffd,
  UffdFeature,
} from "../../src/kernel/abi.ts";
import type { Chunk } from "./generate.ts";
import { descriptorOf } from "./generate-memory.ts";
import { ALL_CATEGORIES, ARENA_END, ARENA_START, SCRATCH } from "./layout.ts";
import { descriptor, type Operation } from "./operation.ts";
import {
  among,
  address as at,
  bitsOf,
  byteAddress,
  constant,
  hugeRange,
  length,
  nearPage,
  operation,
  range,
  rangeOperation,
  regionsPlace,
  sometimes,
} from "./places.ts";

const WRITTEN = 2;
const { USER_MODE_ONLY, API } = Uffd;
const TRACKING = BigInt(TRACKING_FEATURES);

const one = (arbitrary: Arbitrary<Operation>): Arbitrary<Operation[]> => arbitrary.map(each => [each]);

export function generateWatching(invalid: boolean): Chunk[] {
  const ranges = fc.oneof({ weight: 8, arbitrary: range(invalid) }, { weight: 1, arbitrary: hugeRange });
  const watch = descriptorOf("watch", invalid);
  // Modes other than write protection would have faults wait for an answer nobody gives.
  const mode = sometimes(invalid, constant(2), among(0, 8, 16, 2n ** 63n));
  const protect = sometimes(invalid, among(1, 1, 1, 0), among(2, 3, 4, 2n ** 63n));
  const flags = sometimes(
    invalid,
    among(USER_MODE_ONLY, USER_MODE_ONLY | OpenFlag.CLOEXEC | OpenFlag.NONBLOCK, 0),
    among(2, 4, 0x100, -1),
  );
  return [
    { name: "watch", weight: 3, operations: startWatching(invalid) },
    { name: "watch", weight: 2, operations: one(rangeOperation("uffdRegister", [watch], ranges, mode, constant(0))) },
    { name: "watch", weight: 3, operations: one(rangeOperation("uffdWriteProtect", [watch], ranges, protect)) },
    { name: "watch", weight: 1, operations: one(rangeOperation("uffdUnregister", [watch], ranges)) },
    { name: "watch", weight: 1, operations: one(operation("close", watch)) },
    {
      name: "api",
      weight: 1,
      operations: fc.tuple(
        operation("userfaultfd", flags),
        operation("uffdApi", watch, among(API, API, 0, 0xab), features(), constant(0)),
      ),
    },
    { name: "scan", weight: 16, operations: one(scan(invalid)) },
    { name: "scanAll", weight: 1, operations: one(scanOfEverything()) },
    { name: "manyRegions", weight: 1, operations: fc.tuple(...manyRegions(), scan(invalid), scan(invalid)) },
    {
      name: "badIoctl",
      weight: invalid ? 1 : 0,
      operations: one(
        operation(
          "badIoctl",
          fc.constantFrom("none", "memory", "watch", "pagemap").map(kind => descriptor(kind as "none")),
          among(
            Uffd.API_REQUEST,
            Uffd.REGISTER_REQUEST,
            Uffd.UNREGISTER_REQUEST,
            Uffd.WRITEPROTECT_REQUEST,
            0xc0606610,
            ProcmapQuery.REQUEST,
            7,
          ),
        ),
      ),
    },
    {
      name: "pagemap",
      weight: 2,
      operations: one(
        operation(
          "readPagemap",
          // Not of memory files: their contents are another matter.
          descriptorOf("pagemap", false),
          sometimes(
            invalid,
            nearPage.map(page => at(page)),
            among(0x7fffffffe000n, 0x7ffffffff000n, 0x800000000000n, 2n ** 63n),
          ),
          among(1, 4, 20, 600),
        ),
      ),
    },
    {
      name: "query",
      weight: 2,
      operations: one(
        operation(
          "query",
          sometimes(invalid, constant(ProcmapQuery.SIZE), among(0, 8, 96, 112, 4096, 4097), 20),
          sometimes(invalid, among(0, 0x10, 0x10, 0x11, 0x12, 0x14, 0x18, 0x30, 3, 0x32), among(0x40, 0xff), 30),
          byteAddress,
        ),
      ),
    },
    { name: "struct", weight: 3, operations: structInMemory() },
    { name: "exec", weight: 1, operations: one(operation("exec")) },
    { name: "openPagemap", weight: 1, operations: one(operation("openPagemap", among(0, 1, 2))) },
    { name: "clearRefs", weight: 1, operations: one(operation("clearRefs", among(1, 2, 3, 4, 0, 6))) },
  ];
}

/** An ioctl whose struct lies in the memory that it is about, or that something else may have armed, protected or unmapped. */
function structInMemory(): Arbitrary<Operation[]> {
  const place = fc
    .tuple(nearPage, fc.constantFrom(0, 0, 64, 2048, 4096 - 96, 4096 - 40, 4096 - 24, 4096 - 8, 4095))
    .map(([page, byte]) => at(page, byte));
  const sound = range(false);
  const scanned = fc.tuple(fc.constantFrom(0n, 0n, 1n), sound, fc.constantFrom(0n, 2n)).map(([flags, one, mask]) => ({
    file: descriptor("pagemap"),
    request: BigInt(PagemapScan.REQUEST),
    words: { 0: 96n, 1: flags, 2: one.start, 3: one.start + one.bytes, 9: mask, 11: 2n },
  }));
  const watched = fc
    .tuple(fc.constantFrom(Uffd.REGISTER_REQUEST, Uffd.WRITEPROTECT_REQUEST, Uffd.UNREGISTER_REQUEST), sound)
    .map(([request, { start, bytes }]) => ({
      file: descriptor("watch"),
      request: BigInt(request),
      words: { 0: start, 1: bytes, 2: request === Uffd.REGISTER_REQUEST ? 2n : 1n },
    }));
  return fc.tuple(place, fc.oneof(scanned, watched)).map(([address, { file, request, words }]) => [
    ...Object.entries(words).map(([index, word]): Operation => {
      return { process: 0, call: "storeWord", args: [address + 8n * BigInt(index), word] };
    }),
    { process: 0, call: "ioctl", args: [file, request, address] },
  ]);
}

/** What a tracker does: open, agree on features, register a range and protect it. */
export function startWatching(invalid: boolean): Arbitrary<Operation[]> {
  return fc
    .tuple(fc.oneof(range(invalid), hugeRange), fc.constantFrom(0, 0, 0, 1), fc.boolean())
    .map(([{ start, bytes }, slot, protects]) => {
      const watch = descriptor("watch", slot);
      const list: Operation[] = [
        { process: 0, call: "userfaultfd", args: [BigInt(USER_MODE_ONLY)] },
        { process: 0, call: "uffdApi", args: [watch, BigInt(API), TRACKING, 0n] },
        { process: 0, call: "uffdRegister", args: [watch, start, bytes, 2n, 0n] },
      ];
      if (protects) list.push({ process: 0, call: "uffdWriteProtect", args: [watch, start, bytes, 1n] });
      return list;
    });
}

/** Features always ask for asynchronous protection or for what no kernel has: without it, a write waits for an answer. */
function features(): Arbitrary<bigint> {
  const { WP_ASYNC, WP_UNPOPULATED, PAGEFAULT_FLAG_WP, WP_HUGETLBFS_SHMEM } = UffdFeature;
  return fc.oneof(
    { weight: 4, arbitrary: constant(TRACKING) },
    {
      weight: 2,
      arbitrary: bitsOf(WP_UNPOPULATED, PAGEFAULT_FLAG_WP, WP_HUGETLBFS_SHMEM, 1 << 8).map(
        bits => bits | BigInt(WP_ASYNC),
      ),
    },
    { weight: 1, arbitrary: among(1n << 17n, (1n << 63n) | TRACKING) },
  );
}

/** The whole address space; where only what is registered matches, nothing but the arena is told. */
function scanOfEverything(): Arbitrary<Operation> {
  const registered = bitsOf(2, 4, 8, 16, 32, 64, 256).map(bits => bits | 1n);
  return operation(
    "scan",
    descriptorOf("pagemap", false),
    constant(96),
    among(0, 1, 1),
    constant(0),
    among(0x7ffffffff000n, 0x7fffffffe000n),
    constant(0),
    constant(SCRATCH),
    among(1, 3, 20, 600),
    among(0, 0, 1, 5),
    constant(0),
    registered,
    bitsOf(2, 8, 16),
    fc.bigInt({ min: 0n, max: ALL_CATEGORIES }),
  );
}

/** More regions than the kernel collects before it copies them out (512). */
function manyRegions(): Arbitrary<Operation>[] {
  const [start, bytes] = [at(0), length(2048)];
  const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | MapFlag.FIXED;
  const protection = BigInt(Protection.READ | Protection.WRITE);
  const map = [start, bytes, protection, BigInt(flags), descriptor("none"), 0n];
  return [
    fc.constant({ process: 0, call: "mmap", args: map }),
    operation("storeEach", among(start, at(1)), among(length(2), length(3)), among(500, 520, 700), constant(1)),
  ];
}

function scan(invalid: boolean): Arbitrary<Operation> {
  const mask = sometimes(invalid, fc.bigInt({ min: 0n, max: ALL_CATEGORIES }), among(0x200, 1n << 63n), 60);
  const single = fc.integer({ min: 0, max: 8 }).map(bit => 1n << BigInt(bit));
  const few = fc.oneof(constant(0), constant(0), single, mask);
  const masks: Arbitrary<readonly bigint[]> = fc.oneof(
    { weight: 3, arbitrary: fc.constant([0n, BigInt(WRITTEN), 0n, BigInt(WRITTEN)]) },
    { weight: 2, arbitrary: fc.tuple(constant(0), constant(0), constant(0), mask) },
    { weight: 3, arbitrary: fc.tuple(few, few, few, mask) },
    { weight: 1, arbitrary: fc.tuple(mask, mask, mask, mask) },
  );
  const lengths = sometimes(
    invalid,
    among(1, 2, 3, 5, 20, 20, 20, 511, 512, 513, 600, 2730, 0),
    among(2n ** 60n, 2n ** 63n, -1),
  );
  const bounds = fc.oneof(
    {
      weight: 6,
      arbitrary: range(invalid).map(({ start, bytes }) => [start, BigInt.asUintN(64, start + bytes)] as const),
    },
    { weight: 2, arbitrary: fc.constant([at(0), at(16)] as const) },
    { weight: 1, arbitrary: fc.constant([ARENA_START, ARENA_END] as const) },
    { weight: 1, arbitrary: fc.constant([at(0), at(2048)] as const) },
    { weight: 1, arbitrary: fc.tuple(nearPage, nearPage).map(([from, to]) => [at(from), at(to)] as const) },
  );
  return fc
    .tuple(
      operation("scan", descriptorOf("pagemap", invalid)),
      sometimes(invalid, constant(96), among(0, 95, 97, 104), 60),
      sometimes(invalid, among(0, 1, 1, 1, 3, 2), among(4, 5, 8, 2n ** 63n), 60),
      bounds,
      among(0, 0, 12345),
      regionsPlace(invalid),
      lengths,
      among(0, 0, 0, 1, 2, 3, 5, 511, 512, 513, -1),
      masks,
    )
    .map(([{ process, call, args }, size, flags, [start, end], walkEnd, vec, count, maxPages, words]) => {
      const [file = 0n] = args;
      const isNull = vec === 0n;
      return {
        process,
        call,
        args: [
          file,
          size,
          flags,
          start,
          end,
          walkEnd,
          vec,
          isNull && count % 2n === 0n ? 0n : count,
          maxPages,
          ...words,
        ],
      };
    });
}
