// Older steps without their set of written pages: the pages with changed bytes are these, but for a few, and are listed there already.
import type { Changes } from "../memory/contents/changes.ts";
import { PageSet } from "../memory/page-set.ts";
import type { Step } from "./step.ts";

/** What stands for the written pages. */
interface Thin {
  readonly changes: Changes;
  /** Written without an entry among the changes; and entries of pages that were not written. */
  readonly extra: PageSet;
  readonly lacking: PageSet;
}

/** Where a step has it: not enumerable, so that a copy of the step, which has its pages, does not. */
const THIN = Symbol("thin");

function thinOf(step: Step): Thin | undefined {
  return (step as { readonly [THIN]?: Thin })[THIN];
}

/** Bytes of a set that is worth it: what stands for one takes some hundred, too. */
const LEAST = 1024;
/** The same step in less memory; `written` is made anew where somebody asks for it, and forgotten again. The step itself where that would save nothing. */
export function thinned(step: Step): Step {
  const { contents, written } = step;
  if (!contents || contents.changes.isEmpty || thinOf(step) || written.byteLength < LEAST) return step;
  const { changes } = contents;
  const told = changes.pages();
  const isTold = written.equals(told);
  const extra = isTold ? PageSet.EMPTY : written.subtract(told);
  const lacking = isTold ? PageSet.EMPTY : told.subtract(written);
  if (extra.byteLength + lacking.byteLength > written.byteLength / 2) return step;
  changes.prepare();
  const thin: Thin = { changes, extra, lacking };
  const { written: _left, ...rest } = step;
  let made: WeakRef<PageSet> | undefined;
  // An accessor of its own: who copies the step copies the pages.
  const slim = Object.defineProperty(rest, "written", {
    enumerable: true,
    get: () => {
      const known = made?.deref();
      if (known) return known;
      const pages = changes.pages().subtract(lacking).union(extra);
      made = new WeakRef(pages);
      return pages;
    },
  }) as Step;
  return Object.defineProperty(slim, THIN, { value: thin });
}

/** Bytes of memory that a step's written pages take. */
export function writtenBytes(step: Step): number {
  const thin = thinOf(step);
  if (!thin) return step.written.byteLength;
  return thin.extra.byteLength + thin.lacking.byteLength + thin.changes.indexBytes;
}

/** Whether the step wrote any of the pages [start, end): what `written` says, without making it. */
export function wroteIn(step: Step, start: number, end: number): boolean {
  const thin = thinOf(step);
  if (!thin) return holdsAny(step.written, start, end);
  const { changes, extra, lacking } = thin;
  if (holdsAny(extra, start, end)) return true;
  const cursor = changes.cursor(start);
  while (cursor.next() && cursor.page < end) if (!lacking.has(cursor.page)) return true;
  return false;
}

function holdsAny(pages: PageSet, start: number, end: number): boolean {
  if (pages.isEmpty) return false;
  return end - start === 1 ? pages.has(start) : (pages.next(start) ?? end) < end;
}
