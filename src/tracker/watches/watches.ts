// Stop at Write: stores to watched bytes wait, in whichever thread, until they are let through.
import type { Disposable } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import type { BlockedCall, Kernel, WriteFault } from "../../kernel/kernel.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import { addressOf, pageOf } from "../../memory/page.ts";
import type { Lent } from "./lent.ts";
import { bytesAt, changesIn, readPage } from "./page-bytes.ts";
import type { ByteRange, WatchHit, WatchMiss } from "./reports.ts";
import { WatchMap } from "./watch-map.ts";

/** The widest store of one instruction, bytes. */
const WIDEST_STORE = 64;
/** How long a page stays open for a store at most, milliseconds: its thread may have to wait for a processor. */
const LONGEST_OPENING = 20;
/** Looks at whether a store is done before others get a turn: each takes some 10 microseconds, a thread some 50 to wake. */
const QUICK_LOOKS = 12;
/** After which time it is looked again, milliseconds. */
const PAUSE = 1;
/** Runs of changed bytes that are told of one opening. */
const MOST_CHANGES = 256;

/** A store that waits, or did when it was last seen. */
interface Waiting {
  readonly id: number;
  readonly address: number;
  readonly threadId: number;
  /** Whose `threadId` it is. */
  readonly pid: number;
  readonly call: BlockedCall | undefined;
  readonly by: WatchHit["by"];
  /** Which of the ranges it writes to; -1 for a miss. */
  readonly range: number;
  readonly pages: readonly number[];
  /** {@link Kernel.faultsDone} when it began to wait. */
  readonly faults: number | undefined;
  /** How often its pages had been opened then. */
  readonly openings: number;
  /** It was told, and may be told again when it comes again. */
  readonly tell: () => void;
  /** Whether it is to be let through. */
  isPassed: boolean;
  /** Whether it waits, so far as is known: a debugger that stops the thread ends its wait, and it begins anew when that goes on. */
  isThere: boolean;
}

/** Pages that are open for stores. */
interface Opening {
  readonly pages: readonly number[];
  readonly passed: readonly Waiting[];
  readonly before: ReadonlyMap<number, Uint8Array>;
  readonly since: number;
}

export class Watches {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly lent: Lent;
  private readonly listening: Disposable;
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly openings = new Map<number, number>();
  private readonly opening = new Set<Opening>();
  /** Opened by {@link open}, by hit. */
  private readonly held = new Map<number, Opening>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private map = WatchMap.EMPTY;
  private steps = false;
  private lastId = 0;
  private isClosed = false;

  constructor(kernel: Kernel, pid: number, lent: Lent) {
    this.kernel = kernel;
    this.pid = pid;
    this.lent = lent;
    this.listening = lent.userfaultfd.onFault(() => this.read());
  }

