// Which cells of the visible rows a step wrote in: page by page, or, where a cell is less than a page, by the bytes that it changed.
import { PAGE_SIZE } from "../../memory/page.ts";
import type { PageSet } from "../../memory/page-set.ts";
import type { Step } from "../../recording/step.ts";
import type { Cells } from "./cells.ts";

/** What is said of a cell. "changed": `amount` of its pages or bytes; "same": of a written page, other bytes; "unknown": nobody knows which bytes. */
export type Touch = "changed" | "same" | "unknown";
export type Mark = (row: number, cell: number, touch: Touch, amount: number) => void;

/** Runs that are decoded at a time. */
const RUNS_AT_ONCE = 512;

/** The visible parts of rows, in the order of their addresses. */
export class VisibleRows {
  readonly cells: readonly Cells[];
  private readonly order: readonly number[];
  private readonly ends: Float64Array;

  /** @param cells of each row, in the order in which they are shown. */
  constructor(cells: readonly Cells[]) {
    this.cells = cells;
    this.order = cells.map((_, row) => row).sort((a, b) => cells[a].start - cells[b].start);
    this.ends = Float64Array.from(this.order, row => endOf(cells[row]));
  }

  /** Tells each cell that holds something of the program's own writes of a step; a cell may come more than once. */
  mark(step: Step, found: Mark): void {
    const { written, kernel } = step;
    this.eachPart(written, (row, start, end) => {
      const cells = this.cells[row];
      if (cells.pagesPerCell < 1) return markBytes(step, cells, start, end, (...told) => found(row, ...told));
      for (let page = start; page < end; ) {
        const cell = Math.floor((page - cells.start) / cells.pagesPerCell);
        const next = Math.min(end, cells.start + (cell + 1) * cells.pagesPerCell);
        const pages = next - page - (kernel.isEmpty ? 0 : kernel.countIn(page, next));
        if (pages > 0) found(row, cell, "changed", pages);
        page = next;
      }
    });
  }

  /** Each part of the set's runs that lies in one visible row, as pages [start, end). */
  private eachPart(pages: PageSet, part: (row: number, start: number, end: number) => void): void {
    const { order, ends, cells } = this;
    const last = ends[ends.length - 1];
    for (let i = 0, from = Math.floor(cells[order[0]]?.start ?? 0); i < order.length; ) {
      const runs = pages.runsFrom(from, RUNS_AT_ONCE);
      for (let run = 0; run < runs.length; run += 2) {
        const [start, end] = [runs[run], runs[run + 1]];
        if (start >= last) return;
        while (i < order.length && ends[i] <= start) i += 1;
        for (let at = i; at < order.length; at += 1) {
          const row = cells[order[at]];
          if (Math.floor(row.start) >= end) break;
          part(order[at], Math.max(start, Math.floor(row.start)), Math.min(end, Math.ceil(ends[at])));
        }
      }
      if (runs.length < RUNS_AT_ONCE * 2) return;
      from = runs[runs.length - 1];
    }
  }
}

/** One past the last page of a row's visible cells; a part of a page where they are less. */
export function endOf({ start, end, pagesPerCell, count }: Cells): number {
  return Math.min(end, start + count * pagesPerCell);
}

/** Of written pages [start, end): the cells with changed bytes, and all others as the same or not known. */
function markBytes(
  { contents, kernel }: Step,
  cells: Cells,
  start: number,
  end: number,
  found: (cell: number, touch: Touch, amount: number) => void,
): void {
  for (let page = start; page < end; page += 1) {
    if (kernel.has(page)) continue;
    const entry = contents?.changes.find(page);
    const isUnknown = entry ? entry.reason !== undefined : contents === undefined || contents.missing !== undefined;
    eachCell(cells, page, 0, PAGE_SIZE, (cell, bytes) => found(cell, isUnknown ? "unknown" : "same", bytes));
    if (!entry || isUnknown) continue;
    for (const { offset, after } of entry.runs()) {
      eachCell(cells, page, offset, after?.length ?? 0, (cell, bytes) => found(cell, "changed", bytes));
    }
  }
}

/** The visible cells over bytes of a page, with how many of them lie in each. */
export function eachCell(
  { start, pagesPerCell, count }: Cells,
  page: number,
  offset: number,
  length: number,
  found: (cell: number, bytes: number) => void,
): void {
  const size = pagesPerCell * PAGE_SIZE;
  // Cells begin at multiples of their size from the page's beginning on, so that this is exact.
  const from = (page - start) * PAGE_SIZE + offset;
  const to = from + length;
  for (let cell = Math.max(0, Math.floor(from / size)); cell < count && cell * size < to; cell += 1) {
    found(cell, Math.min(to, (cell + 1) * size) - Math.max(from, cell * size));
  }
}
