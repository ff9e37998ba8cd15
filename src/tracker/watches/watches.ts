// Stop at Write: stores to watched bytes wait, in whichever thread, until they are let through.
import type { Disposable } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import type { BlockedCall, Kernel, WriteFault } from "../../kernel/kernel.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import { pageOf } from "../../memory/page.ts";
import type { PageSet } from "../../memory/page-set.ts";
import { hitOfChanges, mayBeOf } from "./changes.ts";
import type { Lent } from "./lent.ts";
import { MissBudget } from "./miss-budget.ts";
import { bytesAt, changesIn, readPage } from "./page-bytes.ts";
import type { MissWay, WatchHit, WatchHurry, WatchMiss } from "./reports.ts";
import {
  type Arrival,
  AT_ONCE,
  hasGoneOn,
  isHindered,
  isSame,
  isSameCall,
  type Passed,
  type Waiting,
  WIDEST_STORE,
} from "./waiting.ts";
import { WatchMap } from "./watch-map.ts";

/** How long a page stays open for a store at most, milliseconds: its thread may have to wait for a processor. */
const LONGEST_OPENING = 20;
/** Looks at whether a store is done before others get a turn: each takes some 10 microseconds, a thread as long to wake. */
const QUICK_LOOKS = 12;
/** With more, it is looked for threads that have ended meanwhile. */
const MANY_WAITING = 64;
/** Looks at what a thread waits in, one right after the other; and how long it is looked at beyond those, milliseconds. */
const LOOKS_AT_CALL = 50;
/** A thread that is to stop gets there within it, on a busy machine, too. */
const LONGEST_LOOK = 100;
/** After which time it is looked again, milliseconds. */
const PAUSE = 1;

/** Pages that are open for stores. */
interface Opening {
  readonly pages: readonly number[];
  readonly passed: readonly Waiting[];
  readonly before: ReadonlyMap<number, Uint8Array>;
  readonly since: number;
}

/**
 * The stores that wait in one process's watched memory. All that it does is done in one turn of the event loop, or by a timer: a store is
 * told as soon as the kernel tells it, and an opened page is shut as soon as the stores that it was opened for are done.
 */
export class Watches {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly lent: Lent;
  private readonly listening: Disposable;
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();
  private readonly hurries = new Emitter<WatchHurry>();
  /** Misses that were let through at once, by the index of the first range in their page. */
  private readonly hurried = new Map<number, number>();
  private readonly waiting = new Map<number, Waiting>();
  /** The last one of each thread. */
  private readonly passed = new Map<number, Passed>();
  /** How often each page was opened. */
  private readonly openings = new Map<number, number>();
  private readonly opening = new Set<Opening>();
  /** Opened by {@link open}, by hit. */
  private readonly held = new Map<number, Opening>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private map = WatchMap.EMPTY;
  private budget = new MissBudget("pass", 0);
  private isClosed = false;
  private isReading = false;
  private readonly nextId: () => number;

  /** @param nextId numbers for what is told. */
  constructor(kernel: Kernel, pid: number, lent: Lent, nextId: () => number) {
    this.kernel = kernel;
    this.pid = pid;
    this.lent = lent;
    this.nextId = nextId;
    this.listening = lent.userfaultfd.onFault(() => this.read());
  }

  watch(map: WatchMap, misses: MissWay): void {
    this.map = map;
    this.budget = new MissBudget(misses, performance.now());
    this.hurried.clear();
    // Whoever waited in a page that is not watched any more was woken when it was given back.
    for (const [id, { pages }] of this.waiting) if (!pages.some(page => map.pages.has(page))) this.waiting.delete(id);
    for (const page of this.openings.keys()) if (!map.pages.has(page)) this.openings.delete(page);
    this.passed.clear();
  }

