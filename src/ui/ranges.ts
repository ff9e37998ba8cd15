// The ranges that a step wrote, cut where mappings and the kernel's own pages begin and end: counted all, made only where asked for.
import { shortName } from "../memory/mapping.ts";
import type { PageNoteKind } from "../memory/page-note.ts";
import { PageSet } from "../memory/page-set.ts";
import type { Step } from "../recording/step.ts";
import type { RangeItem } from "./protocol.ts";

interface Pieces {
  readonly total: number;
  readonly items: readonly RangeItem[];
}

/** What the program and the kernel wrote, by address, then what the debugger wrote. At most `count` from position `from` on. */
export function rangesOf(step: Step, from: number, count: number): Pieces {
  const own = piecesOf(step, step.written, step.kernel, "program", from, count);
  const left = count - own.items.length;
  const debuggers = piecesOf(step, step.debugger, PageSet.EMPTY, "debugger", Math.max(0, from - own.total), left);
  return { total: own.total + debuggers.total, items: [...own.items, ...debuggers.items] };
}

/** One walk over the runs, the mappings and the kernel's pages side by side. */
function piecesOf(
  step: Step,
  { runs }: PageSet,
  { runs: kernel }: PageSet,
  by: RangeItem["by"],
  from: number,
  count: number,
): Pieces {
  const { mappings } = step.layout;
  const items: RangeItem[] = [];
  let total = 0;
  let mapping = 0;
  let own = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const runEnd = runs[i + 1];
    for (let start = runs[i]; start < runEnd; ) {
      while (mapping < mappings.length && mappings[mapping].end <= start) mapping += 1;
      while (own < kernel.length && kernel[own + 1] <= start) own += 2;
      let end = runEnd;
      const here = mapping < mappings.length && mappings[mapping].start <= start ? mappings[mapping] : undefined;
      if (mapping < mappings.length) end = Math.min(end, here ? here.end : mappings[mapping].start);
      const isKernels = own < kernel.length && kernel[own] <= start;
      if (own < kernel.length) end = Math.min(end, isKernels ? kernel[own + 1] : kernel[own]);
      if (total >= from && items.length < count) {
        items.push({
          start,
          end,
          mapping: here ? shortName(here) : "unmapped",
          by: isKernels ? "kernel" : by,
          notes: by === "debugger" ? [] : notesOf(step, start, end),
        });
      }
      total += 1;
      start = end;
    }
  }
  return { total, items };
}

function notesOf({ notes }: Step, start: number, end: number): PageNoteKind[] {
  return [...new Set(notes.filter(note => note.start < end && start < note.end).map(({ note }) => note))];
}
