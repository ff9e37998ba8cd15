// What one step wrote, by groups of mappings: a bar of the timeline.
import { firstEndingAfter } from "../memory/mapping.ts";
import { forEachTouched } from "../memory/touched.ts";
import type { Step } from "./step.ts";
import type { Measure } from "./timeline.ts";

export interface StepBar {
  /** Each once. */
  readonly groups: readonly number[];
  /** Pages, or changed bytes, in each of them. */
  readonly values: readonly number[];
  /** Some of its bytes are not known. */
  readonly isUnknown: boolean;
}

/**
 * The program's own pages, or the bytes it changed.
 * @param known by index of the mapping its group, -1 where `groupOf` must be asked; what it says is noted there.
 * @param groupOf the group of a mapping by its index; of the one behind the last, that of memory in no mapping.
 */
export function barOf(step: Step, measure: Measure, known: Int32Array, groupOf: (index: number) => number): StepBar {
  const sums = new Map<number, number>();
  const add = (index: number, value: number): void => {
    if (value === 0) return;
    const group = index < known.length ? known[index] : groupOf(index);
    const id = group >= 0 ? group : groupOf(index);
    if (index < known.length) known[index] = id;
    sums.set(id, (sums.get(id) ?? 0) + value);
  };
  const isUnknown = measure === "pages" ? addPages(step, add) : addBytes(step, add);
  return { groups: [...sums.keys()], values: [...sums.values()], isUnknown };
}

type Add = (index: number, value: number) => void;

function addPages({ written, kernel, layout: { mappings } }: Step, add: Add): boolean {
  let mapped = 0;
  const own = written.pageCount - kernel.pageCount;
  forEachTouched(written, mappings, index => {
    const { start, end } = mappings[index];
    const pages = written.countIn(start, end) - (kernel.isEmpty ? 0 : kernel.countIn(start, end));
    mapped += pages;
    add(index, pages);
  });
  add(mappings.length, own - mapped);
  return false;
}

/** @returns whether some are not known. */
function addBytes({ written, discarded, contents, layout: { mappings } }: Step, add: Add): boolean {
  if (!contents) return !written.isEmpty;
  let isUnknown = contents.missing !== undefined && !written.isEmpty;
  const cursor = contents.changes.cursor();
  while (cursor.next()) {
    const { page, changedBytes } = cursor;
    if (!written.has(page) && !discarded.has(page)) continue;
    if (changedBytes === undefined) {
      isUnknown = true;
      continue;
    }
    const index = firstEndingAfter(mappings, page);
    add(mappings[index]?.start <= page ? index : mappings.length, changedBytes);
  }
  return isUnknown;
}
