// What an agent is asked for names, and what it answers: from byte ranges of a process to what they are called.
import {
  flag,
  instance,
  list,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
  variant,
  whole,
} from "../common/shape.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { LONGEST_TEXT } from "../names/bytes.ts";
import type { HeapBlock, HeapPlace } from "../names/heap/heap.ts";
import { type HeapWay, type Name, type NamedRange, nameOfMapping } from "../names/name.ts";
import type { TypeTable } from "../names/types/type.ts";
import { typeTable } from "./types-shape.ts";

export interface NamesParams {
  readonly pid: number;
  /** [start, end) pairs in bytes, each where it likes. */
  readonly ranges: Float64Array;
  /** How many names at most for each range. */
  readonly most: number;
  /** What the step changed there, as it was before: a heap whose account the step has damaged is read as it was then. */
  readonly before?: BytesBefore | undefined;
  /** Variables of the frames on the stack from which heap blocks may be reached. */
  readonly roots?: readonly NamedRoot[] | undefined;
}

/** A local as a debugger tells it. */
export interface NamedRoot {
  readonly expression: string;
  /** Its type in the debugger's words: "struct node *". */
  readonly type: string;
  readonly address: number;
}

export interface BytesBefore {
  /** Ascending [start, end) pairs in bytes. */
  readonly ranges: Float64Array;
  /** Of all ranges, one after another. */
  readonly bytes: Uint8Array;
}

export interface NamesAnswer {
  /** For each range its pieces in order; the last one ends before the range does where there are more than were asked for. */
  readonly named: readonly (readonly NamedRange[])[];
  /** The types that symbols refer to. */
  readonly types: TypeTable;
  /** Which files' symbols could not be had, and why: a sentence each. */
  readonly problems: readonly string[];
}

/** Locals that one request names. */
export const MOST_ROOTS = 256;
/** More are refused. */
export const MOST_RANGES = 100_000;
/** Of all ranges of one request together; those that come after get none. */
export const MOST_NAMES = 200_000;

/**
 * Names ranges of a process that stands still; what runs meanwhile is named as it was when it was looked at.
 * @param turn lets others in: a scan waits for nobody's names.
 * @throws {Error} the ranges are none, or too many; {KernelError} the process is gone or not ours.
 */
export type NameRanges = (kernel: Kernel, asked: NamesParams, turn: () => Promise<void>) => Promise<NamesAnswer>;

/** By mappings alone: all that a simulated kernel tells. */
export const namesOfMappings: NameRanges = async (kernel, { pid, ranges, most }) => {
  checkRanges(ranges);
  const mappings = kernel.mappings(pid);
  const named: NamedRange[][] = [];
  let room = MOST_NAMES;
  for (let i = 0; i < ranges.length; i += 2) {
    const pieces: NamedRange[] = [];
    for (let at = ranges[i]; at < ranges[i + 1] && pieces.length < Math.min(most, room); ) {
      const piece = { ...nameOfMapping(mappings, at), start: at };
      pieces.push({ ...piece, end: Math.min(piece.end, ranges[i + 1]) });
      at = piece.end;
    }
    room -= pieces.length;
    named.push(pieces);
  }
  return { named, types: [], problems: [] };
};

/** @throws {Error} they are none, or too many. */
export function checkRanges(ranges: Float64Array): void {
  if (ranges.length % 2 !== 0) throw new Error("the ranges to name are not pairs of addresses");
  if (ranges.length / 2 > MOST_RANGES) throw new Error(`names are told of at most ${MOST_RANGES} ranges at once`);
  for (let i = 0; i < ranges.length; i += 2) {
    const [start, end] = [ranges[i], ranges[i + 1]];
    if (start >= 0 && end >= start && end <= Number.MAX_SAFE_INTEGER) continue;
    throw new Error(`what is to be named is no range of addresses: ${start} to ${end}`);
  }
}