  /** Lets everybody go on who waits outside of these pages: to give memory back to the tracker wakes nobody. */
  release(except: PageSet): void {
    this.read();
    for (const [id, waiting] of this.waiting) {
      const { pages, isThere } = waiting;
      if (!isThere || pages.every(page => except.has(page)) || !this.stillWaits(waiting)) continue;
      for (const page of pages) tolerantly(() => this.lent.openPage(page));
      this.waiting.delete(id);
    }
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  onMiss(listener: (miss: WatchMiss) => void): Disposable {
    return this.misses.listen(listener);
  }

  onHurry(listener: (hurry: WatchHurry) => void): Disposable {
    return this.hurries.listen(listener);
  }

  /** Whether every miss waited for a step since the ranges were set. */
  get isUnhurried(): boolean {
    return this.hurried.size === 0;
  }

  /** See {@link WatchHandle.pass}. */
  pass(id: number, isOnlyNow: boolean): void {
    const waiting = this.waiting.get(id);
    if (!waiting || waiting.isPassed) return;
    const isStopped = this.kernel.isStopped?.(waiting.pid, waiting.threadId) === true;
    if (isStopped && isOnlyNow) return;
    waiting.isPassed = true;
    this.budget.end(id, performance.now());
    if (isStopped) waiting.isThere = false;
    // Whoever waits at the same page by now is to be told before it is opened.
    this.read();
  }

  /** See {@link WatchHandle.open}. */
  open(id: number): void {
    const waiting = this.waiting.get(id);
    if (!waiting || this.held.has(id)) return;
    this.held.set(id, this.begin(waiting.pages, [waiting]));
  }

  /** See {@link WatchHandle.shut}. */
  shut(id: number): WatchHit | undefined {
    const opening = this.held.get(id);
    if (!opening) return undefined;
    this.held.delete(id);
    this.waiting.delete(id);
    this.budget.end(id, performance.now());
    const told = this.end(opening);
    // It was made while everybody else stood: what comes next is another one, even if it looks the same.
    for (const { threadId } of opening.passed) this.passed.delete(threadId);
    return told;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.listening.dispose();
  }

  /** Reads which stores wait, tells them, and lets through what need not wait. */
  private read(): void {
    if (this.waiting.size > MANY_WAITING) this.forgetTheDead();
    // What is passed where it is told waits until all are told that came with it.
    if (this.isClosed || this.isReading) return;
    this.isReading = true;
    try {
      for (const arrival of this.lent.userfaultfd.readFaults().map(fault => this.arrivalOf(fault))) this.meet(arrival);
    } finally {
      this.isReading = false;
    }
    this.letThrough();
  }

  private arrivalOf({ address, threadId }: WriteFault): Arrival {
    const own = this.kernel.faultsDone?.(this.pid, threadId);
    const pid = own === undefined && this.kernel.faultsDone ? threadId : this.pid;
    return {
      address,
      threadId,
      pid,
      call: this.callOf(pid, threadId),
      faults: own ?? this.kernel.faultsDone?.(pid, threadId),
      openings: this.openingsOf(this.pagesOf(address)),
    };
  }

  /**
   * What the thread waits in. One that is asked to stop while it is inside a system call can't, and faults again and again: it is never
   * seen to wait. In a store of its own it stops, and is seen.
   */
  private callOf(pid: number, threadId: number): BlockedCall | undefined {
    const begun = performance.now();
    for (let look = 0; look < LOOKS_AT_CALL || performance.now() - begun < LONGEST_LOOK; look += 1) {
      const call = this.kernel.blockedCall?.(pid, threadId);
      if (call || !this.kernel.blockedCall) return call;
      if (look >= LOOKS_AT_CALL) pauseShortly();
    }
    return undefined;
  }

  private spins({ call }: Arrival): boolean {
    return call === undefined && this.kernel.blockedCall !== undefined;
  }

  private meet(arrival: Arrival): void {
    for (const waiting of this.waiting.values()) {
      if (waiting.threadId !== arrival.threadId) continue;
      if (isSame(waiting, arrival)) {
        waiting.isThere = true;
        if (!waiting.isPassed) waiting.tell();
        return;
      }
      if (waiting.isPassed && !waiting.isThere && hasGoneOn(waiting, arrival)) this.waiting.delete(waiting.id);
    }
    const last = this.passed.get(arrival.threadId);
    const isHinderedNow = last !== undefined && isHindered(last, arrival, performance.now());
    const isSameAgain =
      last !== undefined &&
      (isSameCall(last.waiting, arrival) || (this.spins(arrival) && last.waiting.by === "system call"));
    const isTold = last?.waiting.isTold === true && isSameAgain;
    this.await(arrival, isHinderedNow, isHinderedNow ? last.waiting.isTold : isTold);
  }

  /** @param wasHindered it was let through, in vain. @param wasTold a hit was told of it. */
  private await(arrival: Arrival, wasHindered: boolean, wasTold: boolean): void {
    const { threadId, call, pid } = arrival;
    const id = this.nextId();
    const isCall = call?.kind === "system call" || this.spins(arrival);
    const by = pid !== this.pid ? "another process" : isCall ? "system call" : "store";
    const width = by === "store" ? this.widthOf(call) : undefined;
    // One that begins beside a range and is known to reach into it is a hit there, at the first watched byte.
    const known = width === undefined || width === Infinity ? 1 : width;
    const { address, range } = this.map.firstIn(arrival.address, arrival.address + known);
    const isHit = range >= 0;
    const isNew = !wasHindered && !wasTold;
    const waits = isNew && by === "store" && (isHit || this.isWorthAStep(arrival.address));
    const tell = (): void => {
      if (isHit) this.hits.fire(this.hitOf(waiting, address));
      else this.misses.fire({ id, address, threadId, ...(call ? { pc: call.pc } : {}) });
    };
    const waiting: Waiting = {
      ...arrival,
      ...{ id, by, range, pages: this.pagesOf(arrival.address), tell, wasHindered, isPassed: !waits, isThere: true },
      isTold: wasTold || (isNew && isHit),
      reach: by === "store" ? arrival.address + (width ?? WIDEST_STORE) : Infinity,
      attempts: isNew ? 0 : 1,
    };
    if (waits && !isHit) this.budget.begin(id, performance.now());
    this.waiting.set(id, waiting);
    if (isNew && (isHit || waits)) tell();
  }

  /** Whether a miss there is stepped over; it is counted where it is not, although it was asked for. */
  private isWorthAStep(address: number): boolean {
    if (this.budget.allows(performance.now())) return true;
    const [first] = this.map.within(pageOf(address));
    if (this.budget.isWanted && first) {
      const range = this.map.rangeAt(first.start);
      const count = (this.hurried.get(range) ?? 0) + 1;
      this.hurried.set(range, count);
      if ((count & (count - 1)) === 0) this.hurries.fire({ range, count });
    }
    return false;
  }

  private hitOf({ id, threadId, call, by, range, isPassed }: Waiting, address: number): WatchHit {
    const { start, bytes } = bytesAt(this.kernel, this.pid, address, this.map.ranges[range]);
    return {
      ...{ id, address, threadId, by, waits: !isPassed, range, start, before: bytes },
      ...(call ? { pc: call.pc } : {}),
      ...(call?.kind === "system call" ? { systemCall: { number: call.number, args: call.args } } : {}),
    };
  }

  /** @returns undefined where it is not known; Infinity where it is as long as a register says. */
  private widthOf(call: BlockedCall | undefined): number | undefined {
    return call && this.kernel.storeWidth?.(this.pid, call.pc);
  }

  /** A store near the end of a page may write to the next one, too. */
  private pagesOf(address: number): number[] {
    const page = pageOf(address);
    const last = pageOf(address + WIDEST_STORE - 1);
    return last > page && this.lent.pages.has(last) ? [page, last] : [page];
  }

  private openingsOf(pages: readonly number[]): number {
    return pages.reduce((sum, page) => sum + (this.openings.get(page) ?? 0), 0);
  }

  /** Opens pages of which all stores that wait there may pass. */
  private letThrough(): void {
    const asked = [...this.waiting.values()].filter(({ isPassed, isThere }) => isPassed && isThere);
    const undecided = this.undecidedAmong(asked);
    const isFree = ({ pages }: Waiting): boolean => !pages.some(page => undecided.has(page));
    const beingOpened = new Set([...this.opening].flatMap(({ passed }) => passed));
    for (const waiting of asked) {
      if (beingOpened.has(waiting) || !isFree(waiting)) continue;
      const together = asked.filter(
        other => !beingOpened.has(other) && other.pages.every(page => waiting.pages.includes(page)),
      );
      for (const one of together) beingOpened.add(one);
      this.opening.add(this.begin(waiting.pages, together));
    }
    this.lookAfter();
  }

  /** Pages where a store waits that nobody has let through, of those that others are to have opened. */
  private undecidedAmong(asked: readonly Waiting[]): ReadonlySet<number> {
    const wanted = new Set(asked.flatMap(({ pages }) => pages));
    const undecided = new Set<number>();
    for (const waiting of this.waiting.values()) {
      if (waiting.isPassed || !waiting.isThere || !waiting.pages.some(page => wanted.has(page))) continue;
      if (this.stillWaits(waiting)) for (const page of waiting.pages) undecided.add(page);
      else waiting.isThere = false;
    }
    return undecided;
  }

  private forgetTheDead(): void {
    for (const [id, { pid, threadId }] of this.waiting) {
      if (this.kernel.faultsDone && this.kernel.faultsDone(pid, threadId) === undefined) this.waiting.delete(id);
    }
    for (const threadId of this.passed.keys()) {
      if (![...this.waiting.values()].some(waiting => waiting.threadId === threadId)) this.passed.delete(threadId);
    }
  }

  private stillWaits({ pid, threadId, call }: Waiting): boolean {
    if (this.kernel.isStopped?.(pid, threadId)) return false;
    return this.kernel.blockedCall === undefined || this.kernel.blockedCall(pid, threadId)?.pc === call?.pc;
  }

  private begin(pages: readonly number[], passed: readonly Waiting[]): Opening {
    const before = new Map<number, Uint8Array>();
    const others = [...this.opening, ...this.held.values()];
    for (const page of pages) {
      // Whoever shuts it last compares, with what was there before the first.
      const known = others.find(other => other.before.has(page))?.before.get(page);
      const bytes = known ?? readPage(this.kernel, this.pid, page);
      if (bytes) before.set(page, bytes);
      this.openings.set(page, (this.openings.get(page) ?? 0) + 1);
    }
    for (const page of pages) tolerantly(() => this.lent.openPage(page));
    return { pages, passed, before, since: performance.now() };
  }

  /**
   * Shuts what was opened for stores that are done. At the first attempt at once: a thread that runs has stored by the time that the
   * kernel has woken it; one that has not waits anew, and is given time.
   */
  private lookAfter(): void {
    for (const opening of this.opening)
      if (opening.passed.every(({ attempts }) => attempts === 0)) this.finish(opening);
    for (let look = 0; look < QUICK_LOOKS && this.opening.size > 0; look += 1) this.finishDone();
    clearTimeout(this.timer);
    this.timer = undefined;
    const isHeldUp = [...this.waiting.values()].some(({ isPassed, isThere }) => isPassed && isThere);
    if ((this.opening.size === 0 && !isHeldUp) || this.isClosed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.finishDone();
      this.letThrough();
    }, PAUSE);
  }

