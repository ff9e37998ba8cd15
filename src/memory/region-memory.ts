// Memory for a scan's regions that WebAssembly reads too: there a region becomes a bit in a quarter of the time that it takes here.
import { BITMAP_WORDS } from "./page-set-chunks.ts";
import { loopMemory } from "./wasm/memory.ts";

/**
 * Sets the bits of byte ranges that all end within one chunk in its bitmap.
 * @param from, end the ranges, as indices into the words of their memory.
 * @param data holds the bitmap from `at` on.
 * @returns how many runs the bitmap has now.
 */
export type BitmapFiller = (from: number, end: number, data: Uint32Array, at: number) => number;

export interface RegionMemory {
  readonly buffer: ArrayBuffer;
  /** Where in the buffer the regions begin. */
  readonly offset: number;
  readonly fill?: BitmapFiller;
}

/** The bitmap comes first in the memory. */
const REGIONS_AT = BITMAP_WORDS * 4;

/** Room for `bytes` of regions, which stays where it is. Where WebAssembly is not to be had it is plain memory, without a filler. */
export function regionMemory(bytes: number): RegionMemory {
  const memory = loopMemory(REGIONS_AT + bytes);
  if (!memory) return { buffer: new ArrayBuffer(bytes), offset: 0 };
  const { buffer, fillBitmap } = memory;
  const bitmap = new Uint32Array(buffer, 0, BITMAP_WORDS);
  const fill: BitmapFiller = (from, end, data, at) => {
    bitmap.set(data.subarray(at, at + BITMAP_WORDS));
    const runs = fillBitmap(REGIONS_AT + from * 4, REGIONS_AT + end * 4, 0);
    data.set(bitmap, at);
    return runs;
  };
  return { buffer, offset: REGIONS_AT, fill };
}
