// Walks the chunks of a heap of glibc's malloc one after another (malloc/malloc.c, "struct malloc_chunk"), as far as they make sense.
import { grouped } from "../../common/counted.ts";
import { type MemoryReader, u64, viewOf } from "../bytes.ts";

/** The lowest bits of a chunk's size. */
export const ChunkFlag = { PREVIOUS_IN_USE: 1, MAPPED: 2, OTHER_ARENA: 4 } as const;

/** Before what malloc returns: the size of the chunk before, where that is free, and the chunk's own size. */
export const HEADER = 16;
/** A chunk's own size begins here. */
export const SIZE_FIELD = 8;
/** All sizes are multiples of it. */
export const GRANULE = 16;
export const LEAST_CHUNK = 32;

/** Above it a heap's account is not read: 2^22 blocks are half a second's work. */
const MOST_CHUNKS = 1 << 22;
/** Chunks between two turns: well below a millisecond. */
const PIECE = 4096;
/** Bytes read at once. */
const WINDOW = 1 << 16;

export interface Chunks {
  readonly count: number;
  /** Address of each, ascending, and at the end where the last one ends. */
  readonly addresses: Float64Array;
  /** Its {@link ChunkFlag}s. */
  readonly flags: Uint8Array;
  /** Set where the account ends too early: the address, and why it is not believed from there on. */
  readonly broken: { readonly address: number; readonly why: string } | undefined;
}

/**
 * Gives way after each few thousand.
 * @param start address of the first chunk, @param end where the last one must end: the heap's end.
 * The last chunk is the one that malloc has not given out yet, `top`.
 */
export function* walkChunks(memory: MemoryReader, start: number, end: number): Generator<void, Chunks> {
  let room = 1024;
  let addresses = new Float64Array(room);
  let flags = new Uint8Array(room);
  let count = 0;
  let broken: Chunks["broken"];
  const window = new Window(memory, end);
  let before = 0;
  let at = start;
  while (at < end) {
    const header = end - at >= HEADER ? window.at(at) : undefined;
    const why = header ? problemOf(header, before, end - at) : "it can't be read";
    if (!header || why !== undefined || count === MOST_CHUNKS) {
      broken = { address: at, why: why ?? `it is more than ${grouped(MOST_CHUNKS)} blocks long` };
      break;
    }
    if (count + 1 === room) {
      room *= 2;
      addresses = grown(addresses, new Float64Array(room));
      flags = grown(flags, new Uint8Array(room));
    }
    addresses[count] = at;
    flags[count] = header.flags;
    count += 1;
    if (count % PIECE === 0) yield;
    // Where a heap could not grow in place, malloc ends it with two headers that are no blocks.
    if (header.size === HEADER || header.size === 0) {
      at = header.size === 0 || end - at <= 2 * HEADER ? end : at + header.size;
      before = header.size;
      continue;
    }
    before = header.size;
    at += header.size;
  }
  addresses[count] = at;
  return { count, addresses: addresses.slice(0, count + 1), flags: flags.slice(0, count), broken };
}

export interface Header {
  readonly sizeBefore: number;
  readonly size: number;
  readonly flags: number;
}

/** What a chunk's first 16 bytes say. */
export function headerOf(bytes: Uint8Array, offset = 0): Header {
  return headerIn(viewOf(bytes), offset);
}

function headerIn(view: DataView, offset: number): Header {
  const word = view.getUint32(offset + SIZE_FIELD, true);
  return { sizeBefore: u64(view, offset), size: u64(view, offset + SIZE_FIELD) - (word & 7), flags: word & 7 };
}

/** @returns why that can't be a chunk's header, where it can't. */
function problemOf({ size, sizeBefore, flags }: Header, before: number, room: number): string | undefined {
  if (size > room) return "its size leads beyond the heap's end";
  if (size % GRANULE !== 0 || (flags & ChunkFlag.MAPPED) !== 0) return "its size is none that malloc makes";
  // The two last headers: 16 and then, where an arena's heap was full, 0 bytes.
  if (size < LEAST_CHUNK && !(size === HEADER || (size === 0 && before === HEADER))) {
    return "its size is none that malloc makes";
  }
  if ((flags & ChunkFlag.PREVIOUS_IN_USE) === 0 && before >= LEAST_CHUNK && sizeBefore !== before) {
    return "it calls the block before it free, and of another size than that has";
  }
  return undefined;
}

/** Reads headers out of pieces of memory that hold many. */
class Window {
  private readonly memory: MemoryReader;
  private readonly end: number;
  // One for all headers in it: to make one takes longer than to read by it.
  private view = viewOf(new Uint8Array());
  private begin = 0;

  constructor(memory: MemoryReader, end: number) {
    this.memory = memory;
    this.end = end;
  }

  at(address: number): Header | undefined {
    if (address < this.begin || address + HEADER > this.begin + this.view.byteLength) {
      const whole = Math.min(WINDOW, this.end - address);
      const bytes = this.memory.read(address, whole) ?? this.memory.read(address, HEADER);
      if (!bytes) return undefined;
      this.view = viewOf(bytes);
      this.begin = address;
    }
    return headerIn(this.view, address - this.begin);
  }
}

function grown<T extends Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
