// Paints the visible part of a map: cells through one image a frame, words and marks above it.

import { t } from "../../src/common/l10n.ts";
import { formatAddress, formatSize } from "../../src/memory/page.ts";
import type { MapBlock, MapReply } from "../../src/ui/protocol.ts";
import { cellWords } from "../legend.ts";
import { css, type Theme } from "../theme.ts";
import { CELL } from "./cell.ts";
import { type Palette, paintCells } from "./cells.ts";
import { cornerOfPage, firstBlockBelow, visibleLines } from "./geometry.ts";
import { fitting, widthOf } from "./text-width.ts";

export interface Scene {
  readonly reply: MapReply;
  readonly theme: Theme;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
  readonly scroll: number;
  /** A page in the cell that the keyboard is on, where the map has the focus. */
  readonly cursor?: number;
}

/** Width of the scrollbar. */
export const SCROLLBAR = 10;
/** A label's line, and the least height of a block that has room for two of them. */
const LINE = 18;
const TWO_LINES = 28;
const LEFT = 8;
/** A block's label stands beside its cells from this on, else above them. */
const LEAST_GUTTER = 60;

export class Painter {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private image = new ImageData(1, 1);

  /** Draws into a canvas of the scene's size times the device's pixel ratio. */
  draw(context: CanvasRenderingContext2D, scene: Scene, ratio: number): void {
    const { reply, width, height, scroll, theme } = scene;
    this.drawCells(scene);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, 0, 0, this.image.width, this.image.height);
    context.textBaseline = "middle";
    const { blocks } = reply;
    for (let i = firstBlockBelow(blocks, scroll); i < blocks.length && blocks[i].top < scroll + height; i += 1) {
      drawLabel(context, scene, blocks[i]);
    }
    const corner = scene.cursor === undefined ? undefined : cornerOfPage(reply, scene.cursor);
    if (corner) drawCursor(context, corner.x, corner.y - scroll, theme);
    drawScrollbar(context, scene, width);
  }

  private drawCells({ reply, width, height, scroll, palette }: Scene): void {
    const [wide, high] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
    if (this.image.width !== wide || this.image.height !== high) {
      this.image = new ImageData(wide, high);
      this.canvas.width = wide;
      this.canvas.height = high;
    }
    const pixels = new Uint32Array(this.image.data.buffer);
    pixels.fill(0);
    const image = { pixels, width: wide, height: high };
    const { blocks, columns } = reply;
    const top = Math.round(scroll);
    for (let i = firstBlockBelow(blocks, top); i < blocks.length && blocks[i].top < top + high; i += 1) {
      paintCells(image, blocks[i], columns, top, visibleLines(blocks[i], columns, top, top + high), palette);
    }
    this.canvas.getContext("2d")?.putImageData(this.image, 0, 0);
  }
}

/** A block's words, at its top or, while that is above the box, at the box's. */
function drawLabel(context: CanvasRenderingContext2D, { theme, scroll, width }: Scene, block: MapBlock): void {
  const isBeside = block.cellsLeft >= LEAST_GUTTER;
  const right = isBeside ? block.cellsLeft - LEFT : width - SCROLLBAR - LEFT;
  const hasTwo = isBeside && block.height >= TWO_LINES;
  const lowest = block.top + block.height - (hasTwo ? TWO_LINES : LINE);
  const top = Math.min(Math.max(block.top, scroll), Math.max(block.top, lowest)) - scroll;
  if (!isBeside && top > block.top - scroll) {
    // Above the cells, a label that sticks lies on some of them.
    context.clearRect(0, top, width - SCROLLBAR, LINE);
  }
  const y = top + 9;
  context.font = theme.font;
  context.textAlign = "right";
  context.fillStyle = block.wrote ? theme.foreground : theme.dimmed;
  if (block.wrote) context.font = `600 ${theme.font}`;
  context.fillText(block.caption, right, y);
  const room = right - LEFT - widthOf(context, block.caption) - 8;
  context.textAlign = "left";
  context.fillStyle = block.armed === "no" ? theme.dimmed : theme.foreground;
  const name = fitting(context, nameOf(block), room);
  context.fillText(name, LEFT, y);
  const nameWidth = widthOf(context, name);
  context.font = theme.mono;
  context.fillStyle = theme.dimmed;
  if (hasTwo) {
    context.fillText(
      fitting(context, `${formatAddress(block.start)} ${block.permissions}`, right - LEFT),
      LEFT,
      top + 22,
    );
    context.textAlign = "right";
    const used = widthOf(context, `${formatAddress(block.start)} ${block.permissions}`);
    context.font = theme.font;
    const scale = scaleOf(block);
    if (widthOf(context, scale) < right - LEFT - used - 8) context.fillText(scale, right, top + 22);
    return;
  }
  const more = [formatAddress(block.start), ...(block.pagesPerCell !== 1 ? [scaleOf(block)] : [])];
  while (more.length > 0 && widthOf(context, more.join("  ")) > room - nameWidth - 8) more.pop();
  context.fillText(more.join("  "), LEFT + nameWidth + 8, y);
}

/** "a cell is 4 pages". */
export function scaleOf({ pagesPerCell }: Pick<MapBlock, "pagesPerCell">): string {
  return t("a cell is {0}", pagesPerCell >= 1024 ? formatSize(pagesPerCell) : cellWords(pagesPerCell));
}

function nameOf({ name }: MapBlock): string {
  return name.startsWith("/") ? name.slice(name.lastIndexOf("/") + 1) : name || "[anon]";
}

/** A line around the cell, and space around the line: it shows among any cells. */
function drawCursor(context: CanvasRenderingContext2D, x: number, y: number, theme: Theme): void {
  const [left, top, side] = [x - 1, y - 1, CELL + 1];
  context.clearRect(left - 3, top - 3, side + 6, 3);
  context.clearRect(left - 3, top + side, side + 6, 3);
  context.clearRect(left - 3, top, 3, side);
  context.clearRect(left + side, top, 3, side);
  context.lineWidth = 2;
  context.strokeStyle = theme.focus;
  context.strokeRect(left - 1, top - 1, side + 2, side + 2);
}

/** The map's own scrollbar, with marks where the chosen step wrote: no element is as tall as memory. */
function drawScrollbar(context: CanvasRenderingContext2D, scene: Scene, width: number): void {
  const { theme, scroll, height, reply } = scene;
  if (reply.contentHeight <= height) return;
  const x = width - SCROLLBAR;
  const scale = height / reply.contentHeight;
  context.clearRect(x, 0, SCROLLBAR, height);
  context.fillStyle = theme.dimmed;
  context.globalAlpha = 0.35;
  context.fillRect(x, scroll * scale, SCROLLBAR, Math.max(16, height * scale));
  context.globalAlpha = 1;
  context.fillStyle = css(theme.colors.written);
  for (let i = 0; i < reply.marks.length; i += 2) {
    context.fillRect(x + 2, reply.marks[i] * scale, SCROLLBAR - 4, Math.max(2, reply.marks[i + 1] * scale));
  }
}
