// Blocks that were freed and look used: malloc keeps them in each thread's cache and in its arenas' fast bins for the next caller (malloc/malloc.c).
import { type MemoryReader, readWhatIsThere, u64, viewOf, wordAt } from "../bytes.ts";
import { GRANULE, HEADER, headerOf, LEAST_CHUNK } from "./chunks.ts";

/** Bins of a thread's cache (TCACHE_MAX_BINS) and of an arena (NFASTBINS). */
const CACHE_BINS = 64;
const FAST_BINS = 10;
/** The fast bins in an arena's account, since and before glibc 2.27, and `top` right behind them. */
const FAST_BINS_AT = [0x10, 0x08];
/** A list longer than that is not followed. */
const MOST_IN_BIN = 1 << 16;

/**
 * Adds the blocks of a thread's cache (struct tcache_perthread_struct), by the addresses that malloc gave out.
 * @param address of what may be one: a block of the size that they have. @param size that of its chunk.
 * @returns whether it is one, with something in it.
 */
export function addCached(memory: MemoryReader, address: number, size: number, into: Set<number>): boolean {
  // Counts were bytes before glibc 2.30.
  const countSize = size >= 0x290 ? 2 : 1;
  const bytes = memory.read(address, CACHE_BINS * (countSize + 8));
  if (!bytes) return false;
  const view = viewOf(bytes);
  const heads: { readonly count: number; readonly head: number; readonly chunk: number }[] = [];
  for (let bin = 0; bin < CACHE_BINS; bin += 1) {
    const count = countSize === 2 ? view.getUint16(bin * 2, true) : view.getUint8(bin);
    const head = u64(view, CACHE_BINS * countSize + bin * 8);
    const chunk = LEAST_CHUNK + bin * GRANULE;
    if (count === 0 && head === 0) continue;
    // A block of the program's own of that size holds something else.
    if (count === 0 || head === 0 || !isBlockOf(memory, head, chunk)) return false;
    heads.push({ count, head, chunk });
  }
  for (const { count, head, chunk } of heads) addList(memory, head, chunk, count, into);
  return heads.length > 0;
}

/** Adds the blocks of an arena's fast bins. @param state address of its account, of which `top` is known. */
export function addFast(memory: MemoryReader, state: number, top: number, into: Set<number>): void {
  const at = FAST_BINS_AT.find(offset => wordAt(memory, state + offset + FAST_BINS * 8) === top);
  if (at === undefined) return;
  for (let bin = 0; bin < FAST_BINS; bin += 1) {
    const chunk = LEAST_CHUNK + bin * GRANULE;
    const head = wordAt(memory, state + at + bin * 8) ?? 0;
    // A cache's list goes from block to block, a bin's from chunk to chunk.
    if (head !== 0) addList(memory, head + HEADER, chunk, MOST_IN_BIN, into, HEADER);
  }
}

/** @param from how far before a block its chunk is that the pointers lead to. */
function addList(memory: MemoryReader, head: number, chunk: number, count: number, into: Set<number>, from = 0): void {
  let block = head;
  for (let i = 0; i < count && isBlockOf(memory, block, chunk) && !into.has(block); i += 1) {
    into.add(block);
    const link = wordAt(memory, block) ?? 0;
    // Since glibc 2.32 a link is hidden behind the address of where it stands ("safe-linking").
    const revealed = xor(link, Math.floor(block / 4096));
    const next = isBlockOf(memory, revealed + from, chunk) ? revealed : link;
    if (revealed === 0 || next === 0) return;
    block = next + from;
  }
}

function isBlockOf(memory: MemoryReader, block: number, chunk: number): boolean {
  if (block % GRANULE !== 0 || block < HEADER) return false;
  const bytes = memory.read(block - HEADER, HEADER);
  return bytes !== undefined && headerOf(bytes).size === chunk;
}

/**
 * Looks for the main arena's account, which has no exported symbol, in the C library's data: it is where `top` is told, and around
 * it most bins are empty and lead to themselves.
 * @param data stretches of memory, [start, end) in bytes.
 */
export function findMainState(
  memory: MemoryReader,
  data: readonly { readonly start: number; readonly end: number }[],
  top: number,
): number | undefined {
  for (const { start, end } of data) {
    const bytes = readWhatIsThere(memory, start, Math.min(end - start, MOST_DATA));
    const words = new BigUint64Array(bytes.buffer, 0, bytes.length >> 3);
    const wanted = BigInt(top);
    for (let i = words.indexOf(wanted); i >= 0; i = words.indexOf(wanted, i + 1)) {
      const address = start + i * 8;
      if (emptyBins(words, i, address) > BINS / 2) {
        // The fast bins are right before, and a word or two before those.
        const state = FAST_BINS_AT.map(offset => address - offset - FAST_BINS * 8);
        return state.find(candidate => candidate % 32 === 0) ?? state[0];
      }
    }
  }
  return undefined;
}

/** Of the C library's data, which has some tens of KiB. */
const MOST_DATA = 4 << 20;
const BINS = 126;

/** Behind `top` and one more word come pairs of links; an empty bin's lead to 16 bytes before themselves. */
function emptyBins(words: BigUint64Array, top: number, address: number): number {
  let empty = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    const i = top + 2 + bin * 2;
    if (i + 1 >= words.length) break;
    const self = BigInt(address + bin * 16);
    if (words[i] === self && words[i + 1] === self) empty += 1;
  }
  return empty;
}

/** Of numbers below 2^53. */
function xor(a: number, b: number): number {
  const high = Math.floor(a / 2 ** 32) ^ Math.floor(b / 2 ** 32);
  const low = (a ^ b) >>> 0;
  return (high >>> 0) * 2 ** 32 + low;
}
