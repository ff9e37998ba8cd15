// Paints a layout: cells through one small image a frame, text and marks above it.
import { css, mix, type Theme } from "../theme.ts";
import type { Layer } from "./layers.ts";
import { type Block, CELL, type Cell, cellCorner, cellOf, firstBlockBelow, type MapLayout } from "./layout.ts";

export interface Scene {
  readonly layout: MapLayout;
  readonly layers: readonly Layer[];
  readonly theme: Theme;
  readonly scroll: number;
  readonly height: number;
  readonly cursor?: Cell;
  readonly hasFocus: boolean;
  /** Right-aligned words of a mapping: "2 of 34 written". */
  caption(block: Block): string;
}

const SCROLLBAR = 10;
const GAP = 1;

export class Painter {
  private readonly image = new OffscreenCanvas(1, 1);
  private pixels = new Uint32Array(0);
  private counts = new Float64Array(0);

  /** Draws the visible part, scaled by the device's pixel ratio. */
  draw(context: CanvasRenderingContext2D, scene: Scene, ratio: number): void {
    const { layout, theme, scroll, height } = scene;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = css(theme.background);
    context.fillRect(0, 0, layout.width, height);
    context.translate(0, -scroll);
    context.textBaseline = "middle";
    context.font = theme.font;
    for (let i = firstBlockBelow(layout, scroll); i < layout.blocks.length; i += 1) {
      const block = layout.blocks[i];
      if (block.top > scroll + height) break;
      this.drawCells(context, scene, block);
      drawLabel(context, scene, block);
    }
    if (scene.cursor && scene.hasFocus) outline(context, layout, scene.cursor, theme.focus, 2);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawScrollbar(context, scene);
  }

  private drawCells(context: CanvasRenderingContext2D, scene: Scene, block: Block): void {
    const { layout, layers, theme, scroll, height } = scene;
    const { columns } = layout;
    const lastLine = Math.ceil(block.cells / columns);
    const firstVisible = Math.max(0, Math.floor((scroll - block.cellsTop) / CELL));
    const endVisible = Math.min(lastLine, Math.ceil((scroll + height - block.cellsTop) / CELL));
    const lines = endVisible - firstVisible;
    if (lines <= 0) return;
    const first = firstVisible * columns;
    const cells = Math.min(block.cells - first, lines * columns);
    this.makeRoom(columns * lines);
    const start = block.row.start + first * block.pagesPerCell;

    const dim = block.row.armed === "no" && block.row.kind !== "anonymous" ? 0.5 : 0;
    this.pixels.fill(0, 0, columns * lines);
    this.pixels.fill(pixel(mix(theme.colors.hole, theme.background, dim)), 0, cells);
    const outlined: Cell[] = [];
    for (const layer of layers) {
      layer.coverage.countCells(start, block.row.end, block.pagesPerCell, cells, this.counts);
      for (let i = 0; i < cells; i += 1) {
        if (this.counts[i] === 0) continue;
        const full = block.pagesPerCell === 1 ? 1 : Math.log1p(this.counts[i]) / Math.log1p(block.pagesPerCell);
        this.pixels[i] = blend(
          this.pixels[i],
          theme.colors[layer.color],
          layer.least + (layer.most - layer.least) * full,
        );
        if (!theme.highContrast || !layer.outlined) continue;
        const cell = cellOf(block, first + i);
        if (cell) outlined.push(cell);
      }
    }
    this.blit(context, block.cellsLeft, block.cellsTop + firstVisible * CELL, columns, lines);
    cutGaps(context, theme, block, firstVisible, columns, lines);
    for (const cell of outlined) outline(context, layout, cell, theme.foreground, 1);
  }

  private makeRoom(cells: number): void {
    if (this.pixels.length >= cells) return;
    this.pixels = new Uint32Array(cells * 2);
    this.counts = new Float64Array(cells * 2);
  }

