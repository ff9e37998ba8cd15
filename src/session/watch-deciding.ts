// A hit at which the program stands: where and by whom, whether its watch's condition holds, and so whether it is a stop or goes on.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { TrackerHandle } from "../agent/tracking.ts";
import type { Log } from "../common/log.ts";
import type { Debugger } from "../debuggers/debugger.ts";
import type { SourceLocation } from "../recording/step.ts";
import type { WatchHit } from "../tracker/watches/reports.ts";
import { isInstructions } from "./events.ts";
import type { Phase } from "./phase.ts";
import type { Questions } from "./questions.ts";
import { holdsAfter, holdsBefore, needsStack, needsStore, type Seen } from "./watch-condition.ts";
import { type Hit, isMiss, type WatchRequest } from "./watch-hit.ts";
import type { PutOff, Veil } from "./watch-veil.ts";
import { hitWords, systemCallWords } from "./watch-words.ts";

export interface TellingSurroundings {
  readonly log: Log;
  readonly tracker: TrackerHandle;
  readonly pid: number;
  readonly debugger: Debugger;
  readonly veil: Veil;
  phase(): Phase;
  questions(): Questions;
  /** The watch that was hit; undefined where it is none any more. */
  watchOf(hit: WatchHit): WatchRequest | undefined;
  /** @returns how often the watch was hit, this time counted. */
  count(watch: WatchRequest): number;
  /** The program goes on, unseen: whatever waits is to be halted for anew. */
  goes(): void;
  /** It has gone. */
  gone(): void;
  /** Has the program, which stands unseen, stand where all see it. */
  surface(hit: WatchHit, as: "hit" | "step"): Promise<void>;
  /** @param halts the halt that is about it; undefined where the program went on. */
  told(hit: Omit<Hit, "number">, halts: number | undefined): void;
}

/** A hit as far as it is known, without the words that depend on what becomes of it. */
type Draft = Omit<Hit, "number" | "words" | "stopped">;

/** A store that waits while the program stands before it, for all to see. */
interface Standing {
  readonly hit: WatchHit;
  readonly threadId: number;
  /** Where, once that is known. */
  place?: SourceLocation | undefined;
}

/** Frames that are asked for. */
const LEVELS = 50;

const CONTINUE = "continue";

/** So long other requests may take before what is watched is watched again, whatever comes of them, milliseconds. */
const LONGEST_ANSWER = 5000;

export class HitTeller {
  private readonly s: TellingSurroundings;
  /** Hits are told one after another. */
  private work: Promise<void> = Promise.resolve();
  /** How often its watch had been hit with it, for each hit that is not let through. */
  private readonly counts = new Map<number, number>();
  /** Hits that were decided on while nobody saw the program stand. */
  private readonly decided = new Map<number, Draft>();
  private standing: Standing | undefined;
  /** Settles when nothing is watched, while the program stands; undefined where it is. */
  private resting: Promise<void> | undefined;
  private ended = false;

  constructor(surroundings: TellingSurroundings) {
    this.s = surroundings;
  }

  /**
   * @returns whether the program is to be halted for a miss, and its store done alone; else it is let through among others, since a
   * step would be cut short by it, or nobody but all could be halted.
   */
  isWorthAStep(miss: WatchHit): boolean {
    const { debugger: debug, phase } = this.s;
    const then = phase();
    if (this.standsStill()) {
      this.passNow(miss);
      return false;
    }
    const canStep = debug.quirks.haltSignal !== undefined && !then.othersRun && this.canGoOn(then);
    if (!canStep) this.pass(miss);
    return canStep;
  }

  /** The program stands, and nothing of it runs but what the debugger calls in it. */
  private standsStill(): boolean {
    const { program, othersRun } = this.s.phase();
    return (program === "stopped" && !othersRun) || this.s.veil.isStill;
  }

