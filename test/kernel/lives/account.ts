// What a life says of itself at a stop, read from its line.
import { PageSet } from "../../../src/memory/page-set.ts";

export interface LifeAccount {
  /** Written since the stop before, and still there: must be reported. */
  readonly must: PageSet;
  /** May be reported. */
  readonly may: PageSet;
  /** Where nothing else is to be reported. */
  readonly arena: PageSet;
  /** What it watches itself: nothing of it is ours to tell. */
  readonly not: PageSet;
}

/** @throws {Error} it is no account: a life that was cut off must not pass. */
export function parseAccount(line: string): LifeAccount {
  const [, must, may, arena, not] = /^account must(.*) may(.*) arena(.*) not(.*)$/.exec(line) ?? [];
  if (must === undefined || may === undefined || arena === undefined || not === undefined)
    throw new Error(`not an account: ${line.slice(0, 200)}`);
  return { must: setOf(must), may: setOf(may), arena: setOf(arena), not: setOf(not) };
}

function setOf(text: string): PageSet {
  const ranges = text.trim().split(" ").filter(Boolean);
  return PageSet.from(
    ranges.map((range): [number, number] => {
      const [first, end] = range.split("-").map(number => Number.parseInt(number, 16));
      return [first, end];
    }),
  );
}

/** What a tracker told of one step. */
export interface Reported {
  /** Without the pages told as given back. */
  readonly written: PageSet;
  /** Where it says itself that it can't tell what was only read. */
  readonly orRead: PageSet;
}

/** What is wrong with a report, in a sentence each. */
export function faults({ must, may, arena, not }: LifeAccount, { written, orRead }: Reported): string[] {
  const lost = must.subtract(written);
  const invented = written.intersect(arena).subtract(must).subtract(may).subtract(orRead);
  const taken = written.intersect(not);
  return [
    ...(lost.isEmpty ? [] : [`lost: ${words(lost)}`]),
    ...(invented.isEmpty ? [] : [`told, and nobody wrote it: ${words(invented)}`]),
    ...(taken.isEmpty ? [] : [`told of memory that the program watches itself: ${words(taken)}`]),
  ];
}

function words(pages: PageSet): string {
  const runs = [...pages.pairs()].slice(0, 5).map(([start, end]) => `${start.toString(16)}-${end.toString(16)}`);
  return `${pages.pageCount} pages, ${runs.join(" ")}`;
}