  /** @param steps whether misses are told and wait for {@link open} and {@link shut}. */
  watch(map: WatchMap, steps: boolean): void {
    this.map = map;
    this.steps = steps;
    // What waits in a page that is watched no more was woken with its release.
    for (const [id, { pages }] of this.waiting) if (!pages.some(page => map.pages.has(page))) this.waiting.delete(id);
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  onMiss(listener: (miss: WatchMiss) => void): Disposable {
    return this.misses.listen(listener);
  }

  /** See {@link WatchHandle.pass}. */
  pass(id: number): void {
    const waiting = this.waiting.get(id);
    if (!waiting || waiting.isPassed) return;
    waiting.isPassed = true;
    if (this.kernel.isStopped?.(waiting.pid, waiting.threadId)) waiting.isThere = false;
    this.letThrough();
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
    const found = this.end(opening);
    return found;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.listening.dispose();
  }

  /** Reads which stores wait, and lets through what need not. */
  private read(): void {
    if (this.isClosed) return;
    for (const fault of this.lent.userfaultfd.readFaults()) this.meet(fault);
    this.letThrough();
  }

  private meet({ address, threadId }: WriteFault): void {
    const own = this.kernel.faultsDone?.(this.pid, threadId);
    const pid = own === undefined && this.kernel.faultsDone ? threadId : this.pid;
    const faults = own ?? this.kernel.faultsDone?.(pid, threadId);
    const call = this.kernel.blockedCall?.(pid, threadId);
    const pages = this.pagesOf(address);
    const openings = this.openingsOf(pages);
    for (const waiting of this.waiting.values()) {
      if (waiting.threadId !== threadId) continue;
      const isSame = waiting.address === address && waiting.call?.pc === call?.pc;
      if (isSame && (waiting.openings === openings || waiting.faults === faults)) {
        waiting.isThere = true;
        if (!waiting.isPassed) waiting.tell();
        return;
      }
      // It has gone on without that store; in a signal's handler, deeper in its stack, it would come back to it.
      if (waiting.isPassed && !waiting.isThere && (call?.sp ?? 0) >= (waiting.call?.sp ?? 0))
        this.waiting.delete(waiting.id);
    }
    this.lastId += 1;
    const id = this.lastId;
    const range = this.map.rangeAt(address);
    const by: WatchHit["by"] =
      pid !== this.pid ? "another process" : call?.kind === "system call" ? "system call" : "store";
    const isHit = range >= 0;
    const waits = by === "store" && (isHit || this.steps);
    const tell = isHit
      ? () => this.hits.fire(this.hitOf(id, { address, threadId, call, by, range }, waits))
      : () => this.misses.fire({ id, address, threadId, ...(call ? { pc: call.pc } : {}) });
    const common = { id, address, threadId, pid, call, by, range, pages, faults, openings, tell };
    this.waiting.set(id, { ...common, isPassed: !waits, isThere: true });
    if (isHit || waits) tell();
  }

  private hitOf(
    id: number,
    { address, threadId, call, by, range }: Pick<Waiting, "address" | "threadId" | "call" | "by" | "range">,
    waits: boolean,
  ): WatchHit {
    const { start, bytes } = bytesAt(this.kernel, this.pid, address, this.map.ranges[range]);
    const systemCall = call?.kind === "system call" ? { number: call.number, args: call.args } : undefined;
    return {
      ...{ id, address, threadId, by, waits, range, start, before: bytes },
      ...(call ? { pc: call.pc } : {}),
      ...(systemCall ? { systemCall } : {}),
    };
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
    const undecided = new Set<number>();
    for (const waiting of this.waiting.values()) {
      if (waiting.isPassed || !waiting.isThere) continue;
      if (asked.some(({ pages }) => pages.some(page => waiting.pages.includes(page))) && !this.stillWaits(waiting)) {
        waiting.isThere = false;
        continue;
      }
      for (const page of waiting.pages) undecided.add(page);
    }
    for (const waiting of asked) {
      if (waiting.pages.some(page => undecided.has(page))) continue;
      if ([...this.opening].some(({ passed }) => passed.includes(waiting))) continue;
      const together = asked.filter(
        other => other.pages.every(page => waiting.pages.includes(page)) && !undecided.has(other.pages[0]),
      );
      this.opening.add(this.begin(waiting.pages, together));
    }
    this.lookAfter();
  }

  private stillWaits({ pid, threadId, call }: Waiting): boolean {
    if (!this.kernel.blockedCall || this.kernel.isStopped?.(pid, threadId)) return false;
    return this.kernel.blockedCall(pid, threadId)?.pc === call?.pc;
  }

  private begin(pages: readonly number[], passed: readonly Waiting[]): Opening {
    const before = new Map<number, Uint8Array>();
    for (const page of pages) {
      const bytes = readPage(this.kernel, this.pid, page);
      if (bytes) before.set(page, bytes);
      this.openings.set(page, (this.openings.get(page) ?? 0) + 1);
    }
    for (const page of pages) this.tolerantly(() => this.lent.openPage(page));
    return { pages, passed, before, since: performance.now() };
  }

  /** Protects again what was opened for stores that are done. */
  private lookAfter(): void {
    for (let look = 0; look < QUICK_LOOKS && this.opening.size > 0; look += 1) this.endDone();
    clearTimeout(this.timer);
    this.timer = undefined;
    const isHeldUp = [...this.waiting.values()].some(({ isPassed, isThere }) => isPassed && isThere);
    if ((this.opening.size === 0 && !isHeldUp) || this.isClosed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.endDone();
      this.letThrough();
    }, PAUSE);
  }

