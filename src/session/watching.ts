// Stop at Write in one debug session: which memory is watched, and what is told of each store into it.
import type { TrackerHandle } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import { Emitter } from "../common/emitter.ts";
import type { Log } from "../common/log.ts";
import { makeAnonymous } from "../debuggers/anonymous-copy.ts";
import type { CallContext, Debugger } from "../debuggers/debugger.ts";
import { takeThroughDebugger } from "../debuggers/injection.ts";
import { WATCH_UFFD_FLAGS } from "../kernel/abi.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import type { MissWay, WatchHit, WatchHurry, WatchReport } from "../tracker/watches/reports.ts";
import type { Owed } from "./arming.ts";
import type { Phase } from "./phase.ts";
import type { Questions } from "./questions.ts";
import { HitTeller } from "./watch-deciding.ts";
import { WatchHalts } from "./watch-halts.ts";
import { type Hit, missAsHit, type WatchRequest, type WatchState } from "./watch-hit.ts";
import { Veil } from "./watch-veil.ts";
import { hurryNote, isHurryNote, reportNotes } from "./watch-words.ts";

/** What the session gives; functions, for what they give may be another at the next call. */
export interface WatchSurroundings {
  readonly log: Log;
  /** How long a halt may take, milliseconds. */
  readonly patience: number;
  phase(): Phase;
  questions(): Questions;
  debugger(): Debugger | undefined;
  /** The armed memory; undefined where none is. */
  armed(): { readonly tracker: TrackerHandle; readonly pid: number } | undefined;
  arm(signal?: AbortSignal): Promise<void>;
  misses(): MissWay;
  /** Does what makes calls in the standing program. */
  calls<T>(work: () => Promise<T>): Promise<T>;
  owes(owed: Owed): void;
  /** Whether threads of the program, or devices, may write its memory while it stands. */
  mayBeWritten(): boolean;
  /** Books what was written since the last scan to the debugger. */
  book(): Promise<void>;
}

/** One tracker that the watches are set in. */
interface Attached {
  readonly tracker: TrackerHandle;
  readonly pid: number;
  readonly halts: WatchHalts;
  readonly teller: HitTeller;
  readonly veil: Veil;
  /** The watch of each range, in the order in which they were asked for. */
  ranges: readonly WatchRequest[];
  /** As many are watched. */
  pages: number;
  dispose(): void;
}

/** Hits that are kept; older ones are forgotten. */
const MOST_HITS = 1000;

const WAITING: WatchState = { state: "waiting", notes: ["It is watched from the program's next halt on."], hits: 0 };

export class Watching {
  /** A store met a watch: the program stands there, or it was told and went on. */
  readonly onHit = new Emitter<Hit>();
  /** How the watches stand has changed, or the present hit has. */
  readonly onChange = new Emitter<void>();

  private readonly s: WatchSurroundings;
  private requests: readonly WatchRequest[] = [];
  private states = new Map<string, WatchState>();
  private attached: Attached | undefined;
  private told: Hit[] = [];
  private number = 0;
  private present: { readonly hit: Hit; readonly halts: number } | undefined;
  /** What is set, and told, goes one after another. */
  private work: Promise<unknown> = Promise.resolve();
  /** The list is not what is watched: the next halt sets it. */
  private isOwed = false;

  constructor(surroundings: WatchSurroundings) {
    this.s = surroundings;
  }

  /** All watches of the list, in its order. */
  get list(): readonly WatchRequest[] {
    return this.requests;
  }

  /** @returns undefined where the list has none of that id. */
  state(id: string): WatchState | undefined {
    return this.states.get(id);
  }

  /** The hit at which the program stands; undefined where it runs, or stands for another reason. */
  get hit(): Hit | undefined {
    const { program, halts } = this.s.phase();
    return program === "stopped" && this.present?.halts === halts ? this.present.hit : undefined;
  }

