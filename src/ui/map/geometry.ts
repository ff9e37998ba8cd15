// Where every row and every page lies on the map, in pixels from its top left. Pure.
import type { Rows } from "./rows.ts";

/** Side of a cell with the gap beside it, pixels. */
export const CELL = 8;
const LINE = 18;
/** A row with more than one line of cells has room for two lines of words beside them. */
const TWO_LINES = 31;
const PADDING = 4;
const GUTTER = 250;
/** Below this width labels stand above the cells, not beside them. */
const NARROW = 520;
/** Rows of cells a mapping takes at most before anyone zooms in. */
const OVERVIEW_LINES = 2;
const LEAST_COLUMNS = 8;
/** The power of two that is the pages of a byte. */
const FINEST = -12;

export interface Geometry {
  readonly rows: Rows;
  readonly columns: number;
  readonly cellsLeft: number;
  /** From a row's top to its cells' top. */
  readonly cellsBelow: number;
  /** Top of each row; one more at the end, the last one's bottom. */
  readonly tops: Float64Array;
  /** For each row the power of two that is its pages a cell; below 0 a cell is a part of a page, down to a byte. */
  readonly scales: Int8Array;
  readonly height: number;
  /** The zoom at which every row shows a byte a cell; more changes nothing. */
  readonly deepest: number;
}

/** A cell of the map: pages [start, end) of a row, in parts of a page where it is less than one. */
export interface Cell {
  readonly row: number;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** @param width pixels; @param zoom 0 for the overview, each step halves the pages a cell stands for. */
export function geometryOf(rows: Rows, width: number, zoom: number): Geometry {
  const narrow = width < NARROW;
  const cellsLeft = narrow ? PADDING : GUTTER;
  const columns = Math.max(LEAST_COLUMNS, Math.floor((width - cellsLeft - PADDING) / CELL));
  const { mappings } = rows.layout;
  const count = rows.first.length;
  const tops = new Float64Array(count + 1);
  const scales = new Int8Array(count);
  let top = PADDING;
  let deepest = count === 0 ? 0 : -FINEST;
  for (let row = 0; row < count; row += 1) {
    const pages = mappings[rows.last[row]].end - mappings[rows.first[row]].start;
    const overview = Math.max(0, Math.ceil(Math.log2(pages / (columns * OVERVIEW_LINES))));
    deepest = Math.max(deepest, overview - FINEST);
    const scale = Math.max(FINEST, overview - zoom);
    const lines = Math.ceil(Math.ceil(pages / 2 ** scale) / columns);
    tops[row] = top;
    scales[row] = scale;
    top += narrow
      ? LINE + lines * CELL + PADDING
      : lines === 1
        ? LINE
        : Math.max(TWO_LINES, lines * CELL + LINE - CELL);
  }
  tops[count] = top;
  return {
    rows,
    columns,
    cellsLeft,
    cellsBelow: narrow ? LINE : (LINE - CELL) / 2,
    tops,
    scales,
    height: top + PADDING,
    deepest,
  };
}

/** The pages of a row, [start, end). */
export function extentOf({ layout: { mappings }, first, last }: Rows, row: number): { start: number; end: number } {
  return { start: mappings[first[row]].start, end: mappings[last[row]].end };
}

/** How many cells a row has. */
export function cellsOf(geometry: Geometry, row: number): number {
  const { start, end } = extentOf(geometry.rows, row);
  return Math.ceil((end - start) / 2 ** geometry.scales[row]);
}

/** Index of the first row that ends below `y`; the number of rows where none does. */
export function firstRowBelow({ tops }: Geometry, y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tops[middle + 1] <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A row's cell by its index, undefined where it has none such. */
export function cellAt(geometry: Geometry, row: number, index: number): Cell | undefined {
  if (row < 0 || row >= geometry.scales.length || index < 0 || index >= cellsOf(geometry, row)) return undefined;
  const extent = extentOf(geometry.rows, row);
  const pages = 2 ** geometry.scales[row];
  const start = extent.start + index * pages;
  return { row, index, start, end: Math.min(extent.end, start + pages) };
}

const rowsByMapping = new WeakMap<Rows, Int32Array>();

/** The cell that holds a page; undefined where no row does. */
export function cellOfPage(geometry: Geometry, mapping: number, page: number): Cell | undefined {
  const row = rowOfMapping(geometry.rows, mapping);
  if (row < 0) return undefined;
  const { start } = extentOf(geometry.rows, row);
  return cellAt(geometry, row, Math.floor((page - start) / 2 ** geometry.scales[row]));
}

/** The row that shows a mapping, by the mapping's index; -1 where the filter leaves it out. */
export function rowOfMapping(rows: Rows, mapping: number): number {
  let known = rowsByMapping.get(rows);
  if (!known) {
    known = new Int32Array(rows.layout.mappings.length).fill(-1);
    for (let row = 0; row < rows.first.length; row += 1) known.fill(row, rows.first[row], rows.last[row] + 1);
    rowsByMapping.set(rows, known);
  }
  return known[mapping] ?? -1;
}

/** Top left corner of a cell. */
export function cornerOf(geometry: Geometry, { row, index }: Cell): { x: number; y: number } {
  const { columns, cellsLeft, cellsBelow, tops } = geometry;
  return {
    x: cellsLeft + (index % columns) * CELL,
    y: tops[row] + cellsBelow + Math.floor(index / columns) * CELL,
  };
}
