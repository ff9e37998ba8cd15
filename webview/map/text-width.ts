// How wide words are on a canvas: measured once, for a map shows the same ones frame after frame.

export type Canvas2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Pixels, by font and words. */
const widths = new Map<string, Map<string, number>>();
/** More of a font are not kept: 10,000 mappings have as many names. */
const MOST = 2000;

/** Pixels in the context's present font. */
export function widthOf(context: Canvas2D, text: string): number {
  const { font } = context;
  const ofFont = widths.get(font) ?? new Map<string, number>();
  const known = ofFont.get(text);
  if (known !== undefined) return known;
  if (ofFont.size >= MOST) ofFont.clear();
  const { width } = context.measureText(text);
  widths.set(font, ofFont.set(text, width));
  return width;
}

/** Cuts a text to a width, with an ellipsis. */
export function fitting(context: Canvas2D, text: string, width: number): string {
  if (widthOf(context, text) <= width) return text;
  let [fits, beyond] = [1, text.length];
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >>> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) fits = middle;
    else beyond = middle;
  }
  return `${text.slice(0, fits)}…`;
}
