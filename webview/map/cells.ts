// The look of a cell, pixel by pixel: a colour, a shape and how high it is filled. No two layers differ by their colour alone.
import { type MapBlock, MapLayer } from "../../src/ui/protocol.ts";
import { CELL } from "./cell.ts";

/** The colour of each layer as a word of ImageData, by MapLayer. */
export type Palette = Uint32Array;

/** Pixels of a cell; the last ones of the way to the next cell are its gap. */
const SIDE = CELL - 1;

/** A single line of pixels would be overlooked. */
const LEAST_LINES = 2;

/** What is painted of a cell, line by line: "#" in the layer's colour, "." in what lies under it. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  full: ["#######", "#######", "#######", "#######", "#######", "#######", "#######"],
  slashed: ["#####..", "####..#", "###..##", "##..###", "#..####", "..#####", ".######"],
  ring: ["#######", "#######", "##...##", "##...##", "##...##", "#######", "#######"],
  small: [".......", ".......", "..###..", "..###..", "..###..", ".......", "......."],
  split: ["###.###", "###.###", "###.###", "###.###", "###.###", "###.###", "###.###"],
  banded: ["#######", "#######", ".......", "#######", ".......", "#######", "#######"],
  crossed: ["#.....#", ".#...#.", "..#.#..", "...#...", "..#.#..", ".#...#.", "#.....#"],
  checked: ["##..##.", "##..##.", "..##..#", "..##..#", "##..##.", "##..##.", "..##..#"],
  frame: ["#######", "#.....#", "#.....#", "#.....#", "#.....#", "#.....#", "#######"],
  lower: ["#......", "##.....", "###....", "####...", "#####..", "######.", "#######"],
  upper: ["#######", ".######", "..#####", "...####", "....###", ".....##", "......#"],
  question: ["..###..", ".#...#.", ".....#.", "....#..", "...#...", ".......", "...#..."],
  size1: [".......", ".......", ".......", "...##..", "...##..", ".......", "......."],
  size2: [".......", ".......", "..###..", "..###..", "..###..", ".......", "......."],
  size3: [".......", ".####..", ".####..", ".####..", ".####..", ".......", "......."],
  size4: [".......", ".#####.", ".#####.", ".#####.", ".#####.", ".#####.", "......."],
  size5: ["######.", "######.", "######.", "######.", "######.", "######.", "......."],
  size6: ["#######", "#######", "#######", "###.###", "#######", "#######", "#######"],
  size7: ["#######", "#######", "#######", "#######", "#######", "#######", "#######"],
};

/** Of classes, in order: threads, or kinds of memory. */
const CLASS_SHAPES = ["full", "slashed", "ring", "split", "banded", "crossed", "checked", "small"];

const MASKS = masks();

/** Whether a shape is filled from below in proportion; small ones would vanish. */
const FILLED = new Set(["full", "slashed", "split", "ring", "banded"]);

function shapeOf(layer: number): string {
  if (layer >= MapLayer.DEGREE_FIRST && layer <= MapLayer.DEGREE_LAST)
    return `size${layer - MapLayer.DEGREE_FIRST + 1}`;
  if (layer >= MapLayer.CLASS_FIRST && layer <= MapLayer.CLASS_LAST) return CLASS_SHAPES[layer - MapLayer.CLASS_FIRST];
  if (layer >= MapLayer.OLDER_FIRST && layer <= MapLayer.OLDER_LAST) return "small";
  switch (layer) {
    case MapLayer.DEBUGGER:
    case MapLayer.PRIVATE:
      return "slashed";
    case MapLayer.KERNEL:
    case MapLayer.ZERO:
      return "ring";
    case MapLayer.FILE:
      return "split";
    case MapLayer.HUGE:
      return "banded";
    case MapLayer.SWAPPED:
      return "small";
    case MapLayer.ONLY_HERE:
      return "lower";
    case MapLayer.ONLY_THERE:
      return "upper";
    case MapLayer.SAME:
      return "frame";
    case MapLayer.UNKNOWN:
      return "question";
    default:
      return "full";
  }
}

