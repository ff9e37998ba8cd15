// What a step changed, as the inspector lists it: by name where there are names, else by pages, and why not where it is not known.

import { counted } from "../../common/counted.ts";
import { t } from "../../common/l10n.ts";
import type { ChangesCursor } from "../../memory/contents/changes.ts";
import { REASON_WORDS, type Reason } from "../../memory/contents/form.ts";
import { firstEndingAfter, shortName } from "../../memory/mapping.ts";
import { addressOf, formatAddress, pageOf } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { splitByMapping } from "../../memory/split.ts";
import type { NamedChange } from "../../recording/changed-names.ts";
import type { Step } from "../../recording/step.ts";
import type { ChangeItem, ChangeList } from "../protocol.ts";

/** Pages, and runs of pages, that are looked at one by one: nobody reads more, and the others are counted. */
const MOST_PAGES = 4096;

/** Made once of a step: a step never changes, a fuller account of it is another object. */
interface Rows {
  readonly own: readonly ChangeItem[];
  readonly bookkeeping: readonly ChangeItem[];
  /** Pages that were not looked at. */
  readonly unlisted: number;
}

const made = new WeakMap<Step, Rows>();

/** @returns at most `count` changes of each kind; undefined where the step's bytes are not told. */
export function changeList(step: Step, count: number): ChangeList | undefined {
  if (!step.contents) return undefined;
  const rows = made.get(step) ?? rowsOf(step);
  made.set(step, rows);
  const { own, bookkeeping, unlisted } = rows;
  return {
    items: own.slice(0, count),
    total: own.length,
    bookkeeping: bookkeeping.slice(0, count),
    bookkeepingTotal: bookkeeping.length,
    unlistedPages: unlisted,
  };
}

function rowsOf(step: Step): Rows {
  const named = step.names?.changes ?? [];
  const { rows, unlisted } = pageRows(step, named);
  const items = [...named.map(namedRow), ...rows];
  return {
    own: items.filter(({ isNoise }) => !isNoise),
    bookkeeping: items.filter(({ isNoise }) => isNoise),
    unlisted,
  };
}

function namedRow({ start, end, bytes, words, value, isNoise }: NamedChange): ChangeItem {
  return { start, end, words, what: value ?? t("{0} changed", counted(bytes, "byte")), isNoise };
}

/** Pages with changed bytes that have no name, of which nothing is known before, or that were written with the bytes they had. */
function pageRows(step: Step, named: readonly NamedChange[]): { rows: ChangeItem[]; unlisted: number } {
  const { contents, written, discarded } = step;
  if (!contents) return { rows: [], unlisted: 0 };
  const touched = written.union(discarded);
  const rows: ChangeItem[] = [];
  const told: [number, number][] = [];
  let seen = 0;
  let unlisted = 0;
  const cursor = contents.changes.cursor();
  while (cursor.next()) {
    const { page } = cursor;
    told.push([page, page + 1]);
    if (!touched.has(page)) continue;
    if (seen === MOST_PAGES) {
      unlisted += 1;
      continue;
    }
    seen += 1;
    const state = stateWords(cursor);
    const bytes = state === undefined ? unnamedBytes(cursor, named) : 0;
    if (state !== undefined) addPage(rows, step, page, state);
    else if (bytes > 0) rows.push(pagesRow(step, page, page + 1, t("{0} changed", counted(bytes, "byte"))));
  }
  const why = contents.missing === undefined ? t("written, same bytes") : unknownWords(contents.missing);
  for (const { start, end } of splitByMapping(written.subtract(PageSet.from(told)), step.layout.mappings)) {
    if (seen === MOST_PAGES) {
      unlisted += end - start;
      continue;
    }
    seen += 1;
    rows.push(pagesRow(step, start, end, why));
  }
  return { rows: rows.sort((a, b) => a.start - b.start), unlisted };
}

/** Pages side by side of which the same is to be said are one row. */
function addPage(rows: ChangeItem[], step: Step, page: number, what: string): void {
  const last = rows.at(-1);
  const isOneMore =
    last?.what === what &&
    last.end === addressOf(page) &&
    last.isNoise === step.kernel.has(page) &&
    sharesMapping(step, page - 1, page);
  if (isOneMore) rows[rows.length - 1] = pagesRow(step, pageOf(last.start), page + 1, what);
  else rows.push(pagesRow(step, page, page + 1, what));
}

function sharesMapping({ layout: { mappings } }: Step, a: number, b: number): boolean {
  return firstEndingAfter(mappings, a) === firstEndingAfter(mappings, b);
}

function pagesRow({ layout: { mappings }, kernel }: Step, start: number, end: number, what: string): ChangeItem {
  const mapping = mappings[firstEndingAfter(mappings, start)];
  const name = mapping && mapping.start <= start ? shortName(mapping) : "unmapped";
  const pages =
    end - start === 1
      ? t("page {0}", formatAddress(start))
      : t("{0} from {1}", counted(end - start, "page"), formatAddress(start));
  return {
    start: addressOf(start),
    end: addressOf(end),
    words: `${name}, ${pages}`,
    what,
    isNoise: kernel.countIn(start, end) === end - start,
  };
}

/** @returns undefined of a page with changed bytes that are known. */
function stateWords({ reason, isGone, isSame }: ChangesCursor): string | undefined {
  if (reason !== undefined) return unknownWords(reason);
  if (isGone) return t("given back to the kernel");
  return isSame ? t("written, same bytes") : undefined;
}

/** Changed bytes of the page that are in nothing that has a name. */
function unnamedBytes(cursor: ChangesCursor, named: readonly NamedChange[]): number {
  let bytes = 0;
  for (const { offset, after } of cursor.runs()) {
    const start = addressOf(cursor.page) + offset;
    const length = after?.length ?? 0;
    if (!isNamed(named, start, start + length)) bytes += length;
  }
  return bytes;
}

/** Whether one of the names, which stand in order of their addresses, is of bytes in [start, end). */
function isNamed(named: readonly NamedChange[], start: number, end: number): boolean {
  let low = 0;
  let high = named.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (named[middle].end <= start) low = middle + 1;
    else high = middle;
  }
  const found = named[low];
  return found !== undefined && found.start < end;
}

function unknownWords(reason: Reason | "forgotten"): string {
  return t("before unknown: {0}", REASON_WORDS[reason]);
}
