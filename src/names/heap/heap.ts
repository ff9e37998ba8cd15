// What a byte of the heap is to glibc's malloc (2.26 to 2.41, 64 bits): inside which block, past the end of which, or its own account.
import { findMapping, type Mapping } from "../../memory/mapping.ts";
import { addressOf, pageOf } from "../../memory/page.ts";
import type { MemoryReader } from "../bytes.ts";
import { CACHE_CHUNKS, type HeapArea, heapStart, heapStarts, mainArea, threadArea } from "./areas.ts";
import { addCached, addFast, findMainState } from "./caches.ts";
import { ChunkFlag, HEADER, LEAST_CHUNK, SIZE_FIELD } from "./chunks.ts";
import { MappedChunks } from "./mapped.ts";

/** One block as the program has it. */
export interface HeapBlock {
  /** What malloc returned. */
  readonly address: number;
  /** Bytes it may use: what it asked for, rounded up to the next 16 and 8; what it asked for is not written down anywhere. */
  readonly size: number;
  /** As malloc's account tells; one kept for the next caller ("cached") is free, too. */
  readonly state: "in use" | "cached" | "free";
}

export type HeapPlace =
  /** `offset` bytes into a block. */
  | { readonly kind: "block"; readonly block: HeapBlock; readonly offset: number }
  /** The size of a block, which stands right before it, and right after the end of the block before. */
  | { readonly kind: "size"; readonly of: HeapBlock; readonly past?: HeapBlock | undefined; readonly offset: number }
  /**
   * Bytes that were written in one piece from within a block in use, `offset` bytes from its beginning, to `past` bytes behind its end:
   * over the size of the next one, and into that, where they reached so far. Never told of a single byte.
   */
  | {
      readonly kind: "overflow";
      readonly block: HeapBlock;
      readonly offset: number;
      readonly past: number;
      readonly into?: HeapBlock | undefined;
    }
  /** Not given out yet: the rest of the heap. */
  | { readonly kind: "unused"; readonly past?: HeapBlock | undefined; readonly offset: number }
  /** malloc's own: an arena's account, a thread's cache. */
  | { readonly kind: "bookkeeping" }
  /** In a heap whose account does not tell, and why. */
  | { readonly kind: "unknown"; readonly why: string };

/** Chunks between two turns. */
const PIECE = 1 << 14;

/** Stretches of memory, [start, end) in bytes. */
export type Stretch = { readonly start: number; readonly end: number };

/** What malloc keeps for the next caller, by the addresses that it gave out, and the threads' caches themselves. */
interface Cached {
  readonly blocks: ReadonlySet<number>;
  readonly caches: ReadonlySet<number>;
}

/**
 * A heap at one standstill of its program: what was read is kept, so one that has run on needs another.
 * @remarks each heap is walked once, when it is first asked about: about 150 ms for a million blocks. {@link prepare} does that a
 *   piece at a time.
 */
export class Heap {
  private readonly memory: MemoryReader;
  private readonly mappings: readonly Mapping[];
  private readonly data: readonly Stretch[];
  private readonly mapped: MappedChunks;
  /** By start. */
  private readonly areas = new Map<number, HeapArea | undefined>();
  private main: HeapArea | undefined | "not yet" = "not yet";
  private cached: Cached | undefined;

  /** @param data where the C library's variables may be: its writable mappings. */
  constructor(memory: MemoryReader, mappings: readonly Mapping[], data: readonly Stretch[] = []) {
    this.memory = memory;
    this.mappings = mappings;
    this.data = data;
    this.mapped = new MappedChunks(memory);
  }

  /** Walks the heap that holds an address, where one does, and gives way after each few thousand blocks. */
  *prepare(address: number): Generator<void> {
    const mapping = this.mappings[findMapping(this.mappings, pageOf(address))];
    if (!mapping) return;
    const area = mapping.name === "[heap]" ? yield* this.findMain() : yield* this.findArena(mapping, address);
    if (area) yield* this.findFree();
  }

  /** @returns undefined where the address is in no memory of malloc's. */
  at(address: number): HeapPlace | undefined {
    const mapping = this.mappings[findMapping(this.mappings, pageOf(address))];
    if (!mapping) return undefined;
    if (mapping.name === "[heap]") {
      const area = this.mainArea();
      return area ? this.inArea(area, address) : { kind: "unknown", why: "it does not look like glibc's" };
    }
    const area = this.arenaHolding(mapping, address);
    if (area) return this.inArea(area, address);
    const mapped = this.mapped.at(mapping, address);
    if (!mapped) return undefined;
    const block: HeapBlock = {
      address: mapped.start + HEADER,
      size: mapped.end - mapped.start - HEADER,
      state: "in use",
    };
    return address < block.address
      ? { kind: "size", of: block, offset: address - mapped.start - SIZE_FIELD }
      : { kind: "block", block, offset: address - block.address };
  }