  /** One pixel a cell, scaled up by the canvas. */
  private blit(context: CanvasRenderingContext2D, x: number, y: number, columns: number, lines: number): void {
    const { image } = this;
    if (image.width !== columns || image.height < lines) {
      image.width = columns;
      image.height = Math.max(image.height, lines);
    }
    const bytes = new Uint8ClampedArray(this.pixels.buffer as ArrayBuffer, 0, columns * lines * 4);
    image.getContext("2d")?.putImageData(new ImageData(bytes, columns, lines), 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(image, 0, 0, columns, lines, x, y, columns * CELL, lines * CELL);
  }
}

/** Thin lines of the background turn the scaled image into separate cells. */
function cutGaps(
  context: CanvasRenderingContext2D,
  theme: Theme,
  block: Block,
  firstLine: number,
  columns: number,
  lines: number,
): void {
  context.fillStyle = css(theme.background);
  const top = block.cellsTop + firstLine * CELL;
  const used = Math.min(columns, block.cells);
  for (let column = 1; column <= used; column += 1) {
    context.fillRect(block.cellsLeft + column * CELL - GAP, top, GAP, lines * CELL);
  }
  for (let line = 1; line <= lines; line += 1) {
    context.fillRect(block.cellsLeft, top + line * CELL - GAP, used * CELL, GAP);
  }
}

function drawLabel(context: CanvasRenderingContext2D, scene: Scene, block: Block): void {
  const { theme, layout } = scene;
  const { row, top } = block;
  const y = top + 9;
  const gutter = block.cellsLeft > 8 ? block.cellsLeft - 8 : layout.width - SCROLLBAR - 8;
  const caption = scene.caption(block);
  context.textAlign = "right";
  context.fillStyle = caption.includes("written") ? css(theme.colors.written) : theme.dimmed;
  context.fillText(caption, gutter, y);
  const captionWidth = context.measureText(caption).width + 8;
  context.textAlign = "left";
  context.fillStyle = row.armed === "no" ? theme.dimmed : theme.foreground;
  const name = row.name.startsWith("/") ? row.name.slice(row.name.lastIndexOf("/") + 1) : row.name || "[anon]";
  const words = fitting(context, `${name}  ${row.permissions}`, gutter - captionWidth - 8);
  context.fillText(words, 8, y);
}

/** Cuts a text to a width, with an ellipsis. */
function fitting(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length)}…`;
}

/** The map's own scrollbar, with marks where the top layer has pages: no element is as tall as memory. */
function drawScrollbar(context: CanvasRenderingContext2D, scene: Scene): void {
  const { layout, theme, scroll, height } = scene;
  if (layout.height <= height) return;
  const x = layout.width - SCROLLBAR;
  const scale = height / layout.height;
  context.fillStyle = theme.dimmed;
  context.globalAlpha = 0.25;
  context.fillRect(x, scroll * scale, SCROLLBAR, Math.max(16, height * scale));
  context.globalAlpha = 1;
  context.fillStyle = css(theme.colors.written);
  const top = scene.layers.findLast(({ color }) => color === "written");
  if (!top) return;
  for (const block of layout.blocks) {
    if (top.coverage.count(block.row.start, block.row.end) === 0) continue;
    context.fillRect(x + 2, block.top * scale, SCROLLBAR - 4, Math.max(2, block.height * scale));
  }
}

function outline(context: CanvasRenderingContext2D, layout: MapLayout, cell: Cell, color: string, width: number): void {
  const { x, y } = cellCorner(layout, cell);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.strokeRect(x - 0.5, y - 0.5, CELL, CELL);
}

/** The word of memory that ImageData wants on a little-endian machine. */
function pixel([r, g, b]: readonly [number, number, number]): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

function blend(under: number, [r, g, b]: readonly [number, number, number], alpha: number): number {
  const ur = under & 255;
  const ug = (under >>> 8) & 255;
  const ub = (under >>> 16) & 255;
  return pixel([ur + (r - ur) * alpha, ug + (g - ug) * alpha, ub + (b - ub) * alpha]);
}
