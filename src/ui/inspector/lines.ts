// Pages before and after a step as lines of sixteen bytes.
import { addressOf, PAGE_SIZE } from "../../memory/page.ts";
import type { PageView } from "../../recording/contents/page-view.ts";
import { type ByteLine, LINE_BYTES, NOT_KEPT, NOT_KNOWN } from "../protocol.ts";

export interface Lines {
  readonly lines: readonly ByteLine[];
  readonly hasMore: boolean;
}

/** Lines around a short range, on either side, where they are known. */
const AROUND = 1;

/**
 * @param isAll lines without changes too, so far as any byte of them is known.
 * @param isWhole those of which nothing is known as well.
 */
export function linesOf(
  views: readonly PageView[],
  { start, end, count }: { readonly start: number; readonly end: number; readonly count: number },
  isAll: boolean,
  isWhole: boolean,
): Lines {
  const lines: ByteLine[] = [];
  const around = isAll ? AROUND * LINE_BYTES : 0;
  const from = Math.floor(start / LINE_BYTES) * LINE_BYTES;
  const to = Math.ceil(end / LINE_BYTES) * LINE_BYTES;
  for (const view of views) {
    const base = addressOf(view.page);
    for (let at = 0; at < PAGE_SIZE; at += LINE_BYTES) {
      const address = base + at;
      if (address < from - around || address >= to + around) continue;
      const line = lineOf(view, at);
      const isBeside = address < from || address >= to;
      const shows = isBeside ? isTold(line) : line.changed !== 0 || isNew(line) || (isAll && (isWhole || isTold(line)));
      if (!shows) continue;
      if (lines.length === count) return { lines, hasMore: true };
      lines.push(line);
    }
  }
  const last = views.at(-1);
  return { lines, hasMore: isAll && last !== undefined && addressOf(last.page + 1) < end };
}

function lineOf({ page, before, after, changed }: PageView, at: number): ByteLine {
  let bits = 0;
  for (let i = 0; i < LINE_BYTES; i += 1) if (changed[at + i] === 1) bits |= 1 << i;
  return {
    address: addressOf(page) + at,
    before: before.slice(at, at + LINE_BYTES),
    after: after.slice(at, at + LINE_BYTES),
    changed: bits,
  };
}

function isTold({ before, after }: ByteLine): boolean {
  return before.some(byte => byte >= 0) || after.some(byte => byte >= 0);
}

/** Whether it is known what the step left there, and not what was there before. */
function isNew({ before, after }: ByteLine): boolean {
  return before.includes(NOT_KNOWN) && after.some(byte => byte !== NOT_KEPT && byte !== NOT_KNOWN);
}