  /** A store that a debugger's call in the standing program makes; a thread's own, which was told late, comes again. */
  private passNow({ id }: WatchHit): void {
    this.s.tracker.watches.pass(id, true).catch(error => this.s.log.warn(() => `hit ${id}: ${error}`));
  }

  /** Counts a hit. @returns whether it is one to halt for; else it is let through at once. */
  isWorthAHalt(hit: WatchHit): boolean {
    const watch = this.s.watchOf(hit);
    // The debugger's own writes while the program stands, on the user's behalf, are no news to anyone.
    const isDebuggers = hit.by === "another process" && this.s.phase().program === "stopped";
    if (!watch || isDebuggers) {
      this.pass(hit);
      return false;
    }
    if (hit.waits && this.standsStill()) {
      this.passNow(hit);
      return false;
    }
    if (!this.counts.has(hit.id)) this.counts.set(hit.id, this.s.count(watch));
    return true;
  }

  /** Whether nobody is to see the program stand for this hit, until it is decided on. */
  isHidden(hit: WatchHit): boolean {
    if (isMiss(hit)) return true;
    const { condition = {}, log } = this.s.watchOf(hit) ?? {};
    const isEarly = (this.counts.get(hit.id) ?? 1) < (condition.fromHit ?? 1);
    const isOpen = log === true || isEarly || needsStack(condition) || needsStore(condition);
    // Only by a signal a program that stands unseen can be made to stand anew.
    return isOpen && !this.decided.has(hit.id) && this.s.debugger.quirks.haltSignal !== undefined;
  }

  /** What the window is to show of a halt at this hit. */
  words(hit: WatchHit): string {
    const watch = this.s.watchOf(hit);
    const isDone = !hit.waits || this.decided.get(hit.id)?.isBefore === false;
    return watch ? hitWords(watch, hit, isDone) : "Stopped at a write";
  }

  /** The program has halted for a hit; `threadId` is the one the debugger told. */
  halted(hit: WatchHit, threadId: number): void {
    const draft = this.decided.get(hit.id);
    // Under the veil whatever is asked for waits until it is decided.
    if (hit.waits && draft?.isBefore !== false && !this.s.veil.isRaised) this.standing = { hit, threadId };
    this.enqueue(hit, () => {
      if (isMiss(hit)) return this.stepOver(hit, threadId);
      return draft ? this.tellDecided(hit, draft) : this.tell(hit, threadId);
    });
  }

  /** The program could not be halted for it: told without its place. */
  letThrough(hit: WatchHit, why: string): void {
    this.pass(hit);
    const watch = this.s.watchOf(hit);
    if (!watch) return;
    const thread = this.s.debugger.quirks.numbersThreadsAsSystem ? hit.threadId : 0;
    const what = hitWords(watch, hit, true);
    const words = hit.waits ? `${what.replace(/^Stopped after a/, "A")} was let through: ${why}.` : `${what}; ${why}.`;
    this.s.told({ ...this.draft(hit, watch, thread), stopped: false, isBefore: false, words }, undefined);
  }

  /**
   * The program stands for all to see: until it is let go nothing is watched, for the kernel lets no debugger write to what is
   * (a variable that the user sets, a frame for a call).
   */
  rest(): void {
    const { phase } = this.s;
    if (!this.ended && phase().program === "stopped" && !phase().othersRun) this.unwatch();
  }

  private unwatch(): void {
    const { log, tracker } = this.s;
    this.resting = tracker.watches
      .suspend()
      .catch(error => log.warn(() => `watches stay while the program stands: ${error}`));
  }

  /**
   * What is watched is watched again. Before that everybody gets the answers that are under way: a debugger that may not write the frame
   * of a call leaves the thread with other registers than it had (lldb 19).
   */
  private async awake(): Promise<void> {
    const { log, phase, tracker } = this.s;
    if (!this.resting) return;
    const begun = performance.now();
    while (phase().inFlight.size > 0 && performance.now() - begun < LONGEST_ANSWER && !this.ended) await aMillisecond();
    await this.resting;
    this.resting = undefined;
    await tracker.watches.resume().catch(error => log.error(() => `nothing is watched any more: ${error}`));
  }

