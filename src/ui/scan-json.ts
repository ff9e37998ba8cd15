// A process scan as JSON and as CSV. Addresses are "0x…" text, ranges half-open, as in the trace command's lines.
import { categoryNames } from "../memory/category.ts";
import { firstEndingAfter, type Mapping } from "../memory/mapping.ts";
import { formatAddress, PAGE_SIZE } from "../memory/page.ts";
import { queryWords } from "../memory/page-query.ts";
import { csvRow } from "../recording/csv.ts";
import type { ScanRecording } from "../recording/scan.ts";

/** A run of pages of one mapping, told apart by what was asked to be reported. */
interface Region {
  readonly start: number;
  readonly end: number;
  readonly categories: number;
  readonly mapping: Mapping | undefined;
}

/** With the table of the mappings: what of each was found, by the categories of the pages. */
export function scanJson(scan: ScanRecording): object {
  const { title, pid, snapshot, query } = scan;
  const regions = [...regionsOf(scan)];
  return {
    process: title,
    pid,
    ...(query ? { lookedFor: queryWords(query) } : {}),
    microseconds: snapshot.microseconds,
    mappings: snapshot.mappings.map(mapping => ({
      start: formatAddress(mapping.start),
      end: formatAddress(mapping.end),
      permissions: mapping.permissions,
      name: mapping.name,
    })),
    byMapping: byMapping(regions),
    regions: regions.map(({ start, end, categories, mapping }) => ({
      start: formatAddress(start),
      end: formatAddress(end),
      pages: end - start,
      categories: categoryNames(categories),
      mapping: mapping?.name ?? "",
    })),
  };
}

/** A row for each run of pages of one mapping, lines of a file each with its line end. */
export function* scanCsv(scan: ScanRecording): Generator<string> {
  yield csvRow(["start", "end", "pages", "bytes", "categories", "mapping", "permissions", "mapping start"]);
  for (const { start, end, categories, mapping } of regionsOf(scan)) {
    const pages = end - start;
    yield csvRow([
      ...[formatAddress(start), formatAddress(end), pages, pages * PAGE_SIZE, categoryNames(categories).join(" ")],
      ...(mapping ? [mapping.name, mapping.permissions, formatAddress(mapping.start)] : ["", "", ""]),
    ]);
  }
}

function byMapping(regions: readonly Region[]): object[] {
  const found = new Map<Mapping | undefined, Map<number, number>>();
  for (const { start, end, categories, mapping } of regions) {
    const counts = found.get(mapping) ?? new Map<number, number>();
    counts.set(categories, (counts.get(categories) ?? 0) + end - start);
    found.set(mapping, counts);
  }
  return [...found].map(([mapping, counts]) => ({
    start: mapping ? formatAddress(mapping.start) : "",
    name: mapping?.name ?? "",
    pages: [...counts.values()].reduce((sum, pages) => sum + pages, 0),
    byCategories: [...counts].map(([categories, pages]) => ({ categories: categoryNames(categories), pages })),
  }));
}

/** The kernel joins what lies side by side, over borders of mappings, too. */
function* regionsOf({ snapshot, query }: ScanRecording): Generator<Region> {
  const { mappings, runs, categories } = snapshot;
  let open: Region | undefined;
  for (const [i, bits] of categories.entries()) {
    const told = query ? bits & query.reported : bits;
    for (let start = runs[i * 2]; start < runs[i * 2 + 1]; ) {
      const mapping = mappings.at(firstEndingAfter(mappings, start));
      const here = mapping && mapping.start <= start ? mapping : undefined;
      const end = Math.min(runs[i * 2 + 1], here?.end ?? mapping?.start ?? Infinity);
      if (open && open.end === start && open.mapping === here && open.categories === told) open = { ...open, end };
      else {
        if (open) yield open;
        open = { start, end, categories: told, mapping: here };
      }
      start = end;
    }
  }
  if (open) yield open;
}
