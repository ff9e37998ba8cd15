// The tracker: arms a process's memory, tells at every stop what was written, and follows its mappings as they come and go.

import { TRACKING_FEATURES, WATCHING_FEATURES } from "../kernel/abi.ts";
import { Errno } from "../kernel/errno.ts";
import type { Kernel, Pagemap, Userfaultfd } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { findMapping, isShared, isWritable, kindOf, type Mapping, sameMapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { PageSet, RunBuilder } from "../memory/page-set.ts";
import { type Account, isProgramText, type Range } from "./account.ts";
import { Arming, type NewlyArmed } from "./arming.ts";
import { leavesOut, type MemoryChoice } from "./choice.ts";
import { ForeignMemory } from "./foreign.ts";
import { labelPages } from "./labels.ts";
import { sameLayout } from "./layout-patch.ts";
import { Look, type PopulatedOutside } from "./look.ts";
import { diffMappings, type MappingDiff } from "./mapping-diff.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "./reports.ts";
import * as Scans from "./scans.ts";
import { NOTHING_ARMED, type State } from "./state.ts";
import { ThreadControlBlocks } from "./thread-control.ts";
import { NOTHING_UNSEEN, unseenIn } from "./unseen.ts";
import { Lent } from "./watches/lent.ts";
import type { NotLent } from "./watches/plan.ts";
import { withStackNames } from "./watches/stack-names.ts";

/** Regions a scan's buffer holds; the ioctl is called again for more. */
const VECTOR_REGIONS = 1 << 15;
/** Regions that are scanned on the spot: fewer than take longer to hand to another thread than to scan. */
const FIRST_REGIONS = 1 << 11;
/** Runs of new pages that are armed one by one; for more, their mappings are looked up and armed whole. */
const MOST_AT_ONCE = 64;
/** With more mappings, reading the list of them is left to the settlement, whatever a scan finds. */
const MANY_MAPPINGS = 4096;

/** What a look for new memory found. */
interface News {
  /** Written, in mappings that came since. */
  readonly written: PageSet;
  /** Written in program text. */
  readonly text: PageSet;
  /** Whether arming may have split mappings, or joined them. */
  readonly hasMoved: boolean;
}

const NO_NEWS: News = { written: PageSet.EMPTY, text: PageSet.EMPTY, hasMoved: false };

/**
 * Tracks one process, which must be stopped whenever a method runs; one method at a time.
 *
 * At a stop: `scan` for the result, then `settle` for what may come a moment later. Before the process goes on: `scan` again,
 * for what the debugger wrote in the meantime. A call that throws leaves the tracker as it was, and loses no written page: what
 * had been re-armed before the failure is told by the next scan.
 */
export class Tracker {
  private readonly kernel: Kernel;
  readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;
  private readonly vector = new RegionVector(VECTOR_REGIONS);
  private readonly vectors = {
    one: new RegionVector(1),
    first: new RegionVector(FIRST_REGIONS),
    pair: [this.vector, new RegionVector(VECTOR_REGIONS)] as const,
  };
  /** Kept from scan to scan for its memory. */
  private readonly builder = new RunBuilder(VECTOR_REGIONS);
  private readonly arming: Arming;
  private readonly look: Look;
  private readonly threads: ThreadControlBlocks;
  private readonly foreign: ForeignMemory;
  /** Whether mappings of some kinds are left out: then new memory can't be armed before it is looked up. */
  private isChoosy: boolean;
  private state: State = NOTHING_ARMED;
  /** A list as the kernel gave it, and with the names that it leaves out. */
  private named: { readonly raw: readonly Mapping[]; readonly list: readonly Mapping[] } | undefined;
  /** What watches have of its memory. */
  private lent: Lent | undefined;
  /** Of that what was armed before, and will be again. */
  private lentArmed = PageSet.EMPTY;

  /**
   * Takes our copy of the userfaultfd that the debuggee opened as `descriptor`; arms nothing yet.
   * @throws {KernelError} EPERM, EACCES without the right to attach; EINVAL where the kernel can't protect asynchronously;
   *   ENOTTY before Linux 6.7.
   */
  constructor(kernel: Kernel, pid: number, descriptor: number, options: ArmOptions) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = kernel.openPagemap(pid);
    try {
      // An empty scan, so that a kernel without the ioctl refuses before anything is armed.
      this.pagemap.scan({ ...Scans.RESIDENT, start: 0, end: 0 }, this.vector);
      this.userfaultfd = kernel.takeUserfaultfd(pid, descriptor);
    } catch (error) {
      this.pagemap.close();
      throw error;
    }
    try {
      this.userfaultfd.negotiate(TRACKING_FEATURES);
    } catch (error) {
      this.close();
      throw error;
    }
    const { pagemap, userfaultfd, vector, vectors } = this;
    this.arming = new Arming(kernel, pid, pagemap, userfaultfd, vector, options);
    this.look = new Look(kernel, pid, pagemap, vector);
    this.threads = new ThreadControlBlocks(kernel, pid, pages => this.look.residentIn(pages));
    this.foreign = new ForeignMemory(kernel, pid, pagemap, userfaultfd, vectors.first);
    this.look.lent = () => this.lentPages;
    this.isChoosy = leavesOut(options);
  }

  /**
   * Arms all mappings that should be.
   * @param pause is awaited from time to time; it may throw to cancel, and everything is disarmed.
   * @throws {KernelError} ESRCH when the process ended on the way.
   */
  async arm(pause: () => Promise<void>): Promise<ArmReport> {
    const begin = performance.now();
    const account = await this.arming.armAll(this.kernel.mappings(this.pid), pause);
    this.state = { ...NOTHING_ARMED, account, armed: account.armed };
    this.enterSplits();
    this.state = {
      ...this.state,
      ...this.remember(this.look.populatedOutside()),
      settledMappings: this.state.account.mappings,
    };
    this.state = { ...this.state, ...this.newLayout() };
    return this.report(begin);
  }

  /**
   * Chooses what is armed anew. What stays armed loses no write, and what was written before in what goes is told by the next scan;
   * what comes is watched from now on: what it holds already is no write.
   * @returns besides the report the written pages that the next scan will tell.
   * @throws {KernelError} ESRCH when the process has ended or replaced its program.
   */
  async choose(choice: MemoryChoice): Promise<{ readonly report: ArmReport; readonly untold: PageSet }> {
    const begin = performance.now();
    const { written } = await this.scan();
    const news = this.follow(this.readMappings(), this.look.unregistered(), this.look.populatedOutside());
    this.state = { ...this.state, untold: this.state.untold.union(written).union(news.written) };
    if (news.hasMoved) this.enterSplits();
    const { account: before } = this.state;
    const { leaving, chosen } = this.arming.choose(choice, before);
    this.isChoosy = leavesOut(choice);
    const lent = this.lentPages;
    for (const [start, end] of leaving.subtract(lent).pairs()) this.userfaultfd.unregister(start, end);
    // What is watched stays so, and is armed, or not, when it comes back.
    this.lentArmed = lent.intersect(chosen);
    this.takeOver(leaving);
    const { account, kept } = this.state;
    const came = account.forgetful.subtract(before.forgetful);
    this.state = {
      ...this.state,
      ...this.newLayout(),
      outside: this.look.populatedOutside().private.subtract(this.state.armed),
      refusedPages: this.look.storedIn(account.refused),
      kept: kept.subtract(leaving).union(this.look.ownIn(came)),
    };
    return { report: this.report(begin), untold: this.state.untold };
  }

  /** Arms what is chosen and is not armed, where pages have just been unregistered. What is found there is no write. */
  private takeOver(unregistered: PageSet): void {
    const { state } = this;
    const { account, foreign } = state;
    const mappings = this.readMappings();
    const touched = PageSet.of(0, USER_PAGES_END);
    // Not what the kernel tells as unregistered: of devices' memory and its own it tells neither.
    const registration = {
      unregistered: touched.subtract(this.look.registered()),
      foreign: foreign.pages,
      lent: this.lentPages,
    };
    const followed = this.arming.follow(account, mappings, { ...registration, touched }, []);
    this.state = { ...state, account: followed, armed: followed.armed };
    // What went may lie in as many pieces as what came.
    if (!unregistered.isEmpty || !followed.armed.equals(account.armed)) this.enterSplits();
  }

  /** @param begin of performance.now(). */
  private report(begin: number): ArmReport {
    const { armedMappings, notArmed } = this.state.account;
    return {
      backend: this.kernel.backend,
      mappings: armedMappings.length,
      pages: this.arming.armedPages(this.state.account),
      populatedOnly: armedMappings.filter(({ way }) => way === "populated"),
      notArmed,
      microseconds: Math.round((performance.now() - begin) * 1000),
    };
  }

  /**
   * Which armed pages were written since the scan before, and re-arms them. Pages populated in mappings that came since count
   * as written; they are armed now.
   * @throws {KernelError} ESRCH when the process has ended or replaced its program.
   */
  async scan(): Promise<ScanReport> {
    const begin = performance.now();
    const { builder } = this;
    builder.reset();
    let rearmed: PageSet | undefined;
    try {
      this.tellLater(this.lent?.collect() ?? PageSet.EMPTY);
      const scanned = await this.scanArmed();
      rearmed = scanned;
      if (scanned.isEmpty) this.refuseIfGone();
      const { account, armed, untold } = this.state;
      const strays = scanned.isWithin(armed)
        ? PageSet.EMPTY
        : this.look.untouchedOf(scanned.subtract(armed), account.mappings);
      const patched = account.text.isEmpty ? PageSet.EMPTY : scanned.intersect(account.text);
      // Only now: what grew is armed by the next call, and was not when it was scanned.
      const news = this.discover();
      const written = scanned.subtract(strays).subtract(patched).union(news.written).union(untold);
      this.state = { ...this.state, lastWritten: written, untold: PageSet.EMPTY };
      return {
        written,
        text: news.text.union(patched),
        microseconds: Math.round((performance.now() - begin) * 1000),
      };
    } catch (error) {
      this.state = { ...this.state, untold: this.state.untold.union(rearmed ?? builder.finish()) };
      throw error;
    }
  }

  /** Written pages that are protected again already, and that the next report will tell. */
  get untold(): PageSet {
    return this.state.untold;
  }

  /**
   * After exec the old memory's pagemap answers ESRCH, but no error while somebody still holds what is left of it: then there is no
   * page in it, while the process has some. So a scan that told nothing is followed by a look for the first page.
   */
  private refuseIfGone(): void {
    const hasPages = (pagemap: Pagemap): boolean =>
      pagemap.scan({ ...Scans.RESIDENT, start: 0, end: USER_PAGES_END }, this.vectors.one).regions > 0;
    if (hasPages(this.pagemap)) return;
    const present = this.kernel.openPagemap(this.pid);
    try {
      if (hasPages(present)) throw new KernelError("ioctl PAGEMAP_SCAN", `process ${this.pid}`, Errno.ESRCH);
    } finally {
      present.close();
    }
  }

  /**
   * What may take a moment longer: the list of mappings, which came and went, what the written pages are, and (on request)
   * which pages are in memory. The debuggee must still stand where it stood at the scan.
   */
  settle(wantResident: boolean): Settlement {
    // What a scan filled would else be cleared at the next one, which somebody waits for.
    for (const vector of this.vectors.pair) vector.clear();
    const populated = this.look.populatedOutside();
    const news = this.follow(this.readMappings(), this.look.unregistered(), populated);
    try {
      return this.settleWith(news, populated, wantResident);
    } catch (error) {
      this.state = { ...this.state, untold: this.state.untold.union(news.written) };
      throw error;
    }
  }

  private settleWith(news: News, populated: PopulatedOutside, wantResident: boolean): Settlement {
    if (news.hasMoved) this.enterSplits();
    const { account, lost, lastWritten, settledMappings, layout: before } = this.state;
    const diff = diffMappings(settledMappings, account.mappings, lost);
    const late = news.written.subtract(lastWritten);
    const written = lastWritten.union(late);
    const remembered = this.remember(populated);
    const settlement: Settlement = {
      ...diff,
      late: late,
      discarded: this.look.emptyOf(written, account.mappings).union(this.givenBack(written)),
      text: news.text,
      notes: labelPages(written, freshOf(diff), account.sparse, this.threads, account.mappings),
      ...(wantResident ? { resident: this.look.resident() } : {}),
    };
    const layout = this.newLayout();
    this.state = {
      ...this.state,
      ...remembered,
      ...layout,
      settledMappings: account.mappings,
      lost: PageSet.EMPTY,
    };
    return layout.layout === before ? settlement : { ...settlement, layout: layout.layout };
  }

  /**
   * Takes the userfaultfd that watches are to have; it is closed with the tracker.
   * @throws {KernelError} as the constructor's does.
   */
  prepareWatches(descriptor: number): Lent {
    this.endWatches();
    const userfaultfd = this.kernel.takeUserfaultfd(this.pid, descriptor);
    try {
      userfaultfd.negotiate(WATCHING_FEATURES);
    } catch (error) {
      userfaultfd.close();
      throw error;
    }
    this.lent = new Lent(this.kernel, this.pid, userfaultfd, this.pagemap, this.vector);
    return this.lent;
  }

  /**
   * Lends the pages to watches, and takes back all others. What was written there before is told by the next scan, and so is what is
   * written while they are lent.
   * @returns what the kernel does not lend, and why; it stays as it was.
   */
  lend(pages: PageSet): readonly NotLent[] {
    const { lent } = this;
    if (!lent) return [];
    this.tellLater(lent.collect());
    const refused: NotLent[] = [];
    const back = lent.pages.subtract(pages);
    const more = pages.subtract(lent.pages);
    for (const [start, end] of back.pairs()) {
      lent.giveBack(start, end);
      this.eachArmed(this.lentArmed, start, end, (from, to, masks) => this.arming.restore(from, to, masks));
    }
    this.state = { ...this.state, armed: this.state.armed.subtract(back.subtract(this.lentArmed)) };
    this.lentArmed = this.lentArmed.subtract(back);
    for (const { start, end } of this.mappedParts(more)) {
      this.eachArmed(this.state.armed, start, end, (from, to, masks) =>
        this.tellLater(this.arming.release(from, to, masks)),
      );
      try {
        lent.take(start, end);
        this.lentArmed = this.lentArmed.union(this.state.armed.clip(start, end));
      } catch (error) {
        this.eachArmed(this.state.armed, start, end, (from, to, masks) => this.arming.restore(from, to, masks));
        if (!(error instanceof KernelError) || error.code === "ESRCH") throw error;
        refused.push({ start, end, error });
      }
    }
    const touched = back.union(more);
    if (!touched.isEmpty) this.followLending(touched);
    return refused;
  }

  /** Looks at which of the lent pages are still there. */
  collectLent(): void {
    if (this.lent) this.tellLater(this.lent.collect());
  }

  /** Which of the armed pages were written since they were last looked at; the next scan tells them, too. May be asked while it runs. */
  peek(pages: PageSet): PageSet {
    const written = new RunBuilder();
    for (const [start, end] of pages.pairs()) {
      this.eachArmed(this.state.armed, start, end, (from, to, masks) =>
        Scans.scanInto(written, this.pagemap, masks ?? Scans.WRITTEN_AND_REARM, from, to, this.vector),
      );
    }
    const found = written.finish();
    this.tellLater(found);
    return found;
  }

  /** Takes back all that is lent. */
  endWatches(): void {
    if (!this.lent) return;
    this.lend(PageSet.EMPTY);
    this.lent.userfaultfd.close();
    this.lent = undefined;
  }

  /** Other mappings came of it, and entries of the account are true no more. */
  private followLending(touched: PageSet): void {
    const mappings = this.readMappings();
    const news = this.follow(mappings, this.look.unregistered(), this.look.populatedOutside(), touched);
    this.tellLater(news.written);
    if (news.hasMoved) this.enterSplits();
  }

  /** Visits what lies in a set of armed pages, sparse parts with their masks. */
  private eachArmed(
    armed: PageSet,
    start: number,
    end: number,
    visit: (start: number, end: number, masks?: typeof Scans.WRITTEN_AND_REARM) => void,
  ): void {
    for (const [from, to] of armed.clip(start, end).pairs()) {
      let at = from;
      for (const { start, end, masks } of this.state.account.sparse) {
        const [first, last] = [Math.max(at, start), Math.min(to, end)];
        if (first >= last) continue;
        if (at < first) visit(at, first);
        visit(first, last, masks);
        at = last;
      }
      if (at < to) visit(at, to);
    }
  }

  /** Parts of the set that each lie in one mapping. */
  private mappedParts(pages: PageSet): Range[] {
    if (pages.isEmpty) return [];
    return this.readMappings().flatMap(mapping =>
      [...pages.clip(mapping.start, mapping.end).pairs()].map(([start, end]) => ({ start, end })),
    );
  }

  private get lentPages(): PageSet {
    return this.lent?.pages ?? PageSet.EMPTY;
  }

  private tellLater(written: PageSet): void {
    if (!written.isEmpty) this.state = { ...this.state, untold: this.state.untold.union(written) };
  }

  /** The mappings as they are now. */
  mappingsNow(): readonly Mapping[] {
    return this.readMappings();
  }

  /** Pages where what is written is told. */
  get armedPages(): PageSet {
    return this.state.armed;
  }

  layout(): Layout {
    return this.state.layout;
  }

  /** Disarms everything: the kernel does so when the last copy of the userfaultfd is closed, and this is the only one. */
  close(): void {
    this.lent?.userfaultfd.close();
    this.userfaultfd.close();
    this.pagemap.close();
  }

  /**
   * One ioctl over the whole address space; around each sparse mapping, whose holes would all read as written, one more; and none over
   * what the program watches itself.
   */
  private async scanArmed(): Promise<PageSet> {
    const { pagemap, vectors, builder } = this;
    const { armed, foreign, account } = this.state;
    this.state = { ...this.state, foreign: this.foreign.look(armed, foreign, account.mappings) };
    let from = 0;
    for (const { start, end, masks } of this.exceptions()) {
      await Scans.scanAheadInto(builder, pagemap, Scans.WRITTEN_AND_REARM, from, start, vectors);
      if (masks) await Scans.scanAheadInto(builder, pagemap, masks, start, end, vectors);
      from = end;
    }
    await Scans.scanAheadInto(builder, pagemap, Scans.WRITTEN_AND_REARM, from, USER_PAGES_END, vectors);
    return builder.finish();
  }

  /** What the one scan goes round, in address order: sparse mappings with masks of their own, the program's own with none. */
  private exceptions(): readonly (Range & { masks?: typeof Scans.WRITTEN_AND_REARM })[] {
    const { account, foreign } = this.state;
    if (foreign.pages.isEmpty) return account.sparse;
    const others = [...foreign.pages.pairs()].map(([start, end]) => ({ start, end }));
    return [...account.sparse, ...others].sort((a, b) => a.start - b.start);
  }

  /**
   * Looks for populated pages that are not armed and were not there before: the trace of new mappings. Where there are few, they
   * are armed as they are, and what they belong to is found out by the settlement.
   */
  private discover(): News {
    const { account, outside, refusedPages } = this.state;
    const populated = this.look.populatedOutside(account.giants);
    const newPrivate = populated.private.subtract(outside).subtract(refusedPages);
    const newFile = populated.file.subtract(account.unarmed);
    if (newPrivate.isEmpty && newFile.isEmpty) return NO_NEWS;
    const mayWait = newFile.isEmpty || account.mappings.length > MANY_MAPPINGS;
    const isSimple = newPrivate.runCount <= MOST_AT_ONCE && !populated.hasHuge && !this.isChoosy;
    if (mayWait && isSimple && newPrivate.intersect(this.textOf(newPrivate)).isEmpty) return this.armAtOnce(newPrivate);
    return this.follow(this.readMappings(), this.look.unregistered(), populated);
  }

  private armAtOnce(pages: PageSet): News {
    const { state } = this;
    const done: [number, number][] = [];
    try {
      for (const [start, end] of pages.pairs()) if (this.arming.armAtOnce(start, end)) done.push([start, end]);
    } catch (error) {
      this.state = { ...state, untold: state.untold.union(PageSet.from(done)) };
      throw error;
    }
    const armed = PageSet.from(done);
    this.state = {
      ...state,
      atOnce: state.atOnce.union(armed),
      armed: state.armed.union(armed),
      // What the kernel refuses to protect is listed at the settlement, and told no second time.
      outside: state.outside.union(pages).subtract(armed),
    };
    return { ...NO_NEWS, written: armed };
  }

  /** The mappings of program text that pages of the set lie in, as last known. */
  private textOf(pages: PageSet): PageSet {
    const { mappings } = this.state.account;
    const text: [number, number][] = [];
    for (const [start, end] of pages.pairs()) {
      for (let page = start; page < end; ) {
        const mapping = mappings[findMapping(mappings, page)];
        if (!mapping) break;
        if (isProgramText(mapping)) text.push([mapping.start, mapping.end]);
        page = mapping.end;
      }
    }
    return PageSet.from(text);
  }

  /** Arms what came since, and tells which of its pages are written. */
  private follow(
    mappings: readonly Mapping[],
    unregistered: PageSet,
    populated: PopulatedOutside,
    lending = PageSet.EMPTY,
  ): News {
    const { state } = this;
    const { account, foreign } = state;
    const known = state.outside.union(state.refusedPages);
    const newPrivate = populated.private.subtract(known);
    const lost = state.armed.intersect(unregistered);
    const touched = [
      lending,
      lost,
      newPrivate,
      populated.file.subtract(account.unarmed),
      account.refused.intersect(unregistered),
      foreign.pages.subtract(account.refused),
      state.atOnce,
    ].reduce((all, pages) => all.union(pages));
    if (mappings === account.mappings && touched.isEmpty) return NO_NEWS;
    const gaps: NewlyArmed[] = [];
    const told = (): News => toldIn(gaps, mappings, populated, newPrivate, known);
    let followed: Account;
    try {
      const registration = { unregistered, foreign: foreign.pages, lent: this.lentPages, touched };
      followed = this.arming.follow(account, mappings, registration, gaps);
    } catch (error) {
      this.state = { ...state, untold: state.untold.union(told().written) };
      throw error;
    }
    this.state = {
      ...state,
      account: followed,
      armed: followed.armed,
      atOnce: PageSet.EMPTY,
      lost: state.lost.union(lost),
      outside: state.outside.union(populated.private).subtract(followed.armed),
    };
    return told();
  }

  /** Arming a part of a mapping makes two or three of it, and arming the rest makes one of them again: reads how they lie now. */
  private enterSplits(): void {
    const { account, foreign } = this.state;
    const mappings = this.readMappings();
    if (mappings === account.mappings) return;
    const registration = {
      unregistered: this.look.unregistered(),
      foreign: foreign.pages,
      lent: this.lentPages,
      touched: PageSet.EMPTY,
    };
    const followed = this.arming.follow(account, mappings, registration, []);
    this.state = { ...this.state, account: followed, armed: followed.armed };
  }

  /** The list of mappings, the very one that is known where it is still true. */
  private readMappings(): readonly Mapping[] {
    const known = this.state.account.mappings;
    const raw = this.kernel.mappings(this.pid, this.named?.list === known ? this.named.raw : known);
    const now = this.lent && !this.lent.pages.isEmpty ? withStackNames(raw, known) : raw;
    const isSame = now.length === known.length && now.every((mapping, i) => sameMapping(mapping, known[i]));
    const list = isSame ? known : now;
    this.named = now === raw ? undefined : { raw, list };
    return list;
  }

  /** What the next stop is compared with. */
  private remember(populated: PopulatedOutside): Pick<State, "outside" | "refusedPages" | "kept"> {
    const { account, armed } = this.state;
    return {
      outside: populated.private.subtract(armed),
      refusedPages: this.look.storedIn(account.refused),
      kept: this.look.ownIn(account.forgetful),
    };
  }

  /** Pages that the process gave back in memory where that does not show otherwise: its own before, or written since, and not now. */
  private givenBack(written: PageSet): PageSet {
    const { kept, account, lost } = this.state;
    return this.look.givenBackOf(kept.subtract(lost).union(written).intersect(account.forgetful));
  }

  /** The layout of now: the very one of before where nothing in it changed. */
  private newLayout(): Pick<State, "layout" | "devices"> {
    const { account, layout: before, devices: last, settledMappings } = this.state;
    // Where the mappings changed, a descriptor may have been closed and its number given to a ring, which is mapped, too.
    const devices = this.kernel.deviceMemory?.(this.pid, settledMappings === account.mappings ? last : undefined);
    const layout = {
      revision: before.revision + 1,
      mappings: account.mappings,
      armed: account.armedMappings,
      notArmed: account.notArmed,
      ...(devices ? unseenIn(devices, account.mappings, () => this.kernel.directFiles?.(this.pid)) : NOTHING_UNSEEN),
    };
    return { devices, layout: sameLayout(before, layout) ? before : layout };
  }
}