  /**
   * A message on its way to the adapter: where it would let the program go, what is watched is watched again first; and a store that
   * waits is done, alone, since whatever else ran meanwhile could store unseen.
   */
  toAdapter(message: unknown): void {
    const { standing, resting } = this;
    if ((!standing && !resting) || this.s.veil.isRaised || this.ended) return;
    const asked = this.s.veil.divert(message);
    if (!asked) return;
    this.standing = undefined;
    this.enqueue(standing?.hit, () => (standing ? this.passAndGo(standing, asked) : this.go(asked)));
  }

  async quiet(): Promise<void> {
    for (let last: unknown; last !== this.work; ) {
      last = this.work;
      await last;
    }
  }

  end(): void {
    this.ended = true;
    this.standing = undefined;
    this.s.veil.drop();
  }

  private enqueue(hit: WatchHit | undefined, work: () => Promise<void>): void {
    this.work = this.work.then(work).catch(error => {
      this.s.log.warn(() => `${hit ? `hit ${hit.id}` : "going on"}: ${error instanceof Error ? error.message : error}`);
      if (hit) this.pass(hit);
      this.s.veil.drop();
    });
  }

  private async passAndGo({ hit, threadId, place }: Standing, asked: PutOff): Promise<void> {
    const { log } = this.s;
    const isAlone = await this.store(hit, threadId).catch(error => {
      log.warn(() => `hit ${hit.id} is let through among others: ${error instanceof Error ? error.message : error}`);
      this.pass(hit);
      return true;
    });
    if (!isAlone) return;
    if (await this.isStepDone(asked, place, threadId)) await this.surface(hit, "step");
    else await this.go(asked);
  }

  /** Whether the storing instruction was the last one of what was asked for. */
  private async isStepDone(
    { command, args }: PutOff,
    place: SourceLocation | undefined,
    threadId: number,
  ): Promise<boolean> {
    const { granularity } = args as { granularity?: unknown };
    if (command !== "next" && command !== "stepIn") return false;
    if (granularity === "instruction") return true;
    const [frame] = await this.frames(threadId);
    return frame !== undefined && place !== undefined && (frame.line !== place.line || frame.name !== place.function);
  }

  private async tell(hit: WatchHit, told: number): Promise<void> {
    const { phase, veil, log } = this.s;
    const watch = this.s.watchOf(hit);
    const isVeiled = veil.isRaised;
    const then = phase();
    const isHere = (): boolean =>
      !this.ended && (isVeiled ? veil.isRaised : phase().halts === then.halts && phase().runs === then.runs);
    if (!watch || this.ended) return this.leave(hit, told, isVeiled);
    const threadId = await this.threadOf(hit, told);
    const frames = isHere() ? await this.frames(threadId) : [];
    const draft = this.draft(hit, watch, threadId, isHere() ? frames : []);
    if (this.standing?.hit.id === hit.id) this.standing.place = draft.place;
    if (!isHere())
      return this.s.told({ ...draft, stopped: false, words: `${hitWords(watch, hit, false)}.` }, undefined);
    if (hit.by === "store" && hit.waits && isElsewhere(frames, hit)) {
      log.debug(() => `hit ${hit.id}: its thread stands elsewhere by now`);
      return this.leave(hit, threadId, isVeiled);
    }
    const { holds, after, isDone } = await this.decide(hit, watch, draft, threadId);
    const decided: Draft = { ...draft, isBefore: draft.isBefore && !isDone, ...(after ? { after } : {}) };
    const isStop = holds && watch.log !== true;
    if (isStop || !this.canGoOn(then)) {
      const noted = isStop ? "" : ", and the debugger can't take up the step that this has cut short";
      if (isVeiled) await this.surfaceAs(hit, decided);
      else
        this.s.told(
          { ...decided, stopped: true, words: `${hitWords(watch, hit, !decided.isBefore)}${noted}.` },
          phase().halts,
        );
      return;
    }
    if (holds)
      this.s.told({ ...decided, stopped: false, words: `${hitWords(watch, hit, !decided.isBefore)}.` }, undefined);
    if (hit.waits && !isDone && isVeiled && !(await this.store(hit, threadId))) return;
    this.counts.delete(hit.id);
    await this.goOn(threadId, isVeiled);
  }