  private endDone(): void {
    for (const opening of this.opening) {
      const isDone = opening.passed.every(waiting => this.isDone(waiting));
      if (!isDone && performance.now() - opening.since < LONGEST_OPENING) continue;
      this.opening.delete(opening);
      this.end(opening);
      for (const waiting of opening.passed) {
        if (this.isDone(waiting)) this.waiting.delete(waiting.id);
        // Its thread was stopped, and comes again.
        else waiting.isThere = false;
      }
    }
  }

  private isDone({ pid, threadId, faults }: Waiting): boolean {
    const now = this.kernel.faultsDone?.(pid, threadId);
    return now === undefined || now !== faults;
  }

  /** @returns what was told of changes, if any. */
  private end({ pages, passed, before }: Opening): WatchHit | undefined {
    const isElsewhere = (page: number): boolean =>
      [...this.opening, ...this.held.values()].some(other => other.pages.includes(page));
    let told: WatchHit | undefined;
    for (const page of pages) {
      if (isElsewhere(page)) continue;
      this.tolerantly(() => this.lent.shutPage(page));
      const old = before.get(page);
      const now = old && readPage(this.kernel, this.pid, page);
      if (!old || !now) continue;
      const changes = changesIn(old, now, page, this.map.within(page));
      told = this.tellChanges(page, changes, passed, old, now) ?? told;
    }
    return told;
  }

  private tellChanges(
    page: number,
    changes: readonly ByteRange[],
    passed: readonly Waiting[],
    old: Uint8Array,
    now: Uint8Array,
  ): WatchHit | undefined {
    const isOf = ({ address, by }: Waiting, { start }: ByteRange): boolean =>
      start >= address && (by !== "store" || start < address + WIDEST_STORE);
    const others = changes.filter(change => !passed.some(waiting => waiting.range >= 0 && isOf(waiting, change)));
    if (others.length === 0) return undefined;
    const first = others[0];
    const miss = passed.find(waiting => isOf(waiting, first));
    const range = this.map.rangeAt(first.start);
    const all = this.map.ranges[range];
    const start = Math.max(all.start, addressOf(page), Math.min(first.start, all.end - WIDEST_STORE));
    const end = Math.min(all.end, addressOf(page + 1), start + WIDEST_STORE);
    const part = (bytes: Uint8Array): Uint8Array => bytes.slice(start - addressOf(page), end - addressOf(page));
    this.lastId += 1;
    const hit: WatchHit = {
      id: this.lastId,
      address: first.start,
      threadId: miss?.threadId ?? 0,
      by: miss?.by ?? "unknown",
      waits: false,
      range,
      start,
      before: part(old),
      after: part(now),
      changed: others.slice(0, MOST_CHANGES),
      words: miss
        ? "a store that began beside the range reached into it, and was let through"
        : "changed while the store of another thread, or one to a neighbour, was let through",
      ...(miss?.call ? { pc: miss.call.pc } : {}),
      ...(miss?.call?.kind === "system call" ? { systemCall: { number: miss.call.number, args: miss.call.args } } : {}),
    };
    this.hits.fire(hit);
    return hit;
  }

  /** The program may have unmapped the page, or have ended. */
  private tolerantly(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
    }
  }
}
