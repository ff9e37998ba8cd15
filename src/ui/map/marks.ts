// Where on the whole map the chosen step wrote, for the scrollbar: a few hundred marks at most, however many rows there are.
import { nextProgramPage, type Wrote } from "./chosen.ts";
import { CELL, extentOf, type Geometry, rowOfMapping } from "./geometry.ts";

/** A scrollbar has hardly more pixels that could be told apart. */
const BANDS = 300;

/**
 * @param written by index of the mapping, whether the step wrote it.
 * @returns pairs of top and height in pixels of the layout.
 */
export function marksOf(geometry: Geometry, wrote: Wrote, written: Uint8Array): Float32Array {
  const bands = new Uint8Array(BANDS);
  const bandHeight = geometry.height / BANDS;
  const bandOf = (y: number): number => Math.min(BANDS - 1, Math.floor(y / bandHeight));
  for (let mapping = written.indexOf(1); mapping >= 0; mapping = written.indexOf(1, mapping + 1)) {
    const row = rowOfMapping(geometry.rows, mapping);
    if (row < 0) continue;
    const first = bandOf(geometry.tops[row]);
    const last = bandOf(geometry.tops[row + 1]);
    if (last - first <= 1) {
      bands[first] = 1;
      continue;
    }
    for (let band = first; band <= last; band += 1) {
      const { start, end } = pagesBetween(geometry, row, band * bandHeight, (band + 1) * bandHeight);
      const page = start < end ? nextProgramPage(wrote, Math.floor(start)) : undefined;
      if (page !== undefined && page < end) bands[band] = 1;
    }
  }
  return joined(bands, bandHeight);
}

/** The pages of a row whose lines of cells lie, at least in part, between two heights. */
function pagesBetween(geometry: Geometry, row: number, top: number, bottom: number): { start: number; end: number } {
  const { start, end } = extentOf(geometry.rows, row);
  const cellsTop = geometry.tops[row] + geometry.cellsBelow;
  const pagesPerLine = geometry.columns * 2 ** geometry.scales[row];
  const firstLine = Math.max(0, Math.floor((top - cellsTop) / CELL));
  const endLine = Math.max(0, Math.ceil((bottom - cellsTop) / CELL));
  return { start: start + firstLine * pagesPerLine, end: Math.min(end, start + endLine * pagesPerLine) };
}

/** Neighbouring bands become one mark. */
function joined(bands: Uint8Array, height: number): Float32Array {
  const marks: number[] = [];
  for (let band = 0; band < bands.length; band += 1) {
    if (bands[band] === 0) continue;
    const first = band;
    while (band + 1 < bands.length && bands[band + 1] === 1) band += 1;
    marks.push(first * height, (band + 1 - first) * height);
  }
  return Float32Array.from(marks);
}