  /** Has a miss's store done while nobody sees the program stand. */
  private async stepOver(miss: WatchHit, threadId: number): Promise<void> {
    const thread = await this.threadOf(miss, threadId);
    if (!this.ended && (await this.store(miss, thread))) await this.goOn(threadId, true);
  }

  /** A hit that was decided on before, at the halt that all see. */
  private async tellDecided(hit: WatchHit, draft: Draft): Promise<void> {
    this.decided.delete(hit.id);
    this.counts.delete(hit.id);
    if (this.standing?.hit.id === hit.id) this.standing.place = draft.place;
    const watch = this.s.watchOf(hit) ?? draft.watch;
    this.s.told({ ...draft, stopped: true, words: `${hitWords(watch, hit, !draft.isBefore)}.` }, this.s.phase().halts);
  }

  private async surfaceAs(hit: WatchHit, draft: Draft): Promise<void> {
    this.decided.set(hit.id, draft);
    await this.surface(hit, "hit");
  }

  private async surface(hit: WatchHit, as: "hit" | "step"): Promise<void> {
    await this.awake();
    await this.s.surface(hit, as);
  }

  private async decide(
    hit: WatchHit,
    watch: WatchRequest,
    { stack }: Draft,
    threadId: number,
  ): Promise<{ holds: boolean; isDone: boolean; after?: Uint8Array }> {
    const { condition = {} } = watch;
    const seen: Seen = {
      hit: this.counts.get(hit.id) ?? 1,
      functions: stack.map(frame => frame.function),
      range: rangeOf(watch, hit),
      address: hit.address,
    };
    if (!holdsBefore(condition, seen)) return { holds: false, isDone: false };
    if (!needsStore(condition)) return { holds: true, isDone: false, ...(hit.after ? { after: hit.after } : {}) };
    const isSeen = !this.s.veil.isRaised;
    if (hit.waits) {
      if (isSeen) this.s.veil.raise();
      this.standing = undefined;
      await this.store(hit, threadId);
      if (isSeen) {
        this.s.veil.drop();
        this.rest();
      }
    }
    const after = hit.after ?? (await this.bytesNow(hit));
    const holds = holdsAfter(condition, { ...seen, at: hit.start, before: hit.before, ...(after ? { after } : {}) });
    return { holds, isDone: true, ...(after ? { after } : {}) };
  }

  /** Has the store done, and nothing else. @returns whether nothing else came of it. */
  private async store(hit: WatchHit, threadId: number): Promise<boolean> {
    const { watches } = this.s.tracker;
    await this.awake();
    await watches.open(hit.id);
    try {
      return await this.s.veil.step(threadId);
    } finally {
      this.counts.delete(hit.id);
      await watches.shut(hit.id);
    }
  }

  /** Nothing is to be told of it, and it was the reason to halt. */
  private async leave(hit: WatchHit, threadId: number, isVeiled: boolean): Promise<void> {
    this.pass(hit);
    if (this.canGoOn(this.s.phase())) await this.goOn(threadId, isVeiled);
  }

  private async bytesNow({ start, before }: WatchHit): Promise<Uint8Array | undefined> {
    if (before.length === 0) return undefined;
    return this.s.tracker.peek(this.s.pid, start, before.length).catch(() => undefined);
  }

