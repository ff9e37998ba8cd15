// The map as the page asks for it: the visible part of a recording, at a width, zoom, order and filter.

import { counted, grouped } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import { formatSize } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { Recording } from "../../recording/recording.ts";
import { stepsOf } from "../../recording/span.ts";
import type { Step } from "../../recording/step.ts";
import { EMPTY_LAYOUT, type Layout } from "../../tracker/reports.ts";
import type { MapBlock, MapLook, MapQuery, MapReply } from "../protocol.ts";
import { wroteOf } from "./brushed.ts";
import type { Cells } from "./cells.ts";
import { mappingsWritten, programPagesIn, type Wrote } from "./chosen.ts";
import { CELL, cellsOf, extentOf, firstRowBelow, type Geometry, geometryOf } from "./geometry.ts";
import { classOfKind } from "./kinds.ts";
import { marksOf } from "./marks.ts";
import { paintCellsOf } from "./painting.ts";
import { Recent } from "./recent.ts";
import { labelOf, type Rows, rowsOf, writtenLibraries } from "./rows.ts";

const LOOK_AT_STEP: MapLook = { color: "step" };

/** What of a query decides where everything lies; the rest is what is visible of it. */
type PlaceQuery = Pick<MapQuery, "step" | "width" | "zoom" | "order" | "filter" | "look">;

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

export function viewOf(recording: Recording, { step: number, width, zoom, order, filter, look }: PlaceQuery): MapView {
  const cache = resultsOf(recording);
  const step = number === undefined ? undefined : recording.steps.byNumber(number);
  const wrote = wroteOf(recording, step, look);
  const layout = layoutOf(recording, look?.brush ? stepsOf(recording.steps, look.brush).at(-1) : step);
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
    ...blocksOf(recording, view, query),
    // A copy: what is posted is no longer ours.
    marks: marks.slice(),
  };
}

/** The rows in sight and around, with their cells there. */
function blocksOf(
  recording: Recording,
  view: MapView,
  { scroll, height, overscan, look = LOOK_AT_STEP }: MapQuery,
): Pick<MapReply, "blocks" | "classes"> {
  const { geometry } = view;
  const { rows, tops, scales } = geometry;
  const [top, bottom] = [scroll - overscan, scroll + height + overscan];
  const shown: number[] = [];
  for (let row = firstRowBelow(geometry, top); row < scales.length && tops[row] <= bottom; row += 1) shown.push(row);
  const parts = shown.map(row => visibleCells(geometry, row, top, bottom));
  const kinds = shown.map(row => classOfKind(rows.layout.mappings, rows.first[row]));
  const { levels, classes } = paintCellsOf(recording, view.step, look, parts, kinds);
  const blocks = shown.map((row, i) => blockOf(view, row, parts[i].firstCell, levels[i]));
  return { blocks, ...(classes ? { classes } : {}) };
}

/** A row's whole lines of cells between two heights. */
function visibleCells(geometry: Geometry, row: number, top: number, bottom: number): Cells & { firstCell: number } {
  const { columns, cellsBelow, tops, scales, rows } = geometry;
  const { start, end } = extentOf(rows, row);
  const pagesPerCell = 2 ** scales[row];
  const cells = cellsOf(geometry, row);
  const cellsTop = tops[row] + cellsBelow;
  const lines = Math.ceil(cells / columns);
  const firstLine = Math.max(0, Math.min(lines, Math.floor((top - cellsTop) / CELL)));
  const endLine = Math.min(lines, Math.ceil((bottom - cellsTop) / CELL));
  const firstCell = firstLine * columns;
  const count = Math.max(0, Math.min(cells, endLine * columns) - firstCell);
  return { start: start + firstCell * pagesPerCell, end, pagesPerCell, count, firstCell };
}

function blockOf({ geometry, wrote }: MapView, row: number, firstCell: number, levels: Uint8Array): MapBlock {
  const { cellsLeft, cellsBelow, tops, scales, rows } = geometry;
  const { start, end } = extentOf(rows, row);
  const pages = programPagesIn(wrote, start, end);
  return {
    start,
    end,
    top: tops[row],
    height: tops[row + 1] - tops[row],
    cellsLeft,
    cellsTop: tops[row] + cellsBelow,
    pagesPerCell: 2 ** scales[row],
    cells: cellsOf(geometry, row),
    firstCell,
    levels,
    ...labelOf(rows, row),
    caption: captionOf(end - start, pages, rows.last[row] - rows.first[row] + 1),
    wrote: pages > 0,
  };
}

function captionOf(pages: number, written: number, mappings: number): string {
  if (written > 0) return t("{0} of {1} written", grouped(written), grouped(pages));
  return mappings > 1 ? `${counted(mappings, "mapping")}, ${formatSize(pages)}` : formatSize(pages);
}
