// Which pages a file keeps a copy of: those that a step changed, each once, within a budget.
import type { Changes } from "../../memory/contents/changes.ts";
import { Kind } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { PageSet, RunBuilder } from "../../memory/page-set.ts";
import { PageUnion } from "../../memory/page-union.ts";
import type { StepList } from "../recording.ts";
import type { Step } from "../step.ts";
import type { CopiesRecord } from "./records.ts";

/** Of one file. */
const MOST_PAGES = (64 * 1024 * 1024) / PAGE_SIZE;

export class CopyList {
  private copied = PageSet.EMPTY;

  /** The pages that the step was the first to change, and of which it does not tell all bytes itself. */
  wantedOf({ contents }: Step): PageSet {
    if (!contents) return PageSet.EMPTY;
    const pages = partlyTold(contents.changes).subtract(this.copied);
    return firstPages(pages, MOST_PAGES - this.copied.pageCount);
  }

  have(pages: PageSet): void {
    this.copied = this.copied.union(pages);
  }

  clear(): void {
    this.copied = PageSet.EMPTY;
  }
}

/** With zeroes for what the step's own changes tell: the file has these bytes already. */
export function withoutTold({ after, pages, bytes }: CopiesRecord, { contents }: Step): CopiesRecord {
  const blank = bytes.slice();
  let at = 0;
  for (const [start, end] of pages.pairs()) {
    for (let page = start; page < end; page += 1, at += PAGE_SIZE) {
      const entry = contents?.changes.find(page);
      if (entry?.kind !== Kind.CHANGED) continue;
      for (const { offset, after: told } of entry.runs()) blank.fill(0, at + offset, at + offset + (told?.length ?? 0));
    }
  }
  return { after, pages, bytes: blank };
}

function partlyTold(changes: Changes): PageSet {
  const builder = new RunBuilder();
  const cursor = changes.cursor();
  while (cursor.next()) if (cursor.kind === Kind.CHANGED && !cursor.isGone) builder.add(cursor.page, cursor.page + 1);
  return builder.finish();
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
