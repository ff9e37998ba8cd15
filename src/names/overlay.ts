// A process's memory as it was before some bytes of it were changed.
import type { MemoryReader } from "./bytes.ts";

/**
 * @param before ascending [start, end) pairs in bytes, and what these bytes held, one range after another.
 * @returns a reader that gives those instead of the memory's own.
 */
export function overlaid(
  memory: MemoryReader,
  { ranges, bytes }: { readonly ranges: Float64Array; readonly bytes: Uint8Array },
): MemoryReader {
  return {
    read(address, length) {
      const now = memory.read(address, length);
      if (!now) return undefined;
      const then = now.slice();
      let from = 0;
      for (let i = 0; i < ranges.length; i += 2) {
        const [start, end] = [ranges[i], ranges[i + 1]];
        const [first, last] = [Math.max(start, address), Math.min(end, address + length)];
        if (first < last) then.set(bytes.subarray(from + first - start, from + last - start), first - address);
        from += end - start;
      }
      return then;
    },
  };
}
