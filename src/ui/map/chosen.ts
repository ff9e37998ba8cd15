// What the chosen step wrote, as the map needs it: in which mappings, and how much.
import type { Mapping } from "../../memory/mapping.ts";
import { PageSet } from "../../memory/page-set.ts";
import { forEachTouched } from "../../memory/touched.ts";
import type { Step } from "../../recording/step.ts";

/** What a step wrote: of its pages, those that are not the kernel's own are the program's. */
export type Wrote = Pick<Step, "written" | "kernel">;

export const NOTHING_WRITTEN: Wrote = { written: PageSet.EMPTY, kernel: PageSet.EMPTY };

/** How many pages of [start, end) the program itself wrote. The kernel's own pages are among the written ones, and few. */
export function programPagesIn({ written, kernel }: Wrote, start: number, end: number): number {
  const pages = written.countIn(start, end);
  return pages === 0 || kernel.isEmpty ? pages : pages - kernel.countIn(start, end);
}

/** Which mappings (by index) hold pages that the program itself wrote. */
export function mappingsWritten(wrote: Wrote, mappings: readonly Mapping[]): Uint8Array {
  const touched = new Uint8Array(mappings.length);
  forEachTouched(wrote.written, mappings, index => {
    touched[index] = 1;
  });
  // A mapping may hold nothing but pages of the kernel's own.
  forEachTouched(wrote.kernel, mappings, index => {
    const { start, end } = mappings[index];
    if (programPagesIn(wrote, start, end) === 0) touched[index] = 0;
  });
  return touched;
}

/** The first page that the program itself wrote at or after `page`. */
export function nextProgramPage({ written, kernel }: Wrote, page: number): number | undefined {
  let next = written.next(page);
  while (next !== undefined && kernel.has(next)) next = written.next(next + 1);
  return next;
}

/** The first page of what the step wrote in the mapping where it wrote most; undefined where the program itself wrote nothing. */
export function largestWrite(wrote: Wrote, mappings: readonly Mapping[]): number | undefined {
  let most = 0;
  let first: number | undefined;
  forEachTouched(wrote.written, mappings, index => {
    const { start, end } = mappings[index];
    const pages = programPagesIn(wrote, start, end);
    if (pages <= most) return;
    most = pages;
    first = nextProgramPage(wrote, start);
  });
  return first;
}
