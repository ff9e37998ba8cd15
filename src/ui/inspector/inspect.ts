// A range of memory before and after a step, as the inspector shows it: what it is, its values and bytes, and who wrote it.
import { t } from "../../common/l10n.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import { type PageView, pageView } from "../../recording/contents/page-view.ts";
import { spanView } from "../../recording/contents/span-view.ts";
import type { NewestBytes } from "../../recording/memory.ts";
import type { Recording } from "../../recording/recording.ts";
import { stepsOf } from "../../recording/span.ts";
import type { Step } from "../../recording/step.ts";
import { writerWords } from "../../recording/writer-words.ts";
import { byteWritersOf, nextWriters } from "../../recording/writers.ts";
import { unionsOf } from "../map/brushed.ts";
import { type InspectQuery, type InspectReply, LINE_BYTES } from "../protocol.ts";
import { factsOf, titleOf } from "./identity.ts";
import { type Lines, linesOf } from "./lines.ts";
import { valuesOf } from "./values.ts";

/** Of a longer range the lines with changes show first, where there are any. */
const FEW_LINES = 8;
/** Pages whose copies are asked for at once: 256 KiB. */
const MOST_COPIED = 64;
/** Names of a range; of more, nobody reads. */
const MOST_NAMES = 64;
/** Steps that wrote it. */
const MOST_WRITERS = 100;
/** A note is said of so many kinds of pages at most. */
const MOST_NOTES = 6;

/** @returns null where the step is not kept. */
export async function inspect(recording: Recording, query: InspectQuery): Promise<InspectReply | null> {
  const { steps, memory } = recording;
  const { start, end, brush } = query;
  const step = brush ? stepsOf(steps, brush).at(-1) : query.step === undefined ? undefined : steps.byNumber(query.step);
  if ((brush || query.step !== undefined) && !step) return null;
  const isRange = start < end;
  const pages = isRange
    ? pagesOf(touchedBy(recording, step, brush), query)
    : { isAll: true, pages: [], hasMore: false };
  const first = pages.pages.slice(0, MOST_COPIED);
  const [newest, names] = await Promise.all([
    isRange ? memory?.newest(first) : undefined,
    isRange ? memory?.names?.(start, end, MOST_NAMES) : undefined,
  ]);
  const views = pages.pages.map((page, i) => {
    const source = sourceOf(newest, i);
    return brush ? spanView(steps, brush, page, source) : pageView(steps, step, page, source);
  });
  const lines: Lines = linesOf(views, query, pages.isAll, query.all === true);
  const { writers, hasMore } = isRange
    ? byteWritersOf(steps, start, end, MOST_WRITERS)
    : { writers: [], hasMore: false };
  const notes = [...new Set([...views.flatMap(view => view.notes), ...missingNote(views, lines)])];
  return {
    title: titleOf(recording, step, start, end, names),
    facts: factsOf(recording, step, start, end, names),
    values: valuesOf(names, views, start, end),
    lines: lines.lines,
    hasMore: lines.hasMore || pages.hasMore,
    isAll: pages.isAll,
    notes: notes.slice(0, MOST_NOTES),
    writers: writers.map(writer => ({
      step: writer.step.number,
      ...writerWords(writer, { address: start, size: end - start }),
    })),
    hasMoreWriters: hasMore,
    ...(isRange ? writersBeside(steps, query, step) : {}),
  };
}

/** The steps nearest to the one that is looked at, or to all that are, that wrote some of it. */
function writersBeside(
  steps: Recording["steps"],
  { start, end, brush }: InspectQuery,
  step: Step | undefined,
): Pick<InspectReply, "earlier" | "later"> {
  const { earlier, later } = nextWriters(steps, start, end, step?.number);
  if (!brush) return { ...(earlier === undefined ? {} : { earlier }), ...(later === undefined ? {} : { later }) };
  const first = stepsOf(steps, brush).at(0);
  const before = nextWriters(steps, start, end, first?.number).earlier;
  return { ...(before === undefined ? {} : { earlier: before }), ...(later === undefined ? {} : { later }) };
}

/** The pages that the step, or the brushed steps, wrote or gave back. */
function touchedBy(recording: Recording, step: Step | undefined, brush: InspectQuery["brush"]): PageSet {
  if (!step) return PageSet.EMPTY;
  if (!brush) return step.written.union(step.discarded);
  const discarded = stepsOf(recording.steps, brush).filter(each => !each.discarded.isEmpty);
  return discarded.reduce((all, each) => all.union(each.discarded), unionsOf(recording).of(brush));
}

function sourceOf(newest: NewestBytes | undefined, i: number): Parameters<typeof pageView>[3] {
  return { newest: newest?.pages[i], present: newest?.present[i], since: newest?.since };
}

/** The pages to look at: those that were touched, or all from the first on; no more than the lines that are asked for can show. */
function pagesOf(
  touchedPages: PageSet,
  { start, end, count, all }: InspectQuery,
): { readonly isAll: boolean; readonly pages: readonly number[]; readonly hasMore: boolean } {
  const [first, last] = [pageOf(start), pageOf(end - 1) + 1];
  const touched = touchedPages.clip(first, last);
  const lines = Math.ceil(end / LINE_BYTES) - Math.floor(start / LINE_BYTES);
  const isAll = all ?? (touched.isEmpty || lines <= FEW_LINES);
  const pages: number[] = [];
  if (isAll) {
    const most = Math.ceil((count * LINE_BYTES) / PAGE_SIZE) + 1;
    for (let page = first; page < last && pages.length < most; page += 1) pages.push(page);
    return { isAll, pages, hasMore: false };
  }
  for (const [from, to] of touched.pairs()) {
    for (let page = from; page < to; page += 1) {
      if (pages.length === count) return { isAll, pages, hasMore: true };
      pages.push(page);
    }
  }
  return { isAll, pages, hasMore: false };
}

function missingNote(views: readonly PageView[], { lines }: Lines): string[] {
  const isUntold = views.length > 0 && lines.length === 0 && views.every(({ notes }) => notes.length === 0);
  if (!isUntold) return [];
  const where = addressOf(views[0].page).toString(16);
  return [t("No step tells these bytes, and there is no copy of them (page 0x{0}).", where)];
}
