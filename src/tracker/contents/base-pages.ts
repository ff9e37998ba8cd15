// Which pages to copy before they are written, the hottest first, and how far that has come.
import type { Pagemap } from "../../kernel/kernel.ts";
import { RegionVector } from "../../kernel/region-vector.ts";
import { findMapping, isShared, isWritable, isZeroedData, kindOf, type Mapping } from "../../memory/mapping.ts";
import { PageSet } from "../../memory/page-set.ts";
import { isProgramText } from "../account.ts";
import type { Layout } from "../reports.ts";
import { STORED, scanRegions } from "../scans.ts";

/** Regions looked at in one turn. */
const REGIONS = 256;
/** A file's data up to so many pages is copied whole, also where no page was touched yet: globals are first written some day. */
const MOST_DATA = 4096;

/** Pages still to be copied. */
interface Task {
  start: number;
  readonly end: number;
  /** All of them; else those that hold something. */
  readonly all: boolean;
}

/** A list of what is still to be copied. */
export class BasePages {
  private readonly vector = new RegionVector(REGIONS);
  private tasks: Task[] = [];

  /** The layout is new: what of it is armed comes behind what is still to be copied. @param only pages that came. */
  addLayout(layout: Layout, only?: PageSet): void {
    const parts = layout.armed
      .map(({ start, end }) => ({ start, end, mapping: layout.mappings[findMapping(layout.mappings, start)] }))
      .filter(({ start, end, mapping }) => mapping && isWorthCopying(mapping) && (only?.countIn(start, end) ?? 1) > 0)
      .map(part => ({ ...part, heat: heatOf(part.mapping, layout.mappings) }))
      .sort((a, b) => a.heat - b.heat);
    for (const { start, end, mapping } of parts) {
      const all = isWritable(mapping) && mapping.inode !== 0 && !isShared(mapping) && end - start <= MOST_DATA;
      if (only) for (const [from, to] of only.clip(start, end).pairs()) this.tasks.push({ start: from, end: to, all });
      else this.tasks.push({ start, end, all });
    }
  }

  /** Pages to be copied before all others: they have just been written. */
  addHot(pages: readonly number[]): void {
    const hot = PageSet.from(pages.map((page): [number, number] => [page, page + 1]));
    this.tasks = [...[...hot.pairs()].map(([start, end]) => ({ start, end, all: false })), ...this.tasks];
  }

  /** Up to so many pages to copy next, as [start, end) runs; undefined where there is nothing left to do. */
  next(pagemap: Pagemap, most: number): [number, number][] | undefined {
    const task = this.tasks[0];
    if (!task) return undefined;
    const runs: [number, number][] = [];
    let pages = 0;
    const add = (start: number, end: number): void => {
      const last = Math.min(end, start + most - pages);
      if (start >= last) return;
      runs.push([start, last]);
      pages += last - start;
      task.start = last;
    };
    if (task.all) {
      add(task.start, task.end);
    } else {
      const { vector } = this;
      vector.clear();
      // Not in a loop until all is seen: one buffer full is a turn's work.
      const { regions } = pagemap.scan({ ...STORED, start: task.start, end: task.end, maxPages: most }, vector);
      for (let i = 0; i < regions && pages < most; i += 1) add(Math.max(task.start, vector.start(i)), vector.end(i));
      if (pages < most && regions < vector.capacity) task.start = task.end;
    }
    if (task.start >= task.end) this.tasks.shift();
    return runs;
  }

  clear(): void {
    this.tasks = [];
  }
}

/** Private pages of no file that nothing is stored in: they read as zeroes. */
export function zeroPages(layout: Layout, pagemap: Pagemap, within?: PageSet): PageSet {
  const empty = PageSet.from(
    layout.armed
      .filter(({ start }) => {
        const mapping = layout.mappings[findMapping(layout.mappings, start)];
        return mapping !== undefined && isPrivateMemory(mapping);
      })
      .map(({ start, end }): [number, number] => [start, end]),
  );
  const wanted = within ? empty.intersect(within) : empty;
  if (wanted.isEmpty) return wanted;
  const stored: [number, number][] = [];
  const vector = new RegionVector(1 << 10);
  for (const [start, end] of spans(wanted)) {
    scanRegions(pagemap, STORED, start, end, vector, (first, last) => stored.push([first, last]));
  }
  return wanted.subtract(PageSet.from(stored));
}

/** Memory that begins as zeroes, and is zeroes again when it was given back. */
export function isPrivateMemory(mapping: Mapping): boolean {
  return mapping.inode === 0 && !isShared(mapping) && kindOf(mapping) !== "kernel";
}

/** Few calls: one over all where the set is in many pieces. */
function spans(pages: PageSet): [number, number][] {
  return pages.runCount > 256 ? [[pages.first, pages.end]] : [...pages.pairs()];
}

/** What can't be written now may be opened and written before the next stop: a program's relocated tables, say. */
function isWorthCopying(mapping: Mapping): boolean {
  if (isProgramText(mapping)) return false;
  return isWritable(mapping) || mapping.end - mapping.start <= MOST_DATA;
}

/** Stack, data, heap, then the rest. */
function heatOf(mapping: Mapping, mappings: readonly Mapping[]): number {
  if (!isWritable(mapping)) return 5;
  const kind = kindOf(mapping);
  if (kind === "stack") return 0;
  if (kind === "file") return 1;
  if (isZeroedData(mapping, mappings[findMapping(mappings, mapping.start) - 1])) return 1;
  if (kind === "heap") return 2;
  return kind === "anonymous" ? 3 : 4;
}
