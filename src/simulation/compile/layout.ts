// Lays out the program's globals one after another, as a linker does.

import { PAGE_SIZE } from "../../memory/page.ts";
import type { Integer } from "../language/integer.ts";
import type { ProblemList, Span } from "../language/problem.ts";

/** As much as x86-64's small code model has room for. */
const LARGEST = 2 ** 31;

/** Objects of so many bytes get the alignment that the ABI gives arrays. */
const ARRAY_ALIGNMENT = 16;

/** An array's size in bytes, of so many elements; 1 stands in for what is none. */
export function arraySize(count: Integer | undefined, element: number, span: Span, problems: ProblemList): number {
  if (count === undefined) return 1;
  if (typeof count !== "number" || count < 1 || count * element > LARGEST) {
    const what = element === 1 ? `${count} bytes` : `${count} times ${element} bytes`;
    problems.report(`an array has 1 byte to 2 GiB, not ${what}; larger memory comes by mmap`, span);
    return 1;
  }
  return count * element;
}

/** Gives out places one behind the other. */
export class DataLayout {
  private used = 0;

  /** Arrays of a page or more begin on a page, so that it can be said which pages they have. */
  place(width: number, size: number, alignment: number | undefined): number {
    const own = width > 0 ? width : size >= PAGE_SIZE ? PAGE_SIZE : ARRAY_ALIGNMENT;
    const step = alignment ?? own;
    const offset = Math.ceil(this.used / step) * step;
    this.used = offset + size;
    return offset;
  }

  get bytes(): number {
    return this.used;
  }
}

/** An explicit alignment: a power of two. */
export function alignmentOf(value: Integer | undefined, span: Span, problems: ProblemList): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || value < 1 || value > 2 ** 30 || !Number.isInteger(Math.log2(value))) {
    problems.report(`an alignment is a power of two of at most 1 GiB, not ${value}`, span);
    return undefined;
  }
  return value;
}
