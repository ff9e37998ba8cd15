// Arbitrary addresses, lengths and ranges, from pools small enough that they overlap.
import fc, { type Arbitrary } from "fast-check";
import { MIDDLE, PAGE, SCRATCH, SCRATCH_BYTES } from "./layout.ts";
import type { CallName, Operation } from "./operation.ts";

/** Pages of a huge page. */
export const HUGE = 512;

/** Where huge pages, page tables and their levels begin and end. */
const EDGES = [-HUGE - 1, -HUGE, -1, 0, HUGE - 1, HUGE, HUGE + 1, 2 * HUGE - 1, 2 * HUGE];

export const address = (page: number, byte = 0): bigint => MIDDLE + BigInt(page) * PAGE + BigInt(byte);
export const length = (pages: number): bigint => BigInt(pages) * PAGE;

export const nearPage: Arbitrary<number> = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 16 }) },
  { weight: 3, arbitrary: fc.integer({ min: -4, max: 64 }) },
  { weight: 2, arbitrary: fc.constantFrom(...EDGES) },
);

const fewPages: Arbitrary<number> = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(HUGE - 1, HUGE, HUGE + 1, 2 * HUGE) },
);

/** Addresses no process has: the top of the user half, the hole, the kernel's half. */
const FOREIGN = [0x7ffffffff000n, 0x800000000000n, 0xffff800000000000n, 2n ** 64n - 4096n];

/** Lengths no range has. A range of one wraps around: if it merely reached far, advice would take the program's own memory. */
const ABSURD = [2n ** 64n - 1n, 2n ** 64n - 4096n, 2n ** 64n - MIDDLE + (1n << 30n), 2n ** 64n - (1n << 40n)];

export interface Range {
  readonly start: bigint;
  readonly bytes: bigint;
}

const soundRange: Arbitrary<Range> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(nearPage, fewPages).map(([page, pages]) => ({ start: address(page), bytes: length(pages) })),
  },
  { weight: 2, arbitrary: fc.constant({ start: address(0), bytes: length(16) }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(-HUGE, 0, HUGE), fc.constantFrom(HUGE, 2 * HUGE))
      .map(([page, pages]) => ({ start: address(page), bytes: length(pages) })),
  },
);

const unsoundRange: Arbitrary<Range> = fc.oneof(
  fc
    .tuple(soundRange, fc.constantFrom(1n, 2048n, 4095n))
    .map(([range, byte]) => ({ ...range, start: range.start + byte })),
  fc
    .tuple(soundRange, fc.constantFrom(1n, 2048n, 4095n))
    .map(([range, byte]) => ({ ...range, bytes: range.bytes - byte })),
  soundRange.map(range => ({ ...range, bytes: 0n })),
  fc.tuple(soundRange, fc.constantFrom(...ABSURD)).map(([range, bytes]) => ({ ...range, bytes })),
  fc.tuple(fc.constantFrom(...FOREIGN), fewPages).map(([start, pages]) => ({ start, bytes: length(pages) })),
);

/** Ranges in the arena; where `invalid`, one in a dozen is unaligned, empty or out of bounds. */
export function range(invalid: boolean): Arbitrary<Range> {
  return sometimes(invalid, soundRange, unsoundRange, 12);
}

/** Ranges of whole huge pages. */
export const hugeRange: Arbitrary<Range> = fc
  .tuple(fc.constantFrom(0, 0, 0, -HUGE, HUGE), fc.constantFrom(1, 1, 1, 2))
  .map(([page, count]) => ({ start: address(page), bytes: length(count * HUGE) }));

/** Mostly `sound`; one in `rarity` is `unsound` where that is wanted. */
export function sometimes<T>(invalid: boolean, sound: Arbitrary<T>, unsound: Arbitrary<T>, rarity = 25): Arbitrary<T> {
  if (!invalid) return sound;
  return fc.oneof({ weight: rarity - 1, arbitrary: sound }, { weight: 1, arbitrary: unsound });
}

/** A byte's address: anywhere in a page, often at its edges. */
export const byteAddress: Arbitrary<bigint> = fc
  .tuple(nearPage, fc.constantFrom(0, 0, 0, 1, 8, 2048, 4090, 4095))
  .map(([page, byte]) => address(page, byte));

/** Where regions go: scratch memory, sometimes the arena's own, sometimes nowhere. */
export function regionsPlace(invalid: boolean): Arbitrary<bigint> {
  const scratch = fc.oneof(
    { weight: 6, arbitrary: fc.constant(SCRATCH) },
    { weight: 1, arbitrary: fc.constantFrom(8n, 4096n - 24n, 4096n - 16n).map(bytes => SCRATCH + bytes) },
  );
  const odd = fc.oneof(
    fc.constant(0n),
    fc.constantFrom(4n, BigInt(SCRATCH_BYTES) - 48n, BigInt(SCRATCH_BYTES)).map(bytes => SCRATCH + bytes),
    fc.tuple(nearPage, fc.constantFrom(0, 8, 4072, 4080)).map(([page, byte]) => address(page, byte)),
    fc.constantFrom(...FOREIGN),
  );
  return sometimes(invalid, scratch, odd, 10);
}

/** Who performs: mostly the first process. */
const performer: Arbitrary<number> = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 2);

/** Arbitrary operations of one call, from an arbitrary of each of its arguments. */
export function operation(call: CallName, ...args: readonly Arbitrary<bigint>[]): Arbitrary<Operation> {
  return fc.tuple(performer, fc.tuple(...args)).map(([process, list]) => ({ process, call, args: list }));
}

/** The same where two neighbouring arguments are one range's start and length. */
export function rangeOperation(
  call: CallName,
  before: readonly Arbitrary<bigint>[],
  of: Arbitrary<Range>,
  ...after: readonly Arbitrary<bigint>[]
): Arbitrary<Operation> {
  return fc
    .tuple(performer, fc.tuple(...before), of, fc.tuple(...after))
    .map(([process, first, { start, bytes }, last]) => ({ process, call, args: [...first, start, bytes, ...last] }));
}

export const constant = (value: number | bigint): Arbitrary<bigint> => fc.constant(BigInt(value));

export const among = (...values: readonly (number | bigint)[]): Arbitrary<bigint> =>
  fc.constantFrom(...values.map(value => BigInt.asUintN(64, BigInt(value))));

/** Bits of the given masks, each set or not. */
export const bitsOf = (...bits: readonly number[]): Arbitrary<bigint> =>
  fc.subarray([...bits]).map(list => BigInt(list.reduce((sum, bit) => sum | bit, 0)));