function masks(): Uint8Array[] {
  return Array.from({ length: MapLayer.UNKNOWN + 1 }, (_, layer) => {
    const mask = new Uint8Array(SIDE * SIDE);
    SHAPES[shapeOf(layer)].forEach((line, y) => {
      for (let x = 0; x < SIDE; x += 1) mask[y * SIDE + x] = line[x] === "#" ? 1 : 0;
    });
    return mask;
  });
}

const IS_FILLED = Array.from({ length: MapLayer.UNKNOWN + 1 }, (_, layer) => FILLED.has(shapeOf(layer)));

/**
 * How many of a cell's lines of pixels are filled, from below: all only for a full cell, and for a page as many as can be seen.
 * @param level as in {@link MapBlock.levels}.
 */
export function filledLines(level: number): number {
  return level >= 255 ? SIDE : Math.max(LEAST_LINES, Math.min(SIDE - 1, Math.round((level / 255) * SIDE)));
}

/** Part of an image, in pixels. */
export interface Image {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Paints the cells of a block whose levels are known into an image.
 * @param top of the image on the layout; lines of pixels beyond it are left out.
 * @param first, end lines of cells.
 */
export function paintCells(
  image: Image,
  block: MapBlock,
  columns: number,
  top: number,
  { first, end }: { readonly first: number; readonly end: number },
  palette: Palette,
): void {
  for (let line = first; line < end; line += 1) {
    const y = block.cellsTop + line * CELL - top;
    const from = line * columns;
    const to = Math.min(block.cells, from + columns, block.firstCell + block.levels.length / 2);
    for (let cell = from; cell < to; cell += 1) {
      const at = (cell - block.firstCell) * 2;
      stamp(image, block.cellsLeft + (cell - from) * CELL, y, block.levels[at], block.levels[at + 1], palette);
    }
  }
}

/** One cell, its top left corner at (left, top) of the image. */
export function stamp(
  { pixels, width, height }: Image,
  left: number,
  top: number,
  layer: number,
  level: number,
  palette: Palette,
): void {
  const tile = tileOf(layer, level, palette);
  const right = Math.min(SIDE, width - left);
  const bottom = Math.min(SIDE, height - top);
  for (let y = Math.max(0, -top); y < bottom; y += 1) {
    const row = (top + y) * width + left;
    for (let x = 0; x < right; x += 1) pixels[row + x] = tile[y * SIDE + x];
  }
}

/** Of the palette used last, the cells as they look, by layer and how many lines are filled: a map has many that look the same. */
let tiles: { readonly palette: Palette; readonly made: Uint32Array[] } | undefined;

function tileOf(layer: number, level: number, palette: Palette): Uint32Array {
  if (tiles?.palette !== palette) tiles = { palette, made: [] };
  const known = layer < MASKS.length ? layer : MapLayer.HOLE;
  const lines = known === MapLayer.HOLE || !IS_FILLED[known] ? SIDE : filledLines(level);
  const at = known * (SIDE + 1) + lines;
  tiles.made[at] ??= makeTile(known, SIDE - lines, palette);
  return tiles.made[at];
}

/** @param empty lines from the top that are not filled. */
function makeTile(layer: number, empty: number, palette: Palette): Uint32Array {
  const mask = MASKS[layer];
  // A small sign on the grey of memory would be told by its colour alone, and in high contrast hardly by that.
  const isAround = layer > MapLayer.RESIDENT && IS_FILLED[layer];
  const under = palette[isAround ? MapLayer.RESIDENT : MapLayer.HOLE];
  const tile = new Uint32Array(mask.length);
  // Not by Uint32Array.from: a zoom shows dozens of new looks at once, and that takes a hundred times as long.
  for (let i = 0; i < tile.length; i += 1) tile[i] = mask[i] === 1 && i >= empty * SIDE ? palette[layer] : under;
  return tile;
}
