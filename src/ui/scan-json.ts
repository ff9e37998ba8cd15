// A process scan as JSON. Addresses are "0x…" text, ranges half-open, as in the trace command's lines.
import { categoryNames } from "../memory/category.ts";
import { findMapping } from "../memory/mapping.ts";
import { formatAddress } from "../memory/page.ts";
import type { ScanRecording } from "../recording/scan.ts";

export function scanJson({ title, pid, snapshot }: ScanRecording): object {
  const { mappings, runs, categories, microseconds } = snapshot;
  return {
    process: title,
    pid,
    microseconds,
    mappings: mappings.map(({ start, end, permissions, name }) => ({
      start: formatAddress(start),
      end: formatAddress(end),
      permissions,
      name,
    })),
    regions: Array.from(categories, (bits, i) => {
      const [start, end] = [runs[i * 2], runs[i * 2 + 1]];
      return {
        start: formatAddress(start),
        end: formatAddress(end),
        pages: end - start,
        categories: categoryNames(bits),
        mapping: mappings[findMapping(mappings, start)]?.name ?? "",
      };
    }),
  };
}
