// Where every mapping and every page lies on the map. Pure: drawing and hit-testing are two readings of the same layout.
import type { MappingRow } from "../../src/ui/panel-messages.ts";

/** Pixels. */
export const CELL = 8;
const LINE = 18;
const PADDING = 4;
const GUTTER = 250;
const NARROW = 520;
/** Rows of cells a mapping takes at most before anyone zooms in. */
const OVERVIEW_ROWS = 2;

/** A mapping on the map: its label, and its pages as cells from left to right, top to bottom. Pixels from the map's top left. */
export interface Block {
  readonly row: MappingRow;
  readonly top: number;
  readonly height: number;
  readonly cellsLeft: number;
  readonly cellsTop: number;
  readonly pagesPerCell: number;
  readonly cells: number;
}

export interface MapLayout {
  readonly blocks: readonly Block[];
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** The zoom at which every mapping shows a page a cell; more changes nothing. */
  readonly deepest: number;
}

/** A cell of the map: pages [start, end) of a mapping. */
export interface Cell {
  readonly block: Block;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** @param width pixels; @param zoom 0 for the overview, each step halves the pages a cell stands for. */
export function layoutMap(rows: readonly MappingRow[], width: number, zoom: number): MapLayout {
  const narrow = width < NARROW;
  const cellsLeft = narrow ? PADDING : GUTTER;
  const columns = Math.max(8, Math.floor((width - cellsLeft - PADDING) / CELL));
  const blocks: Block[] = [];
  let top = PADDING;
  let deepest = 0;
  for (const row of rows) {
    const pages = row.end - row.start;
    const overview = Math.max(0, Math.ceil(Math.log2(pages / (columns * OVERVIEW_ROWS))));
    deepest = Math.max(deepest, overview);
    const pagesPerCell = 2 ** Math.max(0, overview - zoom);
    const cells = Math.ceil(pages / pagesPerCell);
    const cellRows = Math.ceil(cells / columns);
    const cellsTop = top + (narrow ? LINE : (LINE - CELL) / 2);
    const height = narrow ? LINE + cellRows * CELL + PADDING : Math.max(LINE, cellRows * CELL + LINE - CELL);
    blocks.push({ row, top, height, cellsLeft, cellsTop, pagesPerCell, cells });
    top += height;
  }
  return { blocks, width, height: top + PADDING, columns, deepest };
}

export function cellAt(layout: MapLayout, x: number, y: number): Cell | undefined {
  const block = blockAt(layout, y);
  if (!block) return undefined;
  const column = Math.floor((x - block.cellsLeft) / CELL);
  const line = Math.floor((y - block.cellsTop) / CELL);
  if (column < 0 || column >= layout.columns || line < 0) return undefined;
  return cellOf(block, line * layout.columns + column);
}

/** The cell that holds a page. */
export function cellOfPage(layout: MapLayout, page: number): Cell | undefined {
  const block = layout.blocks.find(({ row }) => row.start <= page && page < row.end);
  return block && cellOf(block, Math.floor((page - block.row.start) / block.pagesPerCell));
}

export function cellOf(block: Block, index: number): Cell | undefined {
  if (index < 0 || index >= block.cells) return undefined;
  const start = block.row.start + index * block.pagesPerCell;
  return { block, index, start, end: Math.min(block.row.end, start + block.pagesPerCell) };
}

/** Top left corner of a cell. */
export function cellCorner(layout: MapLayout, { block, index }: Cell): { x: number; y: number } {
  return {
    x: block.cellsLeft + (index % layout.columns) * CELL,
    y: block.cellsTop + Math.floor(index / layout.columns) * CELL,
  };
}

/** Index of the first block that ends below `y`. */
export function firstBlockBelow({ blocks }: MapLayout, y: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (blocks[middle].top + blocks[middle].height <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

function blockAt(layout: MapLayout, y: number): Block | undefined {
  const block = layout.blocks[firstBlockBelow(layout, y)];
  return block && block.top <= y ? block : undefined;
}