/** Written pages in what was armed just now. */
function toldIn(
  gaps: readonly NewlyArmed[],
  mappings: readonly Mapping[],
  populated: PopulatedOutside,
  newPrivate: PageSet,
  known: PageSet,
): News {
  const written: [number, number][] = [];
  const text: [number, number][] = [];
  for (const { start, end, mapping, continued } of gaps) {
    if (isProgramText(mapping)) {
      text.push(...newPrivate.clip(start, end).pairs());
      continue;
    }
    // In shared memory every page is the file's; in private memory a page of the file was only read, and so it was in shared
    // memory that can't be written.
    const own = populated.private.clip(start, end);
    const pages = isShared(mapping) && isWritable(mapping) ? own.union(populated.file.clip(start, end)) : own;
    written.push(...pages.subtract(known.intersect(continued)).pairs());
  }
  return { written: PageSet.from(written), text: PageSet.from(text), hasMoved: haveMoved(gaps, mappings) };
}

/** Arming a part of a mapping splits it; arming all of one joins it with a neighbour of its kind that is armed. */
function haveMoved(gaps: readonly NewlyArmed[], mappings: readonly Mapping[]): boolean {
  return gaps.some(({ start, end, mapping }) => {
    const at = findMapping(mappings, start);
    const isAlone = mappings[at - 1]?.end !== start && mappings[at + 1]?.start !== end;
    return start !== mapping.start || end !== mapping.end || !isAlone;
  });
}

/** Pages of mappings that came; a stack that grew is no new one. */
function freshOf({ created }: MappingDiff): PageSet {
  return PageSet.from(
    created.filter(mapping => kindOf(mapping) !== "stack").map(({ start, end }): [number, number] => [start, end]),
  );
}