  /** The hits of this run of the program, oldest first, as many as are kept. */
  get hits(): readonly Hit[] {
    return this.told;
  }

  /**
   * Watches just these, whatever was watched before. The first time the program must stand: a call of ours runs in it; it is armed
   * where it is not. While it runs, they are set at its next halt. What can't be watched is told by its {@link state}.
   * @throws {Error} none can be watched, with what was tried and the remedy. {Cancelled}
   */
  async set(list: readonly WatchRequest[], signal?: AbortSignal): Promise<void> {
    this.requests = list;
    this.states = new Map(list.map(({ id }) => [id, { ...WAITING, hits: this.states.get(id)?.hits ?? 0 }]));
    this.isOwed = true;
    this.onChange.fire();
    await this.inTurn(() => this.apply(signal));
  }

  /** Settles when all that is known of the present halt is told: whether it is a hit, and whether it stays one. */
  async quiet(): Promise<void> {
    await this.work;
    await this.attached?.teller.quiet();
  }

  /**
   * A message on its way from the adapter, before anyone reads it: a stop at a hit is made to say so, in place.
   * @returns what is to be done once it was read.
   */
  recognize(message: unknown): (() => void) | undefined {
    this.attached?.veil.cover(message);
    return this.attached?.halts.recognize(message);
  }

  /**
   * A message on its way to the adapter; what lets the program go from a store that waits is put off, in place, until that is done.
   * @param read reads it as it was sent; not called where it is ours, and nobody's concern.
   */
  toAdapter(message: unknown, read: () => void): void {
    const { attached } = this;
    if (attached?.veil.hides(message)) return;
    read();
    attached?.teller.toAdapter(message);
  }

  /** The program was let go. */
  onLetGo(): void {
    const had = this.present;
    this.present = undefined;
    this.attached?.halts.onLetGo();
    if (had) this.onChange.fire();
  }

  /** The program has halted. */
  onHalt(): void {
    if (this.isOwed && this.s.armed()) this.applyLater();
    this.rest();
  }

  private rest(): void {
    const { attached } = this;
    if (attached && attached.pages > 0) attached.teller.rest();
  }

  /** Memory was armed, or let go. */
  onArmed(): void {
    if (this.attached && this.attached.tracker !== this.s.armed()?.tracker) this.letGo();
    if (this.s.armed() && this.requests.length > 0) this.applyLater();
  }

  /** Another run of the program begins: its hits are counted anew. */
  onRun(): void {
    this.told = [];
    this.number = 0;
    this.present = undefined;
    for (const [id, state] of this.states) this.states.set(id, { ...state, hits: 0 });
    this.onChange.fire();
  }

  private letGo(): void {
    this.attached?.dispose();
    this.attached = undefined;
    this.isOwed = this.requests.length > 0;
    for (const { id } of this.requests) this.states.set(id, { ...WAITING, hits: this.states.get(id)?.hits ?? 0 });
    this.onChange.fire();
  }

  /** Not on the way of a message. */
  private applyLater(): void {
    setTimeout(() => {
      if (!this.isOwed) return;
      this.inTurn(() => this.apply()).catch(error => this.s.log.warn(() => `watches are not set: ${error}`));
    });
  }

  private async apply(signal?: AbortSignal): Promise<void> {
    if (!this.isOwed) return;
    if (!this.attached && this.requests.length === 0) {
      this.isOwed = false;
      return;
    }
    const { program, runs } = this.s.phase();
    if (program !== "stopped") return;
    const check = (): void => {
      if (signal?.aborted || this.s.phase().runs !== runs) throw new Cancelled();
    };
    try {
      if (!this.s.armed()) await this.s.arm(signal);
      check();
      const armed = this.s.armed();
      if (!armed) throw new Error("The memory is not armed.");
      this.attached ??= await this.attach(armed, signal);
      check();
      const { attached, requests } = this;
      attached.ranges = requests.flatMap(request => request.ranges.map(() => request));
      const report = await this.setIn(attached, requests, check);
      if (this.requests === requests) this.isOwed = false;
      attached.pages = report.pages;
      this.take(attached, report);
      this.rest();
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      const why = explainKernelError(error);
      this.isOwed = false;
      for (const { id } of this.requests) this.refuse(id, why);
      this.onChange.fire();
      throw new Error(why, { cause: error });
    }
  }

