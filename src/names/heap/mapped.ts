// Large blocks, for each of which malloc maps memory of its own (malloc/malloc.c, sysmalloc_mmap).
import type { Mapping } from "../../memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../../memory/page.ts";
import type { MemoryReader } from "../bytes.ts";
import { isAnonymous } from "./areas.ts";
import { ChunkFlag, HEADER, headerOf } from "./chunks.ts";

/** How many pages before an address are looked at for a block's head. */
const MOST_PAGES = 1 << 16;
/** How many blocks one after another are followed. */
const MOST_BLOCKS = 1 << 12;

/** Addresses of the chunk's first byte and one past its last. */
export interface MappedChunk {
  readonly start: number;
  readonly end: number;
}

/**
 * The mapped chunk that holds an address. Chunks that lie next to each other are one mapping to the kernel, which may hold other
 * memory besides: then a head is looked for at the pages before the address.
 */
export function mappedChunk(memory: MemoryReader, mapping: Mapping, address: number): MappedChunk | undefined {
  if (!isAnonymous(mapping)) return undefined;
  const end = addressOf(mapping.end);
  let at = addressOf(mapping.start);
  for (let blocks = 0; blocks < MOST_BLOCKS; blocks += 1) {
    const chunk = chunkAt(memory, at, end);
    if (!chunk) break;
    if (address < chunk.end) return chunk;
    at = chunk.end;
  }
  const page = Math.floor(address / PAGE_SIZE) * PAGE_SIZE;
  const lowest = Math.max(at, page - MOST_PAGES * PAGE_SIZE);
  for (let candidate = page; candidate >= lowest; candidate -= PAGE_SIZE) {
    const chunk = chunkAt(memory, candidate, end);
    if (chunk) return address < chunk.end ? chunk : undefined;
  }
  return undefined;
}

function chunkAt(memory: MemoryReader, start: number, end: number): MappedChunk | undefined {
  const bytes = memory.read(start, HEADER);
  if (!bytes) return undefined;
  const { size, sizeBefore, flags } = headerOf(bytes);
  const fits = size >= PAGE_SIZE && size % PAGE_SIZE === 0 && start + size <= end;
  return fits && flags === ChunkFlag.MAPPED && sizeBefore === 0 ? { start, end: start + size } : undefined;
}
