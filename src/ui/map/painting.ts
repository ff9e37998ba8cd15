// What the visible cells show: by the chosen step, by all steps up to it, or by those that are brushed.
import { t } from "../../common/l10n.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { PageSet } from "../../memory/page-set.ts";
import type { Recording } from "../../recording/recording.ts";
import { type Span, stepsOf } from "../../recording/span.ts";
import type { Step } from "../../recording/step.ts";
import { MapLayer, type MapLook } from "../protocol.ts";
import { timelineOf } from "../timeline.ts";
import { unionsOf } from "./brushed.ts";
import { type Cells, levelOf, levelsOf } from "./cells.ts";
import { KINDS } from "./kinds.ts";
import { layersOf, OLDER_STEPS } from "./layers.ts";
import { eachCell, VisibleRows } from "./touched-cells.ts";

export interface Painted {
  /** Of each row, as in MapBlock.levels. */
  readonly levels: readonly Uint8Array[];
  readonly classes?: readonly string[];
}

const DEGREES = MapLayer.DEGREE_LAST - MapLayer.DEGREE_FIRST + 1;
const CLASSES = MapLayer.CLASS_LAST - MapLayer.CLASS_FIRST + 1;

/** @param rows the visible cells of each row. @param kinds by row, what its memory is for: an index of KINDS. */
export function paintCellsOf(
  recording: Recording,
  step: Step | undefined,
  look: MapLook,
  rows: readonly Cells[],
  kinds: readonly number[],
): Painted {
  const { color, brush, other } = look;
  if (recording.kind === "scan") return { levels: rows.map(cells => ofPages(cells, layersOf(recording, step))) };
  if (brush && other) return { levels: compared(recording, brush, other, rows) };
  if (color === "step") return { levels: brush ? united(recording, brush, rows) : ofStep(recording, step, rows) };
  const span = brush ?? { first: 0, last: step?.number ?? Infinity };
  const steps = stepsOf(recording.steps, span);
  const visible = new VisibleRows(rows);
  const levels = rows.map(cells => resident(recording.resident, cells));
  switch (color) {
    case "last":
    case "first": {
      const ordered = color === "last" ? steps.toReversed() : steps;
      const degree = brush ? placeInSpan(steps) : ageBefore(steps.at(-1)?.number ?? 0);
      firstMark(visible, levels, ordered, ({ number }) => MapLayer.DEGREE_FIRST + degree(number) - 1);
      return { levels };
    }
    case "count":
      countMarks(visible, levels, steps);
      return { levels };
    case "kind":
      firstMark(visible, levels, steps, (_step, row) => MapLayer.CLASS_FIRST + kinds[row]);
      return { levels, classes: KINDS.map(({ words }) => words) };
    case "thread": {
      const threads = timelineOf(recording).threads();
      const classes = new Map(threads.map(({ id }, i) => [id, i]));
      const classOf = ({ thread }: Step): number => classes.get(thread?.id ?? Number.NaN) ?? CLASSES - 1;
      firstMark(visible, levels, steps.toReversed(), each => MapLayer.CLASS_FIRST + classOf(each));
      return { levels, classes: threads.map(({ id, name }) => name ?? t("thread {0}", id)) };
    }
  }
}

/** How many pages are in memory, without anything above them. */
function resident(pages: PageSet, cells: Cells): Uint8Array {
  return ofPages(cells, [{ layer: MapLayer.RESIDENT, pages }]);
}

/** Layers of pages; a cell that is less than a page looks as the whole page would. */
function ofPages(cells: Cells, layers: Parameters<typeof levelsOf>[1]): Uint8Array {
  if (cells.pagesPerCell >= 1) return levelsOf(cells, layers);
  const { start, pagesPerCell, count } = cells;
  const first = Math.floor(start);
  const last = Math.ceil(start + count * pagesPerCell);
  const pages = levelsOf({ start: first, end: last, pagesPerCell: 1, count: last - first }, layers);
  const levels = new Uint8Array(count * 2);
  for (let cell = 0; cell < count; cell += 1) {
    const page = Math.floor(start + cell * pagesPerCell) - first;
    levels[cell * 2] = pages[page * 2];
    levels[cell * 2 + 1] = pages[page * 2 + 1];
  }
  return levels;
}

/** The chosen step over the fading ones before it. */
function ofStep(recording: Recording, step: Step | undefined, rows: readonly Cells[]): Uint8Array[] {
  const layers = layersOf(recording, step);
  return rows.map(cells => {
    if (cells.pagesPerCell >= 1 || !step) return ofPages(cells, layers);
    const levels = resident(recording.resident, cells);
    const row = new VisibleRows([cells]);
    const at = recording.steps.indexOf(step.number);
    const touched = (each: Step, put: (cell: number, layer: number, bytes: number) => void, layer: number): void =>
      row.mark(each, (_row, cell, touch, bytes) => touch === "changed" && put(cell, layer, bytes));
    const put = putter(levels, cells);
    row.mark(step, (_row, cell, touch) => touch === "same" && put(cell, MapLayer.SAME, 0));
    for (let back = OLDER_STEPS; back >= 1; back -= 1) {
      const older = recording.steps.at(at - back);
      if (older) touched(older, putter(levels, cells), MapLayer.OLDER_FIRST + back - 1);
    }
    row.mark(step, (_row, cell, touch) => touch === "unknown" && put(cell, MapLayer.UNKNOWN, 0));
    const cursor = step.contents?.byDebugger.cursor(Math.floor(cells.start));
    const end = cells.start + cells.count * cells.pagesPerCell;
    while (cursor?.next() && cursor.page < end) {
      for (const { offset, after } of cursor.reason === undefined ? cursor.runs() : [])
        eachCell(cells, cursor.page, offset, after?.length ?? 0, cell => put(cell, MapLayer.DEBUGGER, 0));
    }
    touched(step, putter(levels, cells), MapLayer.WRITTEN);
    return levels;
  });
}