  /** The block before and the one after, where the account tells; for an overflow's other side. */
  neighboursOf(block: HeapBlock): { readonly before?: HeapBlock | undefined; readonly after?: HeapBlock | undefined } {
    const mapping = this.mappings[findMapping(this.mappings, pageOf(block.address))];
    if (!mapping) return {};
    const area = mapping.name === "[heap]" ? this.mainArea() : this.arenaHolding(mapping, block.address);
    const i = area ? indexOf(area, block.address - HEADER) : -1;
    return area && i >= 0 ? { before: this.blockAt(area, i - 1), after: this.blockAt(area, i + 1) } : {};
  }

  private inArea(area: HeapArea, address: number): HeapPlace {
    const { chunks } = area;
    const first = chunks.addresses[0];
    if (address < first) return { kind: "bookkeeping" };
    const { broken } = chunks;
    // The size of the last one that made sense led to what does not: it may be the damaged one.
    if (broken && address >= chunks.addresses[Math.max(0, chunks.count - 1)]) {
      return { kind: "unknown", why: `malloc's account is damaged at 0x${broken.address.toString(16)}: ${broken.why}` };
    }
    const i = indexOf(area, address);
    const chunk = chunks.addresses[i];
    // A chunk reaches 8 bytes into the next one, which leaves them to it while it is used.
    if (address < chunk + SIZE_FIELD && i > 0) return this.inChunk(area, i - 1, address);
    return this.inChunk(area, i, address);
  }

  private inChunk(area: HeapArea, i: number, address: number): HeapPlace {
    const { addresses, count, broken } = area.chunks;
    const chunk = addresses[i];
    const past = this.blockAt(area, i - 1);
    const block = this.blockAt(area, i);
    const isTop = i === count - 1 && !broken;
    if (isTop || !block) return { kind: "unused", past, offset: address - chunk - SIZE_FIELD };
    if (address < block.address) return { kind: "size", of: block, past, offset: address - chunk - SIZE_FIELD };
    if (this.free().caches.has(block.address) || (i === 0 && CACHE_CHUNKS.includes(addresses[1] - chunk))) {
      return { kind: "bookkeeping" };
    }
    return { kind: "block", block, offset: address - block.address };
  }

  /** Of a chunk that is a block: not what ends a heap. */
  private blockAt(area: HeapArea, i: number): HeapBlock | undefined {
    const { addresses, flags, count, broken } = area.chunks;
    if (i < 0 || i >= count || (i === count - 1 && !broken)) return undefined;
    const address = addresses[i] + HEADER;
    const size = addresses[i + 1] - addresses[i];
    if (size < LEAST_CHUNK) return undefined;
    // Whether it is used stands in the next one's header; damage leaves the last one without a next.
    const used = i + 1 >= count || (flags[i + 1] & ChunkFlag.PREVIOUS_IN_USE) !== 0;
    const state = !used ? "free" : this.free().blocks.has(address) ? "cached" : "in use";
    return { address, size: size - SIZE_FIELD, state };
  }

  private mainArea(): HeapArea | undefined {
    return atOnce(this.findMain());
  }

  private arenaHolding(mapping: Mapping, address: number): HeapArea | undefined {
    return atOnce(this.findArena(mapping, address));
  }

  private free(): Cached {
    return atOnce(this.findFree());
  }

  private *findMain(): Generator<void, HeapArea | undefined> {
    if (this.main === "not yet") this.main = yield* mainArea(this.memory, this.mappings);
    return this.main;
  }

  private *findArena(mapping: Mapping, address: number): Generator<void, HeapArea | undefined> {
    const start = heapStart(address);
    if (start < addressOf(mapping.start)) return undefined;
    if (!this.areas.has(start)) this.areas.set(start, yield* threadArea(this.memory, mapping, start));
    const area = this.areas.get(start);
    return area && address < area.end ? area : undefined;
  }

  /** All blocks that are kept for the next caller, of every arena: a thread frees blocks of other threads' arenas into its own cache. */
  private *findFree(): Generator<void, Cached> {
    if (this.cached) return this.cached;
    const blocks = new Set<number>();
    const caches = new Set<number>();
    const areas = [yield* this.findMain()];
    for (const { mapping, address } of heapStarts(this.mappings)) areas.push(yield* this.findArena(mapping, address));
    for (const area of areas) {
      if (!area) continue;
      const { addresses, count, broken } = area.chunks;
      for (let i = 0; i < count; i += 1) {
        if ((i + 1) % PIECE === 0) yield;
        const size = addresses[i + 1] - addresses[i];
        const block = addresses[i] + HEADER;
        if (CACHE_CHUNKS.includes(size) && addCached(this.memory, block, size, blocks)) caches.add(block);
      }
      if (broken || count === 0) continue;
      const top = addresses[count - 1];
      const state = area.state ?? findMainState(this.memory, this.data, top);
      if (state !== undefined) addFast(this.memory, state, top, blocks);
    }
    this.cached = { blocks, caches };
    return this.cached;
  }
}

/** The last chunk that begins at the address or before. */
function indexOf({ chunks: { addresses, count } }: HeapArea, address: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (addresses[middle] <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
