// Where glibc's malloc keeps its heaps: the one that grows by brk, and those of the arenas that threads share (malloc/arena.c).
import { isShared, isWritable, type Mapping } from "../../memory/mapping.ts";
import { addressOf } from "../../memory/page.ts";
import { type MemoryReader, readWhatIsThere, wordAt } from "../bytes.ts";
import { ChunkFlag, type Chunks, GRANULE, HEADER, headerOf, walkChunks } from "./chunks.ts";

/** One stretch of memory that malloc cuts into chunks, addresses in bytes. */
export interface HeapArea {
  /** Which arena's: the first one, or one of the others. */
  readonly arena: "main" | "thread";
  readonly start: number;
  readonly end: number;
  /** Address of the arena's account (struct malloc_state); the main one's is in the C library's data. */
  readonly state: number | undefined;
  readonly chunks: Chunks;
}

/** HEAP_MAX_SIZE: arenas' heaps begin at multiples of it. */
const HEAP_ALIGNMENT = 64 << 20;
/** sizeof(heap_info) before and since glibc 2.35, and sizeof(malloc_state) since and before 2.27. */
const HEAP_INFO_SIZES = [0x20, 0x30];
const STATE_SIZES = [0x898, 0x890];
/**
 * Sizes of the chunk that holds a thread's cache, since and before glibc 2.30: a heap's first. Where it was cut out of free memory
 * and the rest was too small for a chunk, it has the rest besides.
 */
export const CACHE_CHUNKS: readonly number[] = [0x290, 0x250, 0x2a0, 0x260];
/** How far into the heap others may have taken memory before malloc came: a static program's thread-local data. */
const FARTHEST_START = 1 << 16;
/** Heaps beyond that many are not looked at. */
const MOST_HEAPS = 4096;

/** The heap that grows by brk; undefined where there is none, or none of glibc's. */
export function* mainArea(memory: MemoryReader, mappings: readonly Mapping[]): Generator<void, HeapArea | undefined> {
  const parts = mappings.filter(({ name }) => name === "[heap]");
  if (parts.length === 0) return undefined;
  const start = addressOf(parts[0].start);
  const end = addressOf(parts[parts.length - 1].end);
  const area = (chunks: Chunks): HeapArea => ({ arena: "main", start, end, state: undefined, chunks });
  const first = yield* walkChunks(memory, start, end);
  if (!first.broken) return area(first);
  const later = yield* walks(memory, cacheChunks(memory, start, end), end);
  const whole = later.find(({ broken }) => !broken);
  if (whole) return area(whole);
  // A damaged heap still begins where it began: with a thread's cache, or else with whatever comes first.
  const known = later.find(({ count }) => count > 1);
  return known ? area(known) : first.count > 1 ? area(first) : undefined;
}

/** Places at which a chunk of the size of a thread's cache may begin. */
function cacheChunks(memory: MemoryReader, start: number, end: number): number[] {
  const bytes = readWhatIsThere(memory, start, Math.min(FARTHEST_START, end - start));
  const found: number[] = [];
  for (let at = 0; at + HEADER <= bytes.length && found.length < 16; at += GRANULE) {
    const { size, flags } = headerOf(bytes, at);
    if (CACHE_CHUNKS.includes(size) && flags === ChunkFlag.PREVIOUS_IN_USE) found.push(start + at);
  }
  return found;
}

/** The arena's heap that holds an address, which is in that mapping; undefined where it is in none. */
export function* threadArea(
  memory: MemoryReader,
  mapping: Mapping,
  address: number,
): Generator<void, HeapArea | undefined> {
  if (!isAnonymous(mapping)) return undefined;
  const start = heapStart(address);
  if (start < addressOf(mapping.start)) return undefined;
  const state = wordAt(memory, start);
  const size = wordAt(memory, start + 16);
  if (!state || !size || size > HEAP_ALIGNMENT || size % 4096 !== 0 || start + size > addressOf(mapping.end)) {
    return undefined;
  }
  // An arena's first heap holds its account; all of its heaps name it, and each the one before.
  const isFirst = HEAP_INFO_SIZES.includes(state - start);
  if (!isFirst && !isStateOfHeap(memory, state)) return undefined;
  const end = start + size;
  const starts = isFirst
    ? STATE_SIZES.map(bytes => aligned(state + bytes))
    : HEAP_INFO_SIZES.map(bytes => start + bytes);
  const walked = yield* walks(memory, starts, end);
  const chunks = walked.find(({ broken }) => !broken) ?? walked.find(({ count }) => count > 1);
  return chunks && { arena: "thread", start, end, state, chunks };
}

function* walks(memory: MemoryReader, starts: readonly number[], end: number): Generator<void, Chunks[]> {
  const walked: Chunks[] = [];
  for (const at of starts) walked.push(yield* walkChunks(memory, at, end));
  return walked;
}

/** Whether an arena's account is there: behind the head of a heap that names it. */
function isStateOfHeap(memory: MemoryReader, state: number): boolean {
  const heap = heapStart(state);
  return HEAP_INFO_SIZES.includes(state - heap) && wordAt(memory, heap) === state;
}

/** Where the arena's heap would begin that an address is in. */
export function heapStart(address: number): number {
  return Math.floor(address / HEAP_ALIGNMENT) * HEAP_ALIGNMENT;
}

/** Heads of arenas' heaps there may be in those mappings: their addresses. */
export function heapStarts(mappings: readonly Mapping[]): { readonly mapping: Mapping; readonly address: number }[] {
  const found: { mapping: Mapping; address: number }[] = [];
  for (const mapping of mappings) {
    if (!isAnonymous(mapping)) continue;
    const first = Math.ceil(addressOf(mapping.start) / HEAP_ALIGNMENT) * HEAP_ALIGNMENT;
    for (let address = first; address < addressOf(mapping.end); address += HEAP_ALIGNMENT) {
      if (found.length === MOST_HEAPS) return found;
      found.push({ mapping, address });
    }
  }
  return found;
}

/** Memory that malloc may have taken by mmap. */
export function isAnonymous(mapping: Mapping): boolean {
  return (
    isWritable(mapping) &&
    !isShared(mapping) &&
    mapping.inode === 0 &&
    // With glibc.mem.decorate_maps it names its mappings.
    (mapping.name === "" || mapping.name.startsWith("[anon"))
  );
}

/** The first place from there on at which a chunk may begin: what malloc returns is a multiple of 16. */
function aligned(address: number): number {
  return Math.ceil(address / GRANULE) * GRANULE;
}
