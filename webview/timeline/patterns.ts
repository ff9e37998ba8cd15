// How the parts of a bar look: each by a colour and a pattern, so that either tells them apart.
import { css, type Theme } from "../theme.ts";

/** Lines of a tile, "#" in the part's colour. The last one is of what is no mapping's own. */
const TILES: readonly (readonly string[])[] = [
  ["####", "####", "####", "####"],
  ["##..", "#..#", "..##", ".##."],
  ["####", "....", "####", "...."],
  ["#.#.", "#.#.", "#.#.", "#.#."],
  ["#...", "..#.", "#...", "..#."],
  ["####", "#..#", "#..#", "####"],
];

let made: { readonly theme: Theme; readonly patterns: readonly (CanvasPattern | string)[] } | undefined;

/** Fills a rectangle as the part of a bar looks. */
export function fillPart(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  theme: Theme,
  part: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (made?.theme !== theme) made = { theme, patterns: TILES.map((tile, i) => patternOf(tile, theme, i)) };
  context.fillStyle = made.patterns[Math.min(part, TILES.length - 1)];
  context.fillRect(x, y, width, height);
}

function patternOf(tile: readonly string[], theme: Theme, part: number): CanvasPattern | string {
  const color = css(theme.colors.parts[part]);
  const canvas = new OffscreenCanvas(tile.length, tile.length);
  const context = canvas.getContext("2d");
  if (!context || part === 0) return color;
  // What lies between is of the same colour, fainter: a bar stays one bar.
  context.fillStyle = color;
  context.globalAlpha = theme.highContrast ? 0.25 : 0.35;
  context.fillRect(0, 0, tile.length, tile.length);
  context.globalAlpha = 1;
  tile.forEach((line, y) => {
    for (let px = 0; px < line.length; px += 1) if (line[px] === "#") context.fillRect(px, y, 1, 1);
  });
  return context.createPattern(canvas, "repeat") ?? color;
}
