// Which pages a file keeps a copy of: those that a step changed, each once, within a budget.
import { PAGE_SIZE } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { PageUnion } from "../../memory/page-union.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";

/** Of one file. */
const MOST_PAGES = (64 * 1024 * 1024) / PAGE_SIZE;

export class CopyList {
  private copied = PageSet.EMPTY;

  /** The pages that the step was the first to change. */
  wantedOf({ contents }: Step): PageSet {
    if (!contents) return PageSet.EMPTY;
    return firstPages(contents.changes.pages().subtract(this.copied), MOST_PAGES - this.copied.pageCount);
  }

  have(pages: PageSet): void {
    this.copied = this.copied.union(pages);
  }

  clear(): void {
    this.copied = PageSet.EMPTY;
  }
}

/** The pages that any of the steps changed. */
export function pagesToCopy(steps: StepList): PageSet {
  const all = new PageUnion();
  for (const { contents } of steps) if (contents) all.add(contents.changes.pages());
  return firstPages(all.all(), MOST_PAGES);
}

function firstPages(pages: PageSet, most: number): PageSet {
  if (pages.pageCount <= most) return pages;
  const kept: [number, number][] = [];
  let room = most;
  for (const [start, end] of pages.pairs()) {
    if (room <= 0) break;
    kept.push([start, Math.min(end, start + room)]);
    room -= end - start;
  }
  return PageSet.from(kept);
}
