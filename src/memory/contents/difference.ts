// Where two copies of a page differ: the hot loop of every stop.
import { PAGE_SIZE } from "../page.ts";

const WORDS = PAGE_SIZE / 4;

/** Every second byte may differ. */
export const MOST_RUNS = PAGE_SIZE / 2;

/**
 * Finds the maximal runs of bytes that differ.
 * @param a words of one copy, little-endian, from index `atA` on; @param b of the other.
 * @param spans gets [start, end) offsets in bytes; has room for {@link MOST_RUNS} of them.
 * @returns how many runs there are.
 */
export function differences(a: Int32Array, atA: number, b: Int32Array, atB: number, spans: Uint16Array): number {
  let runs = 0;
  let end = -1;
  for (let i = 0; i < WORDS; i += 4) {
    const p = atA + i;
    const q = atB + i;
    if (((a[p] ^ b[q]) | (a[p + 1] ^ b[q + 1]) | (a[p + 2] ^ b[q + 2]) | (a[p + 3] ^ b[q + 3])) === 0) continue;
    for (let word = i; word < i + 4; word += 1) {
      const bits = a[atA + word] ^ b[atB + word];
      if (bits === 0) continue;
      for (let byte = 0; byte < 4; byte += 1) {
        if (((bits >>> (byte * 8)) & 0xff) === 0) continue;
        const offset = word * 4 + byte;
        if (offset !== end) {
          spans[runs * 2] = offset;
          runs += 1;
        }
        end = offset + 1;
        spans[runs * 2 - 1] = end;
      }
    }
  }
  return runs;
}