  private async frames(threadId: number): Promise<DebugProtocol.StackFrame[]> {
    // It has the program called, in C++ programs, on the stack that may be watched.
    if (!this.s.debugger.quirks.harmless.has("stackTrace")) {
      if (!this.resting) this.unwatch();
      await this.resting;
    }
    return this.s
      .questions()
      .stack(threadId, LEVELS)
      .catch(() => []);
  }

  /** Whether letting the program go on is what it was about. */
  private canGoOn({ motion }: Phase): boolean {
    return motion === CONTINUE || motion === "run" || this.s.debugger.quirks.continuesSteps;
  }

  private async goOn(threadId: number, isVeiled: boolean): Promise<void> {
    const asked = { command: CONTINUE, args: { threadId } };
    if (isVeiled) await this.go(asked);
    else await this.s.questions().patient().request(asked.command, asked.args);
  }

  private async go(asked: PutOff): Promise<void> {
    if (this.ended || !this.s.veil.isRaised) return;
    await this.awake();
    this.s.goes();
    await this.s.veil.release(asked);
    this.s.gone();
  }

  private async threadOf(hit: WatchHit, told: number): Promise<number> {
    const { debugger: debug, phase, questions } = this.s;
    if (hit.by === "another process" || hit.threadId === 0) return told;
    if (debug.quirks.numbersThreadsAsSystem) return hit.threadId;
    // The signal was told of the very thread.
    if (debug.quirks.haltSignal && hit.by === "store") return told;
    const { configuration, pid: announcedPid } = phase();
    const context = { port: questions().patient(), threadId: told, announcedPid, configuration };
    return (await debug.threadOf?.(context, hit.threadId).catch(() => undefined)) ?? told;
  }

  private pass(hit: WatchHit): void {
    this.counts.delete(hit.id);
    this.decided.delete(hit.id);
    if (this.standing?.hit.id === hit.id) this.standing = undefined;
    if (hit.waits) this.s.tracker.watches.pass(hit.id).catch(error => this.s.log.warn(() => `hit ${hit.id}: ${error}`));
  }

  private draft(
    hit: WatchHit,
    watch: WatchRequest,
    threadId: number,
    frames: readonly DebugProtocol.StackFrame[] = [],
  ): Draft {
    const name = this.s.phase().threadNames.get(threadId);
    const stack = frames.map(locationOf);
    const [place] = stack;
    const { address, by, before, start: beforeAt, systemCall, after } = hit;
    return {
      ...{ watch, address, by, before, beforeAt, stack, isBefore: hit.waits },
      thread: { id: threadId, ...(name ? { name } : {}) },
      ...(place ? { place } : {}),
      ...(after ? { after } : {}),
      ...(systemCall ? { systemCall: { ...systemCall, words: systemCallWords(systemCall) } } : {}),
    };
  }
}

function rangeOf({ ranges }: WatchRequest, { address, start }: WatchHit) {
  const within = ranges.find(range => address >= range.start && address < range.end);
  return within ?? ranges.find(range => start >= range.start && start < range.end) ?? { start, end: start + 1 };
}

function locationOf({ source, line, name }: DebugProtocol.StackFrame): SourceLocation {
  if (source && isInstructions(source)) return { line: 0, function: name };
  const path = source?.path ?? source?.name;
  return { ...(path === undefined ? {} : { source: path }), line, function: name };
}

/**
 * Whether the thread has come to another place since, from which it will return to its store: a signal's handler. A debugger may
 * have had the instruction made elsewhere, beside a breakpoint of its own: that is no such place.
 */
function isElsewhere([innermost, ...outer]: readonly DebugProtocol.StackFrame[], { pc }: WatchHit): boolean {
  return pc !== undefined && addressOf(innermost) !== pc && outer.some(frame => addressOf(frame) === pc);
}

function addressOf(frame: DebugProtocol.StackFrame | undefined): number {
  return Number(frame?.instructionPointerReference);
}

function aMillisecond(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, 1);
  });
}
