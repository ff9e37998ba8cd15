// The ranges that a step wrote, cut where mappings and the kernel's own pages begin and end: counted all, made only where asked for.
import { firstEndingAfter, shortName } from "../memory/mapping.ts";
import type { PageNoteKind } from "../memory/page-note.ts";
import { PageSet } from "../memory/page-set.ts";
import { forEachTouched } from "../memory/touched.ts";
import type { Step } from "../recording/step.ts";
import type { RangeItem } from "./protocol.ts";

/** Runs that are decoded at a time. */
const RUNS_AT_ONCE = 1024;

/** What the program and the kernel wrote, by address, then what the debugger wrote. At most `count` from position `from` on. */
export function rangesOf(
  step: Step,
  from: number,
  count: number,
): { readonly total: number; readonly items: readonly RangeItem[] } {
  const own = pieceCount(step, step.written, step.kernel);
  const total = own + pieceCount(step, step.debugger, PageSet.EMPTY);
  const items = from < own ? piecesOf(step, step.written, step.kernel, "program", from, count) : [];
  const left = count - items.length;
  if (left > 0 && total > own) {
    items.push(...piecesOf(step, step.debugger, PageSet.EMPTY, "debugger", Math.max(0, from - own), left));
  }
  return { total, items };
}

/** How many pieces the set's runs make: one more for each border that lies within a run. */
function pieceCount({ layout: { mappings } }: Step, pages: PageSet, kernel: PageSet): number {
  const borders = new Set<number>();
  forEachTouched(pages, mappings, index => borders.add(mappings[index].start).add(mappings[index].end));
  for (const [start, end] of kernel.pairs()) borders.add(start).add(end);
  let pieces = pages.runCount;
  for (const border of borders) if (pages.has(border - 1) && pages.has(border)) pieces += 1;
  return pieces;
}

/** One walk over the runs, the mappings and the kernel's pages side by side. */
function piecesOf(
  step: Step,
  pages: PageSet,
  kernel: PageSet,
  by: RangeItem["by"],
  from: number,
  count: number,
): RangeItem[] {
  const { mappings } = step.layout;
  const items: RangeItem[] = [];
  let position = 0;
  for (
    let runs = pages.runsFrom(0, RUNS_AT_ONCE);
    runs.length > 0;
    runs = pages.runsFrom(runs[runs.length - 1], RUNS_AT_ONCE)
  ) {
    for (let i = 0; i < runs.length; i += 2) {
      for (let start = runs[i]; start < runs[i + 1]; ) {
        if (items.length === count) return items;
        const mapping = mappings[firstEndingAfter(mappings, start)];
        const here = mapping && mapping.start <= start ? mapping : undefined;
        const isKernels = kernel.has(start);
        const kernelBorder = isKernels ? endOfRun(kernel, start) : (kernel.next(start) ?? Infinity);
        const end = Math.min(runs[i + 1], kernelBorder, here ? here.end : (mapping?.start ?? Infinity));
        if (position >= from) {
          const notes = by === "debugger" ? [] : notesOf(step, start, end);
          items.push({
            start,
            end,
            mapping: here ? shortName(here) : "unmapped",
            by: isKernels ? "kernel" : by,
            notes,
          });
        }
        position += 1;
        start = end;
      }
    }
  }
  return items;
}

function endOfRun(pages: PageSet, page: number): number {
  return pages.runsFrom(page, 1)[1];
}

function notesOf({ notes }: Step, start: number, end: number): PageNoteKind[] {
  return [...new Set(notes.filter(note => note.start < end && start < note.end).map(({ note }) => note))];
}
