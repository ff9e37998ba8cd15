// The agent's newest copies of pages, turned back to the stop at which the last step ended.
import type { NewestPages } from "../agent/contents.ts";
import type { Changes } from "../memory/contents/changes.ts";
import { PAGE_SIZE } from "../memory/page.ts";
import { PageSet } from "../memory/page-set.ts";
import type { CopiesRecord } from "../recording/file/records.ts";

export function pageNumbers(pages: PageSet): Float64Array {
  const numbers = new Float64Array(pages.pageCount);
  let at = 0;
  for (const [start, end] of pages.pairs()) for (let page = start; page < end; page += 1, at += 1) numbers[at] = page;
  return numbers;
}

/** @param since what the debugger has changed since; the newest copies have it. @param after number of the last step. */
export function copiesOf(
  { bytes, known }: NewestPages,
  asked: PageSet,
  since: Changes,
  after: number,
): CopiesRecord | undefined {
  const pages: [number, number][] = [];
  const kept = new Uint8Array(bytes.length);
  pageNumbers(asked).forEach((page, i) => {
    const entry = since.find(page);
    if (known[i] !== 1 || entry?.reason !== undefined || entry?.isGone) return;
    const at = pages.length * PAGE_SIZE;
    kept.set(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE), at);
    entry?.undo(kept, at);
    pages.push([page, page + 1]);
  });
  if (pages.length === 0) return undefined;
  return { after, pages: PageSet.from(pages), bytes: kept.slice(0, pages.length * PAGE_SIZE) };
}
