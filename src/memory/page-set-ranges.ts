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

/**
 * Sets the bits of ranges that all end within one chunk. The hot loop.
 * @param before one past the last page set before, within the chunk; the ranges begin there or later.
 * @returns how many runs they add.
 */
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
  let past = before || -1;
  // Pages come in order: a word's bits are gathered and stored once, for a store and a load of the same word each time take longer.
  let word = 0;
  let bits = 0;
  for (let range = from; range < end; range += stride) {
    // Of an address: bits 0 to 11 are the place in the page, 12 to 27 the page in the chunk.
    const first = (ranges[range] >>> 12) & 0xffff;
    const next = (ranges[range + 2] >>> 12) & 0xffff;
    if (first !== past) runs += 1;
    past = next;
    if (first >>> 5 !== word) {
      data[at + word] |= bits;
      word = first >>> 5;
      bits = 0;
    }
    if (next - first === 1) bits |= 1 << (first & 31);
    else setBits(data, at, first, next - 1);
  }
  data[at + word] |= bits;
  return runs;
}

/**
 * Lists ranges that all end within one chunk: a word for each run, first page in the low half, last page in the high half.
 * @param data has room for as many words as there are ranges, from `at` on; a run at `at - 1` is one that a range may go on.
 * @param before as above; 0 where the chunk has no run yet.
 * @returns how many runs they add.
 */
export function fillList(
  ranges: Uint32Array,
  from: number,
  end: number,
  stride: number,
  data: Uint32Array,
  at: number,
  before: number,
): number {
  let to = at;
  let past = before || -1;
  for (let range = from; range < end; range += stride) {
    const first = (ranges[range] >>> 12) & 0xffff;
    const next = (ranges[range + 2] >>> 12) & 0xffff;
    if (first === past) data[to - 1] = (data[to - 1] & 0xffff) | ((next - 1) << 16);
    else {
      data[to] = first | ((next - 1) << 16);
      to += 1;
    }
    past = next;
  }
  return to - at;
}
