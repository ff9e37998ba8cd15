// Ranges of bytes as a kernel writes them, each two little-endian 64-bit numbers: which pages they are, and how they become a chunk's bits.
import { setBits } from "./page-set-chunks.ts";

/** The page of an address, which is two words. */
export function pageAt(ranges: Uint32Array, word: number): number {
  return ranges[word + 1] * 2 ** 20 + (ranges[word] >>> 12);
}

/**
 * Which range is the first that does not end within a chunk; one that ends with it does not count as within, either.
 * @param chunkEnd one past the chunk's last page.
 */
export function firstBeyond(ranges: Uint32Array, from: number, end: number, stride: number, chunkEnd: number): number {
  let low = 0;
  let high = (end - from) / stride;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pageAt(ranges, from + middle * stride + 2) < chunkEnd) low = middle + 1;
    else high = middle;
  }
  return from + low * stride;
}

/** Sets the bits of ranges that all end within one chunk. The hot loop. @returns how many runs they add. */
export function fillBitmap(
  ranges: Uint32Array,
  from: number,
  end: number,
  stride: number,
  data: Uint32Array,
  at: number,
  before: number,
): number {
  let runs = 0;
  let past = before;
  for (let word = from; word < end; word += stride) {
    // Of an address: bits 0 to 11 are the place in the page, 12 to 27 the page in the chunk.
    const first = (ranges[word] >>> 12) & 0xffff;
    const next = (ranges[word + 2] >>> 12) & 0xffff;
    if (next - first === 1) data[at + (first >>> 5)] |= 1 << (first & 31);
    else setBits(data, at, first, next - 1);
    if (first !== past || past === 0) runs += 1;
    past = next;
  }
  return runs;
}
