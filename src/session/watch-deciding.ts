// A hit at which the program stands: where and by whom, whether its watch's condition holds, and so whether it is a stop or goes on.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { TrackerHandle } from "../agent/tracking.ts";
import { answered } from "../common/deadline.ts";
import type { Log } from "../common/log.ts";
import type { Debugger } from "../debuggers/debugger.ts";
import type { SourceLocation } from "../recording/step.ts";
import type { WatchHit } from "../tracker/watches/reports.ts";
import type { Phase } from "./phase.ts";
import type { Questions } from "./questions.ts";
import { holdsAfter, holdsBefore, needsStack, needsStore, type Seen } from "./watch-condition.ts";
import type { Hit, WatchRequest } from "./watch-hit.ts";
import { hitWords, systemCallWords } from "./watch-words.ts";

export interface TellingSurroundings {
  readonly log: Log;
  readonly tracker: TrackerHandle;
  readonly pid: number;
  readonly debugger: Debugger;
  /** How long an instruction may take, milliseconds. */
  readonly patience: number;
  phase(): Phase;
  questions(): Questions;
  book(): Promise<void>;
  /** The watch that was hit; undefined where it is none any more. */
  watchOf(hit: WatchHit): WatchRequest | undefined;
  /** @returns how often the watch was hit, this time counted. */
  count(watch: WatchRequest): number;
  /** @param halts the halt that is about it; undefined where the program went on. */
  told(hit: Omit<Hit, "number">, halts: number | undefined): void;
}

/** Frames that are asked for. */
const LEVELS = 50;

export class HitTeller {
  private readonly s: TellingSurroundings;
  /** Hits are told one after another. */
  private work: Promise<void> = Promise.resolve();
  private readonly counts = new Map<number, number>();
  private ended = false;
  /** The stop of an instruction of ours is waited for, and will say this. */
  private stepping: { readonly words: string; readonly done: () => void } | undefined;

  constructor(surroundings: TellingSurroundings) {
    this.s = surroundings;
  }

  /** Counts a hit; where it can be told from the number alone that it is none for the user, it is let through at once. */
  isWorthAHalt(hit: WatchHit): boolean {
    const watch = this.s.watchOf(hit);
    // The debugger's own writes while the program stands, on the user's behalf, are no news to anyone.
    const isDebuggers = hit.by === "another process" && this.s.phase().program === "stopped";
    if (!watch || isDebuggers) {
      this.pass(hit);
      return false;
    }
    const count = this.counts.get(hit.id) ?? this.s.count(watch);
    this.counts.set(hit.id, count);
    const { fromHit = 1 } = watch.condition ?? {};
    if (count >= fromHit) return true;
    this.pass(hit);
    return false;
  }

  /** The program has halted for a hit; `threadId` is the one the debugger told. */
  halted(hit: WatchHit, threadId: number): void {
    // Nothing is decided by its condition: it may be let go at any time from now on.
    if (!this.s.watchOf(hit)?.condition) this.pass(hit);
    this.work = this.work.then(() =>
      this.tell(hit, threadId).catch(error => {
        this.s.log.warn(() => `hit ${hit.id} could not be told: ${error instanceof Error ? error.message : error}`);
        this.pass(hit);
      }),
    );
  }

  /** The program could not be halted for it: told without its place. */
  letThrough(hit: WatchHit, why: string): void {
    this.pass(hit);
    const watch = this.s.watchOf(hit);
    if (!watch) return;
    const thread = this.s.debugger.quirks.numbersThreadsAsSystem ? hit.threadId : 0;
    const words = `${hitWords(watch, hit, true).replace(/^Stopped after a/, "A")} was let through: ${why}.`;
    this.s.told(
      { ...partsOf(hit, watch, thread, this.s.phase()), stack: [], stopped: false, isBefore: false, words },
      undefined,
    );
  }

  /** A stop that an instruction of ours ends at says what it is for, as {@link WatchHalts.recognize} does. */
  recognize(message: unknown): (() => void) | undefined {
    const { type, event, body } = (message ?? {}) as {
      type?: unknown;
      event?: unknown;
      body?: Record<string, unknown>;
    };
    const { stepping } = this;
    if (!stepping || type !== "event" || event !== "stopped" || typeof body !== "object" || body === null)
      return undefined;
    if (body.reason !== "step") return undefined;
    body.reason = "data breakpoint";
    body.description = stepping.words;
    body.text = stepping.words;
    return () => {};
  }

  onHalt(): void {
    this.stepping?.done();
  }

  async quiet(): Promise<void> {
    await this.work;
  }

  end(): void {
    this.ended = true;
    this.stepping?.done();
  }

