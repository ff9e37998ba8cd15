// Counts the pages of sets in cells of equal size, and tells of each cell the topmost layer and how full it is.
import type { PageSet } from "../../memory/page-set.ts";
import { touches } from "./touched.ts";

/** One layer of the map: its pages, those that do not count among them, and the byte of MapLayer. */
export interface Layer {
  readonly layer: number;
  readonly pages: PageSet;
  /** A part of `pages` that is shown by another layer. */
  readonly without?: PageSet;
}

/** Cells of one row: pages from `start` on, `pagesPerCell` in each; the last one ends at `end`. */
export interface Cells {
  readonly start: number;
  readonly end: number;
  readonly pagesPerCell: number;
  readonly count: number;
}

/**
 * Adds `sign` for each page of the set to its cell's count. Walks only the runs that lie in the cells.
 * @param counts one entry a cell.
 */
export function countCells(pages: PageSet, cells: Cells, counts: Float64Array, sign: 1 | -1 = 1): void {
  const { runs } = pages;
  const { start, pagesPerCell } = cells;
  const end = Math.min(cells.end, start + cells.count * pagesPerCell);
  for (let i = pages.firstRunEndingAfter(start) * 2; i < runs.length && runs[i] < end; i += 2) {
    let from = Math.max(runs[i], start);
    const to = Math.min(runs[i + 1], end);
    while (from < to) {
      const cell = Math.floor((from - start) / pagesPerCell);
      const edge = Math.min(to, start + (cell + 1) * pagesPerCell);
      counts[cell] += sign * (edge - from);
      from = edge;
    }
  }
}

let scratch = new Float64Array(0);

/**
 * @param layers the topmost first; one is looked at only for cells that show none above it.
 * @returns two bytes a cell: the layer (0 for none), and how full the cell is of it: 255 for all of its pages, 1 for at least one,
 * in between in proportion.
 */
export function levelsOf(cells: Cells, layers: readonly Layer[]): Uint8Array {
  const levels = new Uint8Array(cells.count * 2);
  if (scratch.length < cells.count) scratch = new Float64Array(cells.count * 2);
  const end = Math.min(cells.end, cells.start + cells.count * cells.pagesPerCell);
  let unpainted = cells.count;
  for (const { layer, pages, without } of layers) {
    if (unpainted === 0) break;
    if (!touches(pages, cells.start, end)) continue;
    scratch.fill(0, 0, cells.count);
    countCells(pages, cells, scratch);
    if (without) countCells(without, cells, scratch, -1);
    for (let cell = 0; cell < cells.count; cell += 1) {
      if (scratch[cell] === 0 || levels[cell * 2] !== 0) continue;
      const size = Math.min(cells.pagesPerCell, end - cells.start - cell * cells.pagesPerCell);
      levels[cell * 2] = layer;
      levels[cell * 2 + 1] = levelOf(scratch[cell], size);
      unpainted -= 1;
    }
  }
  return levels;
}

/** In proportion, but full only where it is, and never nothing where there is something. */
function levelOf(count: number, size: number): number {
  return count >= size ? 255 : Math.max(1, Math.min(254, Math.round((count / size) * 255)));
}