  private finishDone(): void {
    for (const opening of this.opening) {
      const isOver = performance.now() - opening.since >= LONGEST_OPENING;
      if (isOver || opening.passed.every(waiting => this.isDone(waiting))) this.finish(opening);
    }
  }

  private finish(opening: Opening): void {
    this.opening.delete(opening);
    this.end(opening);
    for (const waiting of opening.passed) {
      waiting.attempts += 1;
      if (this.isDone(waiting)) this.waiting.delete(waiting.id);
      // It waits anew, and is told again; or its thread was stopped, and comes again later.
      else waiting.isThere = false;
    }
  }

  private isDone({ pid, threadId, faults }: Waiting): boolean {
    const now = this.kernel.faultsDone?.(pid, threadId);
    return now === undefined || now !== faults;
  }

  /** @returns what was told of changes, if any. */
  private end({ pages, passed, before }: Opening): WatchHit | undefined {
    const open = new Set([...this.opening, ...this.held.values()].flatMap(other => other.pages));
    const done = pages.filter(page => !open.has(page));
    for (const page of done) tolerantly(() => this.lent.shutPage(page));
    const shut = performance.now();
    for (const waiting of passed) this.passed.set(waiting.threadId, { waiting, shut, hasChanged: false });
    let told: WatchHit | undefined;
    for (const page of done) {
      const old = before.get(page);
      const now = old && readPage(this.kernel, this.pid, page);
      if (!old || !now) continue;
      const changes = changesIn(old, now, page, this.map.within(page));
      const late: Waiting[] = [];
      for (const [thread, last] of this.passed) {
        // One that was hindered, and found the page open for another.
        const isNear = !last.hasChanged && shut - last.shut < AT_ONCE && last.waiting.pages.includes(page);
        if (!isNear || !changes.some(change => mayBeOf(last.waiting, change))) continue;
        this.passed.set(thread, { ...last, hasChanged: true });
        late.push(last.waiting);
      }
      const hit = hitOfChanges({ page, before: old, after: now, changes }, [...passed, ...late], this.map);
      if (!hit) continue;
      told = { ...hit, id: this.nextId() };
      this.hits.fire(told);
    }
    return told;
  }
}

/** Lets the processor have whoever waits for it, for a millisecond. */
function pauseShortly(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** The program may have unmapped the page, or have ended. */
function tolerantly(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}
