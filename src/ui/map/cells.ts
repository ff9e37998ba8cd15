// Counts the pages of sets in cells of equal size, and tells of each cell the topmost layer and how full it is.
import type { PageSet } from "../../memory/page-set.ts";
import { touches } from "../../memory/touched.ts";

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

let scratch = new Float64Array(0);
let scratchWithout = new Float64Array(0);

/**
 * @param layers the topmost first; one is looked at only for cells that show none above it.
 * @returns two bytes a cell: the layer (0 for none), and how full the cell is of it: 255 for all of its pages, 1 for at least one,
 * in between in proportion.
 */
export function levelsOf({ start, end, pagesPerCell, count }: Cells, layers: readonly Layer[]): Uint8Array {
  const levels = new Uint8Array(count * 2);
  if (scratch.length < count) scratch = new Float64Array(count * 2);
  if (scratchWithout.length < count) scratchWithout = new Float64Array(count * 2);
  const last = Math.min(end, start + count * pagesPerCell);
  let unpainted = count;
  for (const { layer, pages, without } of layers) {
    if (unpainted === 0) break;
    if (!touches(pages, start, last)) continue;
    pages.countCells(start, last, pagesPerCell, count, scratch);
    const reduced = without !== undefined && touches(without, start, last);
    if (reduced) without.countCells(start, last, pagesPerCell, count, scratchWithout);
    for (let cell = 0; cell < count; cell += 1) {
      const held = reduced ? scratch[cell] - scratchWithout[cell] : scratch[cell];
      if (held === 0 || levels[cell * 2] !== 0) continue;
      levels[cell * 2] = layer;
      levels[cell * 2 + 1] = levelOf(held, Math.min(pagesPerCell, last - start - cell * pagesPerCell));
      unpainted -= 1;
    }
  }
  return levels;
}

/** In proportion, but full only where it is, and never nothing where there is something. */
export function levelOf(count: number, size: number): number {
  return count >= size ? 255 : Math.max(1, Math.min(254, Math.round((count / size) * 255)));
}
