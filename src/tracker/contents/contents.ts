// Bytes before and after: keeps a copy of the armed pages, and tells at each stop which bytes of the written ones changed.
//
// An armed page that has not been written still holds its old bytes, so that its first copy may be taken at any time until the scan
// that reports it: one taken while the program ran is thrown away where that scan reports the page.

import { Errno } from "../../kernel/errno.ts";
import type { Kernel, Pagemap } from "../../kernel/kernel.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import { Changes } from "../../memory/contents/changes.ts";
import { ChangesWriter } from "../../memory/contents/changes-writer.ts";
import { GONE, Kind, type Reason } from "../../memory/contents/form.ts";
import { PageComparer } from "../../memory/contents/page-comparer.ts";
import { findMapping, type Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { Layout, ScanReport, Settlement } from "../reports.ts";
import { BasePages, isPrivateMemory, zeroPages } from "./base-pages.ts";
import { PageCopies } from "./page-copies.ts";

/** Pages read in one turn: about half a millisecond, for a scan may be waiting. */
export const PAGES_A_TURN = 256;
/** Bytes of pages not known before that one capture tells; of more, it tells only that they were written. */
const MOST_NOW_BYTES = 4 * 1024 * 1024;
/** Of more runs the whole page is copied at once. */
const FEW_RUNS = 16;
/** A loop beats the call for so many. */
const FEW_BYTES = 64;
/** Pages given back at once whose old bytes are told. */
const MOST_GONE = 4096;

export interface Captured {
  readonly changes: Changes;
  /** Counts the captures: copies of pages are as of one of them. */
  readonly version: number;
}

/** A capture that has begun. */
interface Work {
  readonly pending: PageSet;
  readonly gone: PageSet;
  readonly goneZero: PageSet;
  readonly created: PageSet;
  readonly replaced: PageSet;
  readonly runs: Iterator<readonly [number, number]>;
  readonly writer: ChangesWriter;
  /** Pages of the run at hand that are still to be read. */
  from: number;
  to: number;
  nowBytes: number;
}

/** What a capture told, to be taken back where it proves to have been too late. */
interface Told {
  readonly changes: Changes;
  readonly pending: PageSet;
  readonly gone: PageSet;
  readonly goneZero: PageSet;
  readonly created: PageSet;
  readonly replaced: PageSet;
}

export class Contents {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly copies: PageCopies;
  private readonly base = new BasePages();
  private readonly comparer = new PageComparer(PAGES_A_TURN);
  private readonly scratch = this.comparer.read;
  private readonly spans = this.comparer.spans;
  /** Pages without a copy that hold zeroes. */
  private zero = PageSet.EMPTY;
  /** Of them those that the capture at hand has found written. */
  private zeroesWritten: [number, number][] = [];
  /** Armed pages that hold zeroes where nothing is stored. */
  private zeroable = PageSet.EMPTY;
  /** All armed pages at the last settlement. */
  private armedPages = PageSet.EMPTY;
  private layout: Layout | undefined;
  /** Reported, and not captured yet. */
  private pending = PageSet.EMPTY;
  /** With a copy, and given back or unmapped since: they hold nothing now. */
  private gone = PageSet.EMPTY;
  /** Of them those that held zeroes, and have no copy. */
  private goneZero = PageSet.EMPTY;
  /** Of mappings that came since the last capture. */
  private created = PageSet.EMPTY;
  /** Of these such as lie where others held something: what is there now began as zeroes, what was there before did not. */
  private replaced = PageSet.EMPTY;
  /** Copied since the last scan, when the program may have run. */
  private fresh: number[] = [];
  /** The same of the scans before, with what they reported: looked through when there is time. */
  private doubtful: { readonly pages: readonly number[]; readonly written: PageSet }[] = [];
  private told: Told | undefined;
  private work: Work | undefined;
  private version = 0;

  /** @param budget how many pages to keep copies of, at least one. */
  constructor(kernel: Kernel, pid: number, budget: number) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = kernel.openPagemap(pid);
    this.copies = new PageCopies(budget);
  }

  /** The program stands, and has just been armed. */
  armed(layout: Layout): void {
    this.layout = layout;
    this.armedPages = armedIn(layout);
    this.zeroable = privateIn(layout);
    this.zero = zeroPages(layout, this.pagemap);
    this.base.addLayout(layout);
  }

  /** A scan has reported; costs it nothing that grows with what is kept. */
  scanned({ written, text }: ScanReport): void {
    this.pending = this.pending.union(written);
    if (this.fresh.length > 0) this.doubtful.push({ pages: this.fresh, written: written.union(text) });
    this.fresh = [];
  }

  /** @param layout the one after it. */
  settled({ created, removed, late, discarded }: Settlement, layout: Layout): void {
    this.dropDoubtful();
    this.pending = this.pending.union(late);
    const came = pagesOf(created);
    const went = pagesOf(removed);
    const isOther = layout !== this.layout;
    this.layout = layout;
    if (isOther) this.zeroable = privateIn(layout);
    const empty = discarded.intersect(this.zeroable);
    const rest = discarded.subtract(empty);
    const withCopy: [number, number][] = [];
    for (const [start, end] of came.union(went).union(empty).pairs()) {
      for (const page of this.copies.pagesIn(start, end)) withCopy.push([page, page + 1]);
    }
    this.pending = this.pending.subtract(empty).union(rest);
    const isMuch = empty.pageCount > MOST_GONE;
    const zeroes = came.union(went).union(empty).intersect(this.zero);
    if (zeroes.pageCount <= MOST_GONE) this.goneZero = this.goneZero.union(zeroes);
    const replaced = came.intersect(went).subtract(this.zero);
    const told = replaced.pageCount > MOST_GONE ? PageSet.EMPTY : replaced;
    this.gone = [PageSet.from(withCopy), this.goneZero, told, isMuch ? PageSet.EMPTY : empty]
      .reduce((all, pages) => all.union(pages), this.gone)
      .subtract(this.pending);
    this.created = this.created.union(came);
    this.replaced = this.replaced.union(replaced);
    if (isMuch) this.zero = this.zero.union(empty);
    if (!came.isEmpty || !went.isEmpty) {
      this.zero = this.zero.subtract(went).subtract(came).union(came.intersect(this.zeroable));
    }
    if (!isOther) return;
    const armed = armedIn(layout);
    const more = armed.subtract(this.armedPages).subtract(came);
    const less = this.armedPages.subtract(armed).subtract(went);
    for (const [start, end] of less.pairs()) {
      for (const page of [...this.copies.pagesIn(start, end)]) this.copies.drop(page);
    }
    this.zero = this.zero.subtract(less);
    if (!more.isEmpty) this.zero = this.zero.union(zeroPages(layout, this.pagemap, more).subtract(this.pending));
    this.base.addLayout(layout, more.union(came));
    this.armedPages = armed;
  }

  /** What is armed was chosen anew. @param written since the last scan. @param layout the one after it. */
  chosen(written: PageSet, layout: Layout): void {
    const none = { created: [], removed: [], late: PageSet.EMPTY, discarded: PageSet.EMPTY };
    this.scanned({ written, text: PageSet.EMPTY, microseconds: 0 });
    this.settled({ ...none, text: PageSet.EMPTY, notes: [] }, layout);
  }

  /** Begins to read what was reported since the last capture. */
  begin(): void {
    this.dropDoubtful();
    this.told = undefined;
    const { pending, gone, goneZero, created, replaced } = this;
    const runs = pending.union(gone).pairs();
    this.work = {
      pending,
      gone,
      goneZero,
      created,
      replaced,
      runs,
      writer: new ChangesWriter(),
      from: 0,
      to: 0,
      nowBytes: 0,
    };
    // What is reported from now on is the next one's.
    this.pending = PageSet.EMPTY;
    this.gone = PageSet.EMPTY;
    this.goneZero = PageSet.EMPTY;
    this.created = PageSet.EMPTY;
    this.replaced = PageSet.EMPTY;
  }

  /** Reads some more. @returns whether all is read. */
  read(): boolean {
    const { work } = this;
    if (!work) return true;
    const runs: [number, number][] = [];
    let count = 0;
    while (count < PAGES_A_TURN) {
      if (work.from >= work.to) {
        const { done, value } = work.runs.next();
        if (done) break;
        [work.from, work.to] = value;
      }
      const last = Math.min(work.to, work.from + PAGES_A_TURN - count);
      runs.push([work.from, last]);
      count += last - work.from;
      work.from = last;
    }
    const readable = this.readRuns(runs, page => !work.gone.has(page));
    let at = 0;
    for (const [start, end] of runs) {
      for (let page = start; page < end; page += 1, at += 1) this.compare(work, page, at, readable[at] === 1);
    }
    return count < PAGES_A_TURN;
  }

  /** All is read: what has changed since the last capture, or since the copies were made. @throws {Error} none was begun. */
  finish(): Captured {
    const told = this.endWork();
    if (!told) throw new Error("no capture was begun");
    this.told = told;
    this.version += 1;
    return { changes: told.changes, version: this.version };
  }

  /** Ends a capture that nobody waits for any more: as if it had never begun. */
  abandon(): void {
    const told = this.endWork();
    if (told) this.takeBack(told);
  }

  /**
   * Captures behind this one were overtaken: some of what they read may be what the program did next. The next one tells it all.
   * @param version of the last one that was in time; 0 where none was.
   */
  uncapture(version: number): void {
    if (this.told && this.version > version) this.takeBack(this.told);
    this.told = undefined;
  }

  /**
   * Copies some more pages before they are written.
   * @param stood whether the program has stood, without a break, from the last scan until the last call was answered.
   * @returns whether there is more to copy.
   */
  copyAhead(stood: boolean): boolean {
    if (stood) this.fresh = [];
    this.dropDoubtful();
    if (this.copies.isFull) this.base.clear();
    const found = this.base.next(this.pagemap, PAGES_A_TURN);
    if (!found) return false;
    const wanted: [number, number][] = [];
    for (const [start, end] of found) {
      for (let page = start; page < end; page += 1) {
        const isReported = this.pending.has(page) || this.work?.pending.has(page);
        const isKnown = this.copies.slotOf(page) >= 0 || this.zero.has(page);
        if (!isReported && !isKnown) wanted.push([page, page + 1]);
      }
    }
    const readable = this.readRuns(wanted, () => true);
    for (const [i, [page]] of wanted.entries()) {
      if (!readable[i]) continue;
      const slot = this.copies.add(page);
      if (slot < 0) break;
      this.store(slot, i);
      this.fresh.push(page);
    }
    return true;
  }

  /**
   * The newest copies of pages, as of the last capture.
   * @returns one after another; `known` has 1 for each that is known.
   */
  pagesNow(pages: Float64Array): { bytes: Uint8Array; known: Uint8Array; version: number } {
    const bytes = new Uint8Array(pages.length * PAGE_SIZE);
    const known = new Uint8Array(pages.length);
    for (const [i, page] of pages.entries()) {
      const slot = this.copies.slotOf(page);
      // What is reported and not captured yet is known as it was.
      if (slot >= 0 && !this.fresh.includes(page)) {
        const at = this.copies.offsetOf(slot);
        bytes.set(this.copies.bytesOf(slot).subarray(at, at + PAGE_SIZE), i * PAGE_SIZE);
        known[i] = 1;
      } else if (slot < 0 && this.zero.has(page)) {
        known[i] = 1;
      }
    }
    return { bytes, known, version: this.version };
  }

  close(): void {
    this.pagemap.close();
  }

  /** @param at the page's place among those just read. */
  private compare(work: Work, page: number, at: number, isReadable: boolean): void {
    const { copies, comparer, spans, scratch } = this;
    const { writer } = work;
    const before = copies.slotOf(page);
    const isGone = work.gone.has(page);
    if (!isGone && !isReadable) {
      copies.drop(page);
      writer.addUnknown(page, "unreadable");
      return;
    }
    if (!isGone && this.zero.has(page)) this.zeroesWritten.push([page, page + 1]);
    const after = isGone ? { bytes: ZERO_PAGE, at: 0 } : { bytes: scratch, at: at * PAGE_SIZE };
    if (before >= 0) {
      const old = { bytes: copies.bytesOf(before), at: copies.offsetOf(before) };
      const runs = comparer.find(old, isGone ? undefined : at);
      if (isGone && work.gone.pageCount > MOST_GONE) writer.addUnknown(page, "given back", GONE);
      else writer.addRuns(page, Kind.CHANGED | (isGone ? GONE : 0), spans, runs, old, after);
      if (isGone) {
        copies.drop(page);
      } else {
        copies.renew(page, before);
        this.storeRuns(before, at, runs);
      }
      return;
    }
    const wasZero = this.zero.has(page) && !work.replaced.has(page);
    if (isGone) {
      if (work.goneZero.has(page) && !work.replaced.has(page))
        writer.addRuns(page, Kind.FROM_ZEROES | GONE, spans, 0, after, after);
      else writer.addUnknown(page, this.whyUnknown(work, page), GONE);
      return;
    }
    const runs = comparer.find(undefined, at);
    if (wasZero) {
      writer.addRuns(page, Kind.FROM_ZEROES, spans, runs, after, after);
    } else if (work.nowBytes < MOST_NOW_BYTES) {
      const length = writer.length;
      writer.addNow(page, this.whyUnknown(work, page), 0, spans, runs, after);
      work.nowBytes += writer.length - length;
    } else {
      writer.addUnknown(page, this.whyUnknown(work, page));
    }
    const slot = copies.touch(page);
    if (slot >= 0) this.store(slot, at);
  }

  private whyUnknown({ created }: Work, page: number): Reason {
    if (created.has(page)) return "new mapping";
    return this.copies.isFull ? "budget spent" : "not copied";
  }

  private endWork(): Told | undefined {
    const { work } = this;
    this.work = undefined;
    if (!work) return undefined;
    const { writer, pending, gone, goneZero, created, replaced } = work;
    const written = this.zeroesWritten;
    this.zeroesWritten = [];
    this.zero = this.zero.subtract(PageSet.from(written)).union(gone.intersect(this.zeroable));
    return { changes: Changes.over(writer.take()), pending, gone, goneZero, created, replaced };
  }

  private takeBack({ changes, pending, gone, goneZero, created, replaced }: Told): void {
    const { copies } = this;
    const zeroes: [number, number][] = [];
    const lost: [number, number][] = [];
    const cursor = changes.cursor();
    while (cursor.next()) {
      const { page, kind } = cursor;
      const { isGone } = cursor;
      if (kind === Kind.CHANGED) {
        const slot = isGone ? copies.touch(page) : copies.slotOf(page);
        if (slot < 0) continue;
        const [bytes, at] = [copies.bytesOf(slot), copies.offsetOf(slot)];
        if (isGone) bytes.fill(0, at, at + PAGE_SIZE);
        cursor.undo(bytes, at);
      } else {
        copies.drop(page);
        if (isGone && kind === Kind.UNKNOWN) lost.push([page, page + 1]);
        if (kind === Kind.FROM_ZEROES) zeroes.push([page, page + 1]);
      }
    }
    this.zero = this.zero.union(PageSet.from(zeroes)).subtract(PageSet.from(lost));
    this.pending = this.pending.union(pending);
    this.gone = this.gone.union(gone);
    this.goneZero = this.goneZero.union(goneZero);
    this.created = this.created.union(created);
    this.replaced = this.replaced.union(replaced);
  }

  /** Drops copies that were taken while the program may have run, of pages that it then proved to have written. */
  private dropDoubtful(): void {
    const { doubtful } = this;
    this.doubtful = [];
    for (const { pages, written } of doubtful) {
      const dropped = pages.filter(page => written.has(page));
      for (const page of dropped) this.copies.drop(page);
    }
  }

  private store(slot: number, at: number): void {
    const { copies, scratch } = this;
    copies.bytesOf(slot).set(scratch.subarray(at * PAGE_SIZE, (at + 1) * PAGE_SIZE), copies.offsetOf(slot));
  }

  /** The same where the slot holds all but the runs that were found last: a page is seldom written from end to end. */
  private storeRuns(slot: number, at: number, runs: number): void {
    if (runs > FEW_RUNS) {
      this.store(slot, at);
      return;
    }
    const { copies, scratch, spans } = this;
    const [bytes, to, from] = [copies.bytesOf(slot), copies.offsetOf(slot), at * PAGE_SIZE];
    for (let run = 0; run < runs; run += 1) {
      const [start, end] = [spans[run * 2], spans[run * 2 + 1]];
      if (end - start > FEW_BYTES) bytes.set(scratch.subarray(from + start, from + end), to + start);
      else for (let i = start; i < end; i += 1) bytes[to + i] = scratch[from + i];
    }
  }

  /**
   * Reads pages into the scratch, at most {@link PAGES_A_TURN}, each at its place among all that are given.
   * @returns 1 for each page that could be read.
   */
  private readRuns(runs: readonly (readonly [number, number])[], wanted: (page: number) => boolean): Uint8Array {
    const readable = new Uint8Array(PAGES_A_TURN);
    let at = 0;
    let pieces: [number, number][] = [];
    let first = 0;
    const flush = (): void => {
      this.readPieces(pieces, first, readable);
      pieces = [];
    };
    for (const [start, end] of runs) {
      for (let page = start; page < end; page += 1, at += 1) {
        if (!wanted(page)) {
          flush();
          continue;
        }
        const last = pieces.at(-1);
        if (!last) first = at;
        if (last?.[1] === page) last[1] = page + 1;
        else pieces.push([page, page + 1]);
      }
    }
    flush();
    return readable;
  }

  private readPieces(pieces: readonly [number, number][], first: number, readable: Uint8Array): void {
    let rest = pieces.map(([start, end]): [number, number] => [start, end]);
    let at = first;
    while (rest.length > 0) {
      const pages = this.tryRead(rest, at);
      if (pages < 0) return;
      readable.fill(1, at, at + pages);
      // The page behind them could not be read: what follows it may be.
      at += pages + 1;
      rest = without(rest, pages + 1);
    }
  }

  /** @returns how many pages could be read; -1 where none will be. */
  private tryRead(runs: readonly (readonly [number, number])[], at: number): number {
    try {
      const into = this.scratch.subarray(at * PAGE_SIZE);
      return Math.floor(this.kernel.readPages(this.pid, Float64Array.from(runs.flat()), into) / PAGE_SIZE);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return error.errno === Errno.EFAULT ? 0 : -1;
    }
  }
}

const ZERO_PAGE = new Uint8Array(PAGE_SIZE);

/** The runs without their first so many pages. */
function without(runs: readonly [number, number][], pages: number): [number, number][] {
  const rest: [number, number][] = [];
  let skip = pages;
  for (const [start, end] of runs) {
    const from = Math.min(end, start + skip);
    skip -= from - start;
    if (from < end) rest.push([from, end]);
  }
  return rest;
}

function armedIn({ armed }: Layout): PageSet {
  return PageSet.from(armed.map(({ start, end }): [number, number] => [start, end]));
}

function pagesOf(mappings: readonly Mapping[]): PageSet {
  return PageSet.from(mappings.map(({ start, end }): [number, number] => [start, end]));
}

/** Armed pages that begin as zeroes. */
function privateIn({ armed, mappings }: Layout): PageSet {
  const found: [number, number][] = [];
  for (const { start, end } of armed) {
    const mapping = mappings[findMapping(mappings, start)];
    if (mapping && isPrivateMemory(mapping)) found.push([start, end]);
  }
  return PageSet.from(found);
}