  /** Where stores can't wait in a file's private copy, where initialized globals are, that is made anonymous memory first. */
  private async setIn(attached: Attached, requests: readonly WatchRequest[], check: () => void): Promise<WatchReport> {
    const { tracker, pid } = attached;
    const ranges = requests.flatMap(({ ranges }) => ranges);
    const options = { misses: this.s.misses() };
    const report = await tracker.watches.set(ranges, options);
    check();
    const mappings = new Map(report.parts.flatMap(({ inPrivateFile: at }) => (at ? [[at.start, at] as const] : [])));
    const debug = this.s.debugger();
    if (!debug || mappings.size === 0 || this.s.mayBeWritten()) return report;
    // What was written there so far is the step's, or the debugger's, and must not become the copy's.
    await this.s.book();
    check();
    await this.s.calls(async () => {
      for (const mapping of mappings.values()) {
        const debuggee = { debugger: debug, context: this.context(), pid };
        await makeAnonymous(debuggee, tracker, mapping).catch(error =>
          this.s.log.warn(() => `0x${mapping.start.toString(16)} stays a file's: ${error}`),
        );
      }
    });
    // The tracker arms what is new now, and what it holds is nobody's write.
    await this.s.book();
    check();
    return tracker.watches.set(ranges, options);
  }

  private refuse(id: string, why: string): void {
    this.states.set(id, { state: "refused", notes: [why], hits: this.states.get(id)?.hits ?? 0 });
  }

  /** @throws {Error} the program could not be made to open a userfaultfd. */
  private async attach(
    { tracker, pid }: { tracker: TrackerHandle; pid: number },
    signal?: AbortSignal,
  ): Promise<Attached> {
    const debug = this.s.debugger();
    if (!debug) throw new Error("This debugger is not known.");
    const context = this.context(signal);
    if (debug.quirks.worksWithin) {
      await tracker.watches.attach(pid);
      return this.attachedTo(tracker, pid, debug);
    }
    const owes = (descriptor: number): void => this.s.owes({ pid, descriptor });
    await this.s.calls(async () => {
      await debug.keepHaltSignal?.(context);
      await takeThroughDebugger({ debugger: debug, context, pid, owes }, tracker, {
        flags: WATCH_UFFD_FLAGS,
        take: descriptor => tracker.watches.attach(pid, descriptor),
      }).catch(async error => {
        if (!isForbidden(error)) throw error;
        // Without the right to one the memory is looked at again and again; the report says so.
        await tracker.watches.attach(pid);
      });
    });
    return this.attachedTo(tracker, pid, debug);
  }

  private context(signal?: AbortSignal): CallContext {
    const { threadId = 1, pid: announcedPid, configuration } = this.s.phase();
    return { port: this.s.questions().patient(), threadId, signal, announcedPid, configuration };
  }

