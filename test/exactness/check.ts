// Compares what a trace reported, step by step, with what the program says it did. Pure: text in, verdict out.
import path from "node:path";
import { formatAddress, PAGE_SIZE } from "../../src/memory/page.ts";
import type { Place, StepEvent, TracedRange } from "./trace-events.ts";
import type { LineTruth, PageRange, Truth } from "./truth.ts";

export interface ExtraPage {
  readonly page: number;
  readonly mapping: string;
  /** Why it may be there, or why it should not be. */
  readonly explanation: string;
}

export interface StepVerdict {
  readonly step: number;
  readonly line: number | undefined;
  readonly expected: number;
  /** Written, but not reported in this step. */
  readonly missing: readonly number[];
  readonly extra: readonly ExtraPage[];
  /** Mappings that came or went unnoticed. */
  readonly unnoticed: readonly string[];
}

export interface Verdict {
  readonly steps: readonly StepVerdict[];
  /** What is wrong, a sentence each; empty when all is right. */
  readonly problems: readonly string[];
}

const UNEXPLAINED = "unexplained";
const GIVEN_BACK = "given back, but told as written";

/** @param source the program's source file; steps that began elsewhere (libc, after main) have nothing to expect. */
export function check(steps: readonly StepEvent[], truth: Truth, source: string): Verdict {
  const problems: string[] = [];
  const executions = new Map<number, LineTruth[]>();
  for (const record of truth.lines) {
    const list = executions.get(record.line) ?? [];
    executions.set(record.line, list);
    list.push(record);
  }
  const ran = new Map<number, number>();
  const verdicts = whole(steps).map(step => {
    problems.push(...malformed(step), ...falseNotes(step, truth));
    const line = isIn(step.from, source) ? step.from.line : undefined;
    const execution = line === undefined ? 0 : (ran.get(line) ?? 0);
    if (line !== undefined) ran.set(line, execution + 1);
    const record = line === undefined ? undefined : executions.get(line)?.[execution];
    return judge(step, line, record, truth);
  });
  for (const [line, records] of executions) {
    const count = ran.get(line) ?? 0;
    if (count !== records.length) {
      problems.push(`line ${line} ran ${records.length} times by its own word, the trace has ${count} steps from it`);
    }
  }
  for (const verdict of verdicts) problems.push(...complaints(verdict));
  return { steps: verdicts, problems };
}

/** Joins steps that ended on the line they began on with those that follow: only together did they run the line. */
function whole(steps: readonly StepEvent[]): StepEvent[] {
  const joined: StepEvent[] = [];
  for (const step of steps) {
    const last = joined.at(-1);
    if (last && samePlace(last.from, last.to)) {
      joined[joined.length - 1] = {
        ...step,
        step: last.step,
        pages: last.pages + step.pages,
        written: [...last.written, ...step.written],
        created: [...last.created, ...step.created],
        removed: [...last.removed, ...step.removed],
      };
    } else {
      joined.push(step);
    }
  }
  return joined;
}

function judge(step: StepEvent, line: number | undefined, record: LineTruth | undefined, truth: Truth): StepVerdict {
  const expected = new Set(record?.wrote.flatMap(pagesOf));
  const reported = new Map<number, TracedRange>();
  for (const range of step.written) for (const page of pagesOf(tracedPages(range))) reported.set(page, range);
  const extra: ExtraPage[] = [];
  for (const [page, range] of reported) {
    if (!expected.has(page))
      extra.push({ page, mapping: range.mapping, explanation: explain(page, range, record, truth) });
  }
  return {
    step: step.step,
    line,
    expected: expected.size,
    missing: [...expected].filter(page => !reported.has(page)),
    extra,
    unnoticed: [
      ...unnoticed("created", record?.created ?? [], step.created),
      ...unnoticed("removed", record?.removed ?? [], step.removed),
    ],
  };
}