  private async tell(hit: WatchHit, told: number): Promise<void> {
    const { phase, questions, log } = this.s;
    const watch = this.s.watchOf(hit);
    if (this.ended || !watch) return this.pass(hit);
    const then = phase();
    const isHere = (): boolean => !this.ended && phase().halts === then.halts && phase().runs === then.runs;
    const threadId = await this.threadOf(hit, told);
    const frames = isHere()
      ? await questions()
          .stack(threadId, LEVELS)
          .catch(() => [])
      : [];
    const stack = isHere() ? frames.map(locationOf) : [];
    const [place] = stack;
    const base = { ...partsOf(hit, watch, threadId, phase()), stack, ...(place ? { place } : {}) };
    if (!isHere()) {
      this.pass(hit);
      this.s.told({ ...base, stopped: false, isBefore: false, words: `${hitWords(watch, hit, false)}.` }, undefined);
      return;
    }
    if (hit.by === "store" && hit.waits && isElsewhere(frames[0], hit)) {
      // A signal's handler, or a jump, has come between: the store may never be done.
      log.debug(() => `hit ${hit.id}: its thread stands elsewhere by now`);
      this.pass(hit);
      return this.goOn(then, threadId);
    }
    const condition = watch.condition ?? {};
    const range = rangeOf(watch, hit);
    const seen: Seen = {
      hit: this.counts.get(hit.id) ?? 1,
      functions: stack.map(frame => frame.function),
      range,
      address: hit.address,
    };
    let holds = !needsStack(condition) || holdsBefore(condition, seen);
    let after = hit.after;
    let isBefore = hit.waits;
    if (holds && needsStore(condition)) {
      if (hit.waits) after = await this.afterStore(hit, threadId, `${hitWords(watch, hit, true)}`);
      else after ??= await this.bytesNow(hit);
      isBefore = false;
      holds = holdsAfter(condition, { ...seen, at: hit.start, before: hit.before, ...(after ? { after } : {}) });
    }
    this.pass(hit);
    const isStop = holds && watch.log !== true;
    const halts = phase().halts;
    const goesOn = !isStop && this.canGoOn(then);
    const words = `${hitWords(watch, hit, !isBefore)}${!isStop && !goesOn ? ", and the debugger can't take up the step that this cut short" : ""}.`;
    if (holds || !goesOn) {
      const full = { ...base, isBefore, ...(after ? { after } : {}), stopped: !goesOn, words };
      this.s.told(full, goesOn ? undefined : halts);
    }
    if (goesOn) await this.goOn(phase(), threadId);
  }

  /** Has the store done, and nothing else. @returns the bytes after it, where they can be read. */
  private async afterStore(hit: WatchHit, threadId: number, words: string): Promise<Uint8Array | undefined> {
    const { tracker, questions, phase, patience } = this.s;
    const { configuration, pid: announcedPid } = phase();
    await this.s.book();
    await tracker.watches.open(hit.id);
    const halted = new Promise<void>(resolve => {
      this.stepping = { words, done: resolve };
    });
    try {
      const context = { port: questions().patient(), threadId, announcedPid, configuration };
      const undo = await this.s.debugger.stepInstruction(context);
      try {
        await answered(halted, { what: "The debugger, asked for one instruction,", milliseconds: patience });
      } finally {
        await undo?.();
      }
      return await this.bytesNow(hit);
    } finally {
      this.stepping = undefined;
      await tracker.watches.shut(hit.id);
    }
  }

  private async bytesNow({ start, before }: WatchHit): Promise<Uint8Array | undefined> {
    if (before.length === 0) return undefined;
    return this.s.tracker.peek(this.s.pid, start, before.length).catch(() => undefined);
  }

  /** Whether letting the program go on is what it was about. */
  private canGoOn({ motion }: Phase): boolean {
    return motion === "continue" || motion === "run" || this.s.debugger.quirks.continuesSteps;
  }

  /** Lets the program go on, unless somebody did. */
  private async goOn(then: Phase, threadId: number): Promise<void> {
    const { phase, questions } = this.s;
    const isHere = (): boolean => !this.ended && phase().halts === then.halts && phase().runs === then.runs;
    if (!isHere() || !this.canGoOn(then)) return;
    await this.s.book();
    if (isHere()) await questions().patient().request("continue", { threadId });
  }

  private async threadOf(hit: WatchHit, told: number): Promise<number> {
    const { quirks, threadOf } = this.s.debugger;
    if (hit.by === "another process" || hit.threadId === 0) return told;
    if (quirks.numbersThreadsAsSystem) return hit.threadId;
    const { configuration, pid: announcedPid } = this.s.phase();
    const context = { port: this.s.questions().patient(), threadId: told, announcedPid, configuration };
    return (await threadOf?.(context, hit.threadId).catch(() => undefined)) ?? told;
  }

  private pass(hit: WatchHit): void {
    this.counts.delete(hit.id);
    if (hit.waits) this.s.tracker.watches.pass(hit.id).catch(error => this.s.log.warn(() => `hit ${hit.id}: ${error}`));
  }
}

/** What is known of a hit by itself. */
function partsOf(hit: WatchHit, watch: WatchRequest, threadId: number, { threadNames }: Phase) {
  const name = threadNames.get(threadId);
  const { address, by, before, start: beforeAt, systemCall } = hit;
  return {
    ...{ watch, address, by, before, beforeAt },
    thread: { id: threadId, ...(name ? { name } : {}) },
    ...(systemCall ? { systemCall: { ...systemCall, words: systemCallWords(systemCall) } } : {}),
  };
}

function rangeOf({ ranges }: WatchRequest, { address, start }: WatchHit) {
  const within = ranges.find(range => address >= range.start && address < range.end);
  return within ?? ranges.find(range => start >= range.start && start < range.end) ?? { start, end: start + 1 };
}

function locationOf({ source, line, name }: DebugProtocol.StackFrame): SourceLocation {
  const path = source?.path ?? source?.name;
  return { ...(path === undefined ? {} : { source: path }), line, function: name };
}

/** Whether the thread's innermost frame is at another instruction than the one that stores. */
function isElsewhere(frame: DebugProtocol.StackFrame | undefined, { pc }: WatchHit): boolean {
  const at = Number(frame?.instructionPointerReference);
  return pc !== undefined && Number.isSafeInteger(at) && at > 0 && at !== pc;
}