  private attachedTo(tracker: TrackerHandle, pid: number, debug: Debugger): Attached {
    const { log, patience, phase, questions } = this.s;
    const watchOf = (hit: WatchHit): WatchRequest | undefined => attached.ranges[hit.range];
    const port = () => questions().patient();
    const veil = new Veil({ debugger: debug, patience, phase, port });
    const teller = new HitTeller({
      ...{ log, tracker, pid, debugger: debug, veil, phase, questions, watchOf },
      count: watch => this.count(watch),
      goes: () => halts.onLetGo(),
      gone: () => halts.next(),
      surface: (hit, as) => halts.surface(hit, as),
      told: (hit, halts) => this.tell(hit, halts),
    });
    const halts = new WatchHalts({
      ...{ log, tracker, pid, quirks: debug.quirks, veil, patience, phase, port },
      words: hit => teller.words(hit),
      isHidden: hit => teller.isHidden(hit),
      halted: (hit, threadId) => teller.halted(hit, threadId),
      gaveUp: (hit, why) => {
        log.warn(() => `a write was let through: ${why}`);
        teller.letThrough(hit, why);
      },
    });
    const subscriptions = [
      tracker.watches.onHit(hit => {
        log.debug(() => `hit ${hit.id} at 0x${hit.address.toString(16)} in thread ${hit.threadId}, ${hit.by}`);
        if (teller.isWorthAHalt(hit)) halts.add(hit);
      }),
      tracker.watches.onMiss(told => {
        log.debug(() => `miss ${told.id} at 0x${told.address.toString(16)} in thread ${told.threadId}`);
        const miss = missAsHit(told);
        if (teller.isWorthAStep(miss)) halts.add(miss);
      }),
      tracker.watches.onHurry(hurry => this.noteHurry(attached, hurry)),
    ];
    const attached: Attached = {
      ...{ tracker, pid, halts, teller, veil },
      ranges: [],
      pages: 0,
      dispose: () => {
        for (const subscription of subscriptions) subscription.dispose();
        halts.end();
        teller.end();
      },
    };
    return attached;
  }

  private take(attached: Attached, report: WatchReport): void {
    const all = this.requests.flatMap(({ ranges }) => ranges);
    const why = this.s.debugger()?.quirks.worksWithin ? HELD_UP : undefined;
    const notes = reportNotes(
      why ? polled(report, why) : report,
      range => (all[range]?.end ?? 0) - (all[range]?.start ?? 0),
    );
    for (const request of this.requests) {
      const own = attached.ranges.flatMap((watch, range) => (watch === request ? [range] : []));
      const isWatched = report.parts.some(({ range }) => own.includes(range));
      this.states.set(request.id, {
        state: isWatched ? "watched" : "refused",
        notes: own.flatMap(range => notes.get(range) ?? []),
        hits: this.states.get(request.id)?.hits ?? 0,
      });
    }
    this.onChange.fire();
  }

  private noteHurry({ ranges }: Attached, { range, count }: WatchHurry): void {
    const watch = ranges[range];
    const state = watch && this.states.get(watch.id);
    if (!state) return;
    const notes = [...state.notes.filter(note => !isHurryNote(note)), hurryNote(count)];
    this.states.set(watch.id, { ...state, notes });
    this.onChange.fire();
  }

  /** @returns how often the watch was hit, this time counted. */
  private count({ id }: WatchRequest): number {
    const state = this.states.get(id) ?? WAITING;
    this.states.set(id, { ...state, hits: state.hits + 1 });
    this.onChange.fire();
    return state.hits + 1;
  }

  private tell(hit: Omit<Hit, "number">, halts: number | undefined): void {
    this.number += 1;
    const numbered = { ...hit, number: this.number };
    this.told = [...this.told.slice(1 - MOST_HITS), numbered];
    // One halt may be at several: the first is the one it is about.
    if (halts !== undefined && this.present?.halts !== halts) this.present = { hit: numbered, halts };
    this.onHit.fire(numbered);
    this.onChange.fire();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.work.then(work);
    this.work = result.catch(() => {});
    return result;
  }
}

const HELD_UP =
  "a store that waited would hold up the whole language, and its debugger with it, which works within the program. The program is paused after the write.";

/** The report with the true reason for looking at memory again and again: the kernel's was not asked. */
function polled(report: WatchReport, why: string): WatchReport {
  return { ...report, parts: report.parts.map(part => (part.way === "poll" ? { ...part, why } : part)) };
}

/** The full userfaultfd is for privileged programs. */
function isForbidden(error: unknown): boolean {
  return error instanceof KernelError && error.call === "userfaultfd" && error.code === "EPERM";
}
