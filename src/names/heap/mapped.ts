// Large blocks, for each of which malloc maps memory of its own (malloc/malloc.c, sysmalloc_mmap).
import type { Mapping } from "../../memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../../memory/page.ts";
import type { MemoryReader } from "../bytes.ts";
import { isAnonymous } from "./areas.ts";
import { ChunkFlag, HEADER, headerOf } from "./chunks.ts";

/** How many pages that are no heads are looked at, in each mapping and in all: what comes behind is anonymous memory. */
const MOST_IN_MAPPING = 1 << 10;
const MOST_PAGES = 1 << 14;
/** How many blocks are followed in all. */
const MOST_BLOCKS = 1 << 16;

/** Addresses of the chunk's first byte and one past its last. */
export interface MappedChunk {
  readonly start: number;
  readonly end: number;
}

/** The mapped chunks of a process at one standstill; each mapping is gone through once, as far as it was asked about. */
export class MappedChunks {
  private readonly memory: MemoryReader;
  /** By mapping: its chunks so far, in address order, and up to where it was gone through. */
  private readonly known = new Map<Mapping, { readonly chunks: MappedChunk[]; until: number; vain: number }>();
  private vain = 0;
  private blocks = 0;

  constructor(memory: MemoryReader) {
    this.memory = memory;
  }

  /**
   * The chunk that holds an address. Chunks that lie next to each other are one mapping to the kernel, which may hold other memory
   * besides: so a head is looked for at each page that no chunk holds.
   */
  at(mapping: Mapping, address: number): MappedChunk | undefined {
    if (!isAnonymous(mapping)) return undefined;
    let known = this.known.get(mapping);
    if (!known) {
      known = { chunks: [], until: addressOf(mapping.start), vain: 0 };
      this.known.set(mapping, known);
    }
    const end = addressOf(mapping.end);
    while (known.until <= address && known.until < end && known.vain < MOST_IN_MAPPING) {
      if (this.vain === MOST_PAGES || this.blocks === MOST_BLOCKS) break;
      const chunk = this.chunkAt(known.until, end);
      if (chunk) {
        known.chunks.push(chunk);
        this.blocks += 1;
      } else {
        known.vain += 1;
        this.vain += 1;
      }
      known.until = chunk?.end ?? known.until + PAGE_SIZE;
    }
    return known.chunks.find(chunk => address >= chunk.start && address < chunk.end);
  }

  private chunkAt(start: number, end: number): MappedChunk | undefined {
    const bytes = this.memory.read(start, HEADER);
    if (!bytes) return undefined;
    const { size, sizeBefore, flags } = headerOf(bytes);
    const fits = size >= PAGE_SIZE && size % PAGE_SIZE === 0 && start + size <= end;
    return fits && flags === ChunkFlag.MAPPED && sizeBefore === 0 ? { start, end: start + size } : undefined;
  }
}
