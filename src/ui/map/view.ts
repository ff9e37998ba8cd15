// The map as the page asks for it: the visible part of a recording, at a width, zoom, order and filter.

import { counted } from "../../common/counted.ts";
import { formatSize } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { Recording } from "../../recording/recording.ts";
import type { Step } from "../../recording/step.ts";
import { EMPTY_LAYOUT, type Layout } from "../../tracker/reports.ts";
import type { MapBlock, MapQuery, MapReply } from "../protocol.ts";
import { type Layer, levelsOf } from "./cells.ts";
import { mappingsWritten, NOTHING_WRITTEN, programPagesIn, type Wrote } from "./chosen.ts";
import { CELL, cellsOf, extentOf, firstRowBelow, type Geometry, geometryOf } from "./geometry.ts";
import { layersOf } from "./layers.ts";
import { marksOf } from "./marks.ts";
import { Recent } from "./recent.ts";
import { labelOf, type Rows, rowsOf, writtenLibraries } from "./rows.ts";

/** What of a query decides where everything lies; the rest is what is visible of it. */
type PlaceQuery = Pick<MapQuery, "step" | "width" | "zoom" | "order" | "filter">;

/** The map of a recording at one width, zoom, order and filter. */
export interface MapView {
  readonly geometry: Geometry;
  readonly step: Step | undefined;
  readonly wrote: Wrote;
  /** By index of the mapping, whether the chosen step wrote it. */
  readonly written: Uint8Array;
}

/** What was computed last for a recording; it goes with the recording, and holds nothing of another. */
class Results {
  readonly written = new Recent<Uint8Array>(3);
  readonly rows = new Recent<Rows>(3);
  readonly geometries = new Recent<Geometry>(3);
  readonly marks = new Recent<Float32Array>(3);
}

const results = new WeakMap<Recording, Results>();

function resultsOf(recording: Recording): Results {
  const known = results.get(recording);
  if (known) return known;
  const fresh = new Results();
  results.set(recording, fresh);
  return fresh;
}

/** The mappings that a step is shown among: those at its end, and the newest for the newest step. */
export function layoutOf(recording: Recording, step: Step | undefined): Layout {
  if (step && step !== recording.steps.last) return step.layout;
  return recording.layout ?? step?.layout ?? EMPTY_LAYOUT;
}

export function viewOf(recording: Recording, { step: number, width, zoom, order, filter }: PlaceQuery): MapView {
  const cache = resultsOf(recording);
  const step = number === undefined ? undefined : recording.steps.byNumber(number);
  const wrote = step ?? NOTHING_WRITTEN;
  const layout = layoutOf(recording, step);
  const written = cache.written.get([layout, wrote.written, wrote.kernel], () =>
    mappingsWritten(wrote, layout.mappings),
  );
  // The rows stay when another step is chosen, where the way of looking does not depend on what it wrote.
  const unfolded = filter.foldLibraries ? writtenLibraries(layout.mappings, written) : "";
  const everWritten = filter.writtenOnly ? recording.everWritten : PageSet.EMPTY;
  const rows = cache.rows.get(
    [
      layout,
      order,
      filter.foldLibraries,
      filter.text,
      filter.writtenOnly,
      everWritten,
      unfolded,
      order === "address" ? undefined : written,
    ],
    () => rowsOf(layout, { order, filter, written, everWritten }),
  );
  const geometry = cache.geometries.get([rows, width, zoom], () => geometryOf(rows, width, zoom));
  return { geometry, step, wrote, written };
}

export function mapReply(recording: Recording, query: MapQuery): MapReply {
  const view = viewOf(recording, query);
  const { geometry, wrote, written } = view;
  const { rows } = geometry;
  const marks = resultsOf(recording).marks.get([geometry, wrote.written, wrote.kernel], () =>
    marksOf(geometry, wrote, written),
  );
  return {
    revision: recording.revision,
    contentHeight: geometry.height,
    columns: geometry.columns,
    deepest: geometry.deepest,
    rowCount: rows.first.length,
    allRows: rows.layout.mappings.length,
    blocks: blocksOf(recording, view, query.scroll - query.overscan, query.scroll + query.height + query.overscan),
    // A copy: what is posted is no longer ours.
    marks: marks.slice(),
  };
}

/** The rows between two heights, with their cells between them. */
function blocksOf(recording: Recording, view: MapView, top: number, bottom: number): MapBlock[] {
  const { geometry } = view;
  const layers = layersOf(recording, view.step);
  const blocks: MapBlock[] = [];
  for (let row = firstRowBelow(geometry, top); row < geometry.scales.length; row += 1) {
    if (geometry.tops[row] > bottom) break;
    blocks.push(blockOf(view, row, layers, top, bottom));
  }
  return blocks;
}

function blockOf(
  { geometry, wrote }: MapView,
  row: number,
  layers: readonly Layer[],
  top: number,
  bottom: number,
): MapBlock {
  const { columns, cellsLeft, cellsBelow, tops, scales, rows } = geometry;
  const { start, end } = extentOf(rows, row);
  const pagesPerCell = 2 ** scales[row];
  const cells = cellsOf(geometry, row);
  const cellsTop = tops[row] + cellsBelow;
  const lines = Math.ceil(cells / columns);
  const firstLine = Math.max(0, Math.min(lines, Math.floor((top - cellsTop) / CELL)));
  const endLine = Math.min(lines, Math.ceil((bottom - cellsTop) / CELL));
  const firstCell = firstLine * columns;
  const count = Math.max(0, Math.min(cells, endLine * columns) - firstCell);
  const label = labelOf(rows, row);
  const pages = programPagesIn(wrote, start, end);
  return {
    start,
    end,
    top: tops[row],
    height: tops[row + 1] - tops[row],
    cellsLeft,
    cellsTop,
    pagesPerCell,
    cells,
    firstCell,
    levels: levelsOf({ start: start + firstCell * pagesPerCell, end, pagesPerCell, count }, layers),
    ...label,
    caption: captionOf(end - start, pages, rows.last[row] - rows.first[row] + 1),
    wrote: pages > 0,
  };
}

function captionOf(pages: number, written: number, mappings: number): string {
  if (written > 0) return `${written.toLocaleString("en")} of ${pages.toLocaleString("en")} written`;
  return mappings > 1 ? `${counted(mappings, "mapping")}, ${formatSize(pages)}` : formatSize(pages);
}