function explain(page: number, range: TracedRange, record: LineTruth | undefined, truth: Truth): string {
  const allowances = [...(record?.may ?? []), ...truth.own];
  const reasons = allowances.filter(({ start, end }) => start <= page && page < end).map(({ why }) => why);
  // Pages given back were not written: to call them so without a word more would mislead.
  const accepted = reasons.filter(why => why !== "discarded" || notesOf(range).includes("discarded"));
  return accepted[0] ?? (reasons.length > 0 ? GIVEN_BACK : UNEXPLAINED);
}

function notesOf(range: TracedRange): string[] {
  return range.note?.split(", ") ?? [];
}

/** A note must be true, or anything could be explained by it. */
function falseNotes(step: StepEvent, truth: Truth): string[] {
  const blocks = truth.own.filter(({ why }) => why === "thread-control");
  return step.written
    .filter(range => notesOf(range).includes("rseq"))
    .filter(
      range => !pagesOf(tracedPages(range)).every(page => blocks.some(({ start, end }) => start <= page && page < end)),
    )
    .map(
      ({ start, end }) => `step ${step.step}: ${start}-${end} bears the note rseq, but holds no thread control block`,
    );
}

function unnoticed(
  what: string,
  said: readonly PageRange[],
  reported: readonly { start: string; end: string }[],
): string[] {
  const ranges = reported.map(tracedPages);
  return said
    .filter(({ start, end }) => {
      for (let page = start; page < end; page += 1) {
        const covering = ranges.find(range => range.start <= page && page < range.end);
        if (!covering) return true;
        page = covering.end - 1;
      }
      return false;
    })
    .map(({ start, end }) => `${what} ${formatAddress(start)}-${formatAddress(end)}`);
}

/** A report that contradicts itself: overlapping ranges tell a page twice, and the counts must be those of the ranges. */
function malformed(step: StepEvent): string[] {
  const problems: string[] = [];
  const seen = new Set<number>();
  for (const range of step.written) {
    const pages = pagesOf(tracedPages(range));
    if (pages.length !== range.pages) {
      problems.push(`step ${step.step}: ${range.start}-${range.end} is said to be ${range.pages} pages`);
    }
    for (const page of pages) seen.add(page);
  }
  if (seen.size !== step.pages) {
    problems.push(`step ${step.step}: reports ${step.pages} pages, its ranges hold ${seen.size} different ones`);
  }
  return problems;
}

function complaints(verdict: StepVerdict): string[] {
  const where = `step ${verdict.step}, line ${verdict.line ?? "?"}`;
  const problems: string[] = [];
  if (verdict.missing.length > 0) {
    const missing = `${verdict.missing.length} of ${verdict.expected} written pages`;
    problems.push(`${where}: ${missing} not reported: ${addresses(verdict.missing)}`);
  }
  for (const explanation of [UNEXPLAINED, GIVEN_BACK]) {
    const pages = verdict.extra.filter(extra => extra.explanation === explanation);
    if (pages.length === 0) continue;
    const mappings = [...new Set(pages.map(({ mapping }) => mapping))].join(", ");
    const list = addresses(pages.map(({ page }) => page));
    problems.push(`${where}: ${pages.length} pages that nobody wrote (${explanation}): ${list} in ${mappings}`);
  }
  return problems;
}

/** At most a few, as runs. */
function addresses(pages: readonly number[]): string {
  const runs: PageRange[] = [];
  for (const page of [...pages].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.end === page) runs[runs.length - 1] = { start: last.start, end: page + 1 };
    else runs.push({ start: page, end: page + 1 });
  }
  const shown = runs.slice(0, 6).map(({ start, end }) => `${formatAddress(start)}-${formatAddress(end)}`);
  return shown.join(" ") + (runs.length > shown.length ? ` and ${runs.length - shown.length} more` : "");
}

function tracedPages({ start, end }: { start: string; end: string }): PageRange {
  return { start: Number(start) / PAGE_SIZE, end: Number(end) / PAGE_SIZE };
}

function pagesOf({ start, end }: PageRange): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

function isIn(place: Place | null, source: string): place is Place {
  return place?.source !== undefined && path.basename(place.source) === path.basename(source);
}

function samePlace(a: Place | null, b: Place | null): boolean {
  return a !== null && b !== null && a.source === b.source && a.line === b.line && a.function === b.function;
}
