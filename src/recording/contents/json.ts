// Changed bytes as JSON: addresses are "0x…" text, bytes hexadecimal text, two digits each.
import { counted } from "../../common/counted.ts";
import { hex } from "../../memory/contents/byte-words.ts";
import { REASON_WORDS, type Reason } from "../../memory/contents/form.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import type { PageSet } from "../../memory/page-set.ts";
import type { ChangedNames } from "../changed-names.ts";
import type { Step } from "../step.ts";

export interface ChangedJson {
  /** Of the first byte. */
  address: string;
  /** null where it is not known; then the run is the whole page. */
  before: string | null;
  /** null where that is not known either. */
  after: string | null;
  /** What they are called, where that is known. */
  name?: string;
  /** Why the bytes before are not known. */
  why?: string;
  /** Present where the changes of earlier steps, which were not read in time, are among these. */
  joined?: true;
  /** Present where some of the bytes may be the debugger's doing. */
  mixed?: true;
}

/**
 * The changed bytes of the pages that the step wrote or gave back, in order of their addresses; a written page of which nothing
 * is told was written with the bytes that it had.
 */
export function changedJson({ contents, written, discarded, names }: Step): ChangedJson[] {
  if (!contents) return [];
  const pages = written.union(discarded);
  const found: ChangedJson[] = [];
  const cursor = contents.changes.cursor();
  while (cursor.next()) {
    const { page, reason } = cursor;
    if (!pages.has(page)) continue;
    for (const { offset, before, after } of cursor.runs()) {
      const name = before && nameAt(names, page * PAGE_SIZE + offset);
      found.push({
        address: addressText(page, offset),
        ...(name === undefined ? {} : { name }),
        before: before ? hex(before) : null,
        after: after ? hex(after) : null,
        ...(reason === undefined ? {} : { why: REASON_WORDS[reason] }),
        ...(cursor.isJoined ? { joined: true } : {}),
        ...(cursor.isMixed ? { mixed: true } : {}),
      });
    }
  }
  if (contents.missing === undefined) return found;
  return [...found, ...missing(written.subtract(contents.changes.pages()), contents.missing)].sort((a, b) =>
    Number(BigInt(a.address) - BigInt(b.address)),
  );
}

function nameAt(names: ChangedNames | undefined, address: number): string | undefined {
  return names?.changes.find(({ start, end }) => start <= address && address < end)?.words;
}

/** Pages without known bytes that are listed one by one: a file from elsewhere may claim any number. */
const MOST_MISSING = 100_000;

function missing(pages: PageSet, why: Reason | "forgotten"): ChangedJson[] {
  const found: ChangedJson[] = [];
  for (const [start, end] of pages.pairs()) {
    for (let page = start; page < end; page += 1) {
      const isLast = found.length === MOST_MISSING;
      const rest = isLast ? `; so it is of ${counted(pages.pageCount - MOST_MISSING, "page")} from here on` : "";
      found.push({ address: addressText(page, 0), before: null, after: null, why: `${REASON_WORDS[why]}${rest}` });
      if (isLast) return found;
    }
  }
  return found;
}

/** The address of a byte in a page. */
export function addressText(page: number, offset: number): string {
  return `0x${(page * PAGE_SIZE + offset).toString(16)}`;
}