/** @throws {Error} the ranges are none, or have other bytes than there are. */
export function checkBefore({ ranges, bytes }: BytesBefore): void {
  checkRanges(ranges);
  let length = 0;
  for (let i = 0; i < ranges.length; i += 2) length += ranges[i + 1] - ranges[i];
  if (length !== bytes.length) throw new Error(`${bytes.length} bytes are no ${length} that were before`);
}

const address = number(0, 2 ** 53);
const count = number(0, 2 ** 64);
const thread = whole(0, 2 ** 31 - 1);
const path = text(3 * 4096 + 100);

const block = object<HeapBlock>({ address, size: count, state: oneOf("in use", "cached", "free") });
const place = variant<HeapPlace>("kind", {
  block: object<Extract<HeapPlace, { kind: "block" }>>({ kind: oneOf("block"), block, offset: count }),
  size: object<Extract<HeapPlace, { kind: "size" }>>({
    kind: oneOf("size"),
    of: block,
    past: optional(block),
    offset: number(-64, 64),
  }),
  overflow: object<Extract<HeapPlace, { kind: "overflow" }>>({
    kind: oneOf("overflow"),
    block,
    offset: count,
    past: count,
    into: optional(block),
  }),
  unused: object<Extract<HeapPlace, { kind: "unused" }>>({
    kind: oneOf("unused"),
    past: optional(block),
    offset: number(-64),
  }),
  bookkeeping: object<Extract<HeapPlace, { kind: "bookkeeping" }>>({ kind: oneOf("bookkeeping") }),
  unknown: object<Extract<HeapPlace, { kind: "unknown" }>>({ kind: oneOf("unknown"), why: text(4096) }),
});

type Kind<K extends Name["kind"]> = Extract<Name, { kind: K }>;

const name: Shape<Name> = variant<Name>("kind", {
  symbol: object<Kind<"symbol">>({
    kind: oneOf("symbol"),
    symbol: text(100),
    spelled: text(LONGEST_TEXT),
    address,
    offset: count,
    size: count,
    function: flag,
    file: path,
    thread: optional(thread),
    frame: optional(text(LONGEST_TEXT)),
    type: optional(whole()),
  }),
  heap: object<Kind<"heap">>({
    kind: oneOf("heap"),
    place,
    damaged: optional(flag),
    way: optional(object<HeapWay>({ pointer: text(LONGEST_TEXT), address, type: whole() })),
  }),
  stack: object<Kind<"stack">>({ kind: oneOf("stack"), thread, above: optional(number()) }),
  thread: object<Kind<"thread">>({
    kind: oneOf("thread"),
    part: oneOf("control block", "thread-local data", "rseq"),
    thread,
  }),
  section: object<Kind<"section">>({
    kind: oneOf("section"),
    section: text(LONGEST_TEXT),
    offset: count,
    file: path,
    loader: flag,
  }),
  kernel: object<Kind<"kernel">>({ kind: oneOf("kernel"), mapping: text() }),
  mapping: object<Kind<"mapping">>({ kind: oneOf("mapping"), mapping: path, offset: count }),
  unmapped: object<Kind<"unmapped">>({ kind: oneOf("unmapped") }),
});

export const namesParams = object<NamesParams>({
  pid: whole(1, 2 ** 31 - 1),
  ranges: instance(Float64Array),
  most: whole(1, 10_000),
  before: optional(object<BytesBefore>({ ranges: instance(Float64Array), bytes: instance(Uint8Array) })),
  roots: optional(
    list(object<NamedRoot>({ expression: text(LONGEST_TEXT), type: text(LONGEST_TEXT), address }), MOST_ROOTS),
  ),
});

export const namesAnswer = object<NamesAnswer>({
  named: list(list(object<NamedRange>({ start: address, end: address, name })), MOST_RANGES),
  types: typeTable,
  problems: list(text(1 << 16), 10_000),
});
