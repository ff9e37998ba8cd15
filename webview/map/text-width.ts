// How wide words are on a canvas: measured once, for a map shows the same ones frame after frame.

/** Pixels, by font and words. */
const widths = new Map<string, number>();
/** More are not kept: 10,000 mappings have as many names. */
const MOST = 2000;

/** Pixels in the context's present font. */
export function widthOf(context: CanvasRenderingContext2D, text: string): number {
  const key = `${context.font}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size >= MOST) widths.clear();
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}

/** Cuts a text to a width, with an ellipsis. */
export function fitting(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (widthOf(context, text) <= width) return text;
  let [fits, beyond] = [1, text.length];
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >>> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) fits = middle;
    else beyond = middle;
  }
  return `${text.slice(0, fits)}…`;
}
