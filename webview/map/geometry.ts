// Where cells lie in a reply's blocks, and which cell lies where. Pure: painting and hit-testing are two readings of one reply.
import type { MapBlock, MapPlace, MapReply } from "../../src/ui/protocol.ts";
import { CELL } from "./cell.ts";

/** A cell of the map: pages [start, end). */
export interface CellRange {
  readonly start: number;
  readonly end: number;
}

export type Blocks = Pick<MapReply, "blocks" | "columns">;

/** Index of the first block that ends below `y`; the number of blocks where none does. Pixels of the layout. */
export function firstBlockBelow(blocks: readonly MapBlock[], y: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (blocks[middle].top + blocks[middle].height <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The block at `y`; undefined between, before and behind them. */
export function blockAt(blocks: readonly MapBlock[], y: number): MapBlock | undefined {
  const block = blocks[firstBlockBelow(blocks, y)];
  return block && block.top <= y ? block : undefined;
}

/** The cell under a point of the layout. */
export function cellAt({ blocks, columns }: Blocks, x: number, y: number): CellRange | undefined {
  const block = blockAt(blocks, y);
  if (!block) return undefined;
  const column = Math.floor((x - block.cellsLeft) / CELL);
  const line = Math.floor((y - block.cellsTop) / CELL);
  if (column < 0 || column >= columns || line < 0) return undefined;
  return cellOf(block, line * columns + column);
}

/** The cell that holds a page, where its block is among the reply's. */
export function cellOfPage(blocks: readonly MapBlock[], page: number): CellRange | undefined {
  const block = blockOfPage(blocks, page);
  return block && cellOf(block, Math.floor((page - block.start) / block.pagesPerCell));
}

/** Top left corner of the cell that holds a page; undefined where its block is not among the reply's. */
export function cornerOfPage({ blocks, columns }: Blocks, page: number): MapPlace | undefined {
  const block = blockOfPage(blocks, page);
  if (!block) return undefined;
  const index = Math.floor((page - block.start) / block.pagesPerCell);
  return {
    page,
    x: block.cellsLeft + (index % columns) * CELL,
    y: block.cellsTop + Math.floor(index / columns) * CELL,
  };
}

/** Lines of cells of a block that lie in [top, bottom) and whose levels the reply holds. */
export function visibleLines(
  { cellsTop, firstCell, levels }: MapBlock,
  columns: number,
  top: number,
  bottom: number,
): { readonly first: number; readonly end: number } {
  const known = firstCell / columns;
  const knownEnd = Math.ceil((firstCell + levels.length / 2) / columns);
  const first = Math.max(known, Math.floor((top - cellsTop) / CELL));
  const end = Math.min(knownEnd, Math.ceil((bottom - cellsTop) / CELL));
  return { first, end: Math.max(first, end) };
}

/** Whether a cell of a layer that counts lies in [top, bottom) of the layout. */
export function isLayerVisible(
  { blocks, columns }: Blocks,
  counts: (layer: number) => boolean,
  top: number,
  bottom: number,
): boolean {
  for (let i = firstBlockBelow(blocks, top); i < blocks.length && blocks[i].top < bottom; i += 1) {
    const block = blocks[i];
    const { first, end } = visibleLines(block, columns, top, bottom);
    const from = (first * columns - block.firstCell) * 2;
    const to = Math.min(block.levels.length, (end * columns - block.firstCell) * 2);
    for (let at = from; at < to; at += 2) if (counts(block.levels[at])) return true;
  }
  return false;
}

function blockOfPage(blocks: readonly MapBlock[], page: number): MapBlock | undefined {
  // Not a binary search: blocks may stand in another order than their addresses'.
  return blocks.find(({ start, end }) => start <= page && page < end);
}

function cellOf(block: MapBlock, index: number): CellRange | undefined {
  if (index < 0 || index >= block.cells) return undefined;
  const start = block.start + index * block.pagesPerCell;
  return { start, end: Math.min(block.end, start + block.pagesPerCell) };
}