/** What any of the steps wrote. */
function united(recording: Recording, brush: Span, rows: readonly Cells[]): Uint8Array[] {
  const union = unionsOf(recording).of(brush);
  return rows.map(cells => {
    if (cells.pagesPerCell >= 1) {
      return levelsOf(cells, [
        { layer: MapLayer.WRITTEN, pages: union },
        { layer: MapLayer.RESIDENT, pages: recording.resident },
      ]);
    }
    const levels = resident(recording.resident, cells);
    for (const [layer, touch] of [
      [MapLayer.SAME, "same"],
      [MapLayer.UNKNOWN, "unknown"],
      [MapLayer.WRITTEN, "changed"],
    ] as const) {
      const row = new VisibleRows([cells]);
      for (const step of stepsOf(recording.steps, brush))
        row.mark(step, (_row, cell, told) => told === touch && set(levels, cell, layer, 255));
    }
    return levels;
  });
}

/** Cell by cell whether one brush wrote there, the other, or both: what is seen of a cell is told of that cell. */
function compared(recording: Recording, here: Span, there: Span, rows: readonly Cells[]): Uint8Array[] {
  const { steps } = recording;
  const levels = rows.map(cells => resident(recording.resident, cells));
  const visible = new VisibleRows(rows);
  const isHere = rows.map(({ count }) => new Uint8Array(count));
  for (const step of stepsOf(steps, here))
    visible.mark(step, (row, cell, touch) => {
      if (touch === "same") return;
      isHere[row][cell] = 1;
      set(levels[row], cell, MapLayer.ONLY_HERE, 255);
    });
  for (const step of stepsOf(steps, there))
    visible.mark(step, (row, cell, touch) => {
      if (touch === "same") return;
      set(levels[row], cell, isHere[row][cell] === 1 ? MapLayer.BOTH : MapLayer.ONLY_THERE, 255);
    });
  return levels;
}

/** The first step in the given order that wrote in a cell says what it shows. */
function firstMark(
  visible: VisibleRows,
  levels: readonly Uint8Array[],
  steps: readonly Step[],
  layerOf: (step: Step, row: number) => number,
): void {
  for (const step of steps) {
    visible.mark(step, (row, cell, touch) => {
      if (touch === "same" || levels[row][cell * 2] >= MapLayer.DEGREE_FIRST) return;
      set(levels[row], cell, layerOf(step, row), 255);
    });
  }
}

function countMarks(visible: VisibleRows, levels: readonly Uint8Array[], steps: readonly Step[]): void {
  const counts = visible.cells.map(({ count }) => new Uint32Array(count));
  const lasts = visible.cells.map(({ count }) => new Float64Array(count));
  for (const step of steps) {
    visible.mark(step, (row, cell, touch) => {
      // Several runs of one step may lie in one cell.
      if (touch === "same" || lasts[row][cell] === step.number) return;
      lasts[row][cell] = step.number;
      counts[row][cell] += 1;
    });
  }
  counts.forEach((row, i) => {
    row.forEach((count, cell) => {
      if (count > 0) set(levels[i], cell, MapLayer.DEGREE_FIRST + degreeOfCount(count) - 1, 255);
    });
  });
}

/** 1 for one step, 2 for two or three, 3 for four to seven, … */
export function degreeOfCount(count: number): number {
  return Math.min(DEGREES, 1 + Math.floor(Math.log2(count)));
}

/** The largest for the newest step itself, then one less for the two before it, the four before those, … */
function ageBefore(newest: number): (number: number) => number {
  return number => Math.max(1, DEGREES - Math.floor(Math.log2(newest - number + 1)));
}

/** Even parts of the brushed steps, the last ones the largest. */
function placeInSpan(steps: readonly Step[]): (number: number) => number {
  const first = steps[0]?.number ?? 0;
  const length = (steps.at(-1)?.number ?? 0) - first;
  return number => (length === 0 ? DEGREES : 1 + Math.round(((number - first) / length) * (DEGREES - 1)));
}

function set(levels: Uint8Array, cell: number, layer: number, level: number): void {
  levels[cell * 2] = layer;
  levels[cell * 2 + 1] = level;
}

/** Puts a layer in place of another, or adds to how full the cell is of it. */
function putter(
  levels: Uint8Array,
  { pagesPerCell, count }: Cells,
): (cell: number, layer: number, bytes: number) => void {
  const held = new Uint32Array(count);
  return (cell, layer, bytes) => {
    held[cell] += bytes;
    set(levels, cell, layer, bytes === 0 ? 255 : levelOf(held[cell], pagesPerCell * PAGE_SIZE));
  };
}
