// Makes steps of halts: scans at each, tells what was written, books what the debugger wrote between, and joins what can't be told apart.
import type { ContentsHandle } from "../agent/contents.ts";
import type { TrackerHandle } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import type { Changes } from "../memory/contents/changes.ts";
import { PageSet } from "../memory/page-set.ts";
import type { ChangedNames } from "../recording/changed-names.ts";
import type { CopiesRecord } from "../recording/file/records.ts";
import type { LiveRecording } from "../recording/live.ts";
import {
  type Doubt,
  kernelPages,
  type Motion,
  NOTHING_TOLD,
  type SourceLocation,
  type Step,
} from "../recording/step.ts";
import type { MemoryChoice } from "../tracker/choice.ts";
import type { Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import { LiveMemory } from "./live-memory.ts";
import { copiesOf, pageNumbers } from "./page-copies.ts";
import type { Phase } from "./phase.ts";
import type { Places } from "./places.ts";
import { type ContentsSurroundings, StepContentsReader } from "./step-contents.ts";
import type { Bytes, ToldLocals } from "./step-locals.ts";
import { type AskLocals, namesOf } from "./step-names.ts";

/** What a session gives its steps. */
export interface StepSurroundings {
  readonly tracker: TrackerHandle;
  /** The armed process. */
  readonly pid: number;
  readonly recording: LiveRecording;
  readonly places: Places;
  /** Another program ran in its place before this arming, which followed by itself. */
  readonly isReplaced?: boolean;
  /** Where the program stood when it was armed. */
  readonly place?: SourceLocation;
  /** Evaluating a breakpoint's condition may write the program's memory, with this debugger. */
  readonly conditionsWrite: boolean;
  /** The debugger works within the program's process ({@link Quirks.worksWithin}). */
  readonly debuggerWithin: boolean;
  phase(): Phase;
  /** Whether anyone wants to know which pages are in memory. */
  wantsResident(): boolean;
  /** Sees to it that the place of the present halt is asked for, if nobody else does. */
  askForPlace(): void;
  told(step: Step): void;
  /** Whether the debugger still holds the armed process; absent: it holds no other. */
  isHeld?(): Promise<boolean>;
  /** It holds another one: a child that it was told to follow. */
  strayed?(): void;
  /** The tracker's memory is gone. */
  lost(error: unknown): void;
  /** Tells which locals lie in changed bytes of the stack, and lead to the heap; absent: nobody is asked. @throws {Cancelled} */
  locals?(stack: readonly Bytes[], hasBlocks: boolean, signal: AbortSignal): Promise<ToldLocals>;
  /** How long the program must stand before the debugger is asked for them, milliseconds. */
  readonly localsAfter?: number;
  /** What a step changed could not be named. */
  unnamed(error: unknown): void;
}

/**
 * What a step reports is exact under one condition: its scan was answered before anyone let the program go again, and its place was.
 * Where the program was let go before, nothing is guessed: the step stays open, and the next halt's pages and place join it. So a
 * step may span several stops, and says so; it never has another step's pages or another line.
 *
 * Between a halt's scan and the next resumption all that is written is the debugger's. A scan after each answer that may have
 * written takes it; where the program is let go before that scan, the next step says that some of its pages may be the debugger's.
 * Where other threads run on while one stands, all that is theirs, and so the next step's, and that step says the same.
 */
export class Steps {
  private readonly s: StepSurroundings;
  /** Work on the tracker goes one piece after another. */
  private queue: Promise<unknown> = Promise.resolve();
  private ended = false;
  private layout: Layout;
  /** The last step told, while the next halt may still join it. */
  private open: Step | undefined;
  /** How often the program had gone when the last step was closed: all before is told. */
  private closedGoes: number;
  /** The last halt whose scan is in. */
  private scannedHalt: number;
  private place: SourceLocation | undefined;
  private nextNumber: number;
  private byDebugger = PageSet.EMPTY;
  /** Pages that a booking found after the program had been let go: the next step's, perhaps. */
  private carried = PageSet.EMPTY;
  private readonly doubts = new Set<Doubt>();
  /** Threads at which the armed process has halted: another one may be another process's. */
  private readonly threads = new Set<number>();
  /** Counts requests that may write; and how many there had been when the program was let go last. */
  private asked = 0;
  private askedAtLetGo = 0;
  /** Something may have been written since the last scan, on the debugger's part. */
  private unbooked = false;
  private bookingWaits = false;
  /** Scans of halts that have not begun: the step is not whole before. */
  private haltsWaiting = 0;
  private whenClosed: (() => void)[] = [];
  /** Tells the bytes of the pages; undefined where nobody asked for them. */
  private readonly contents: StepContentsReader | undefined;
  private localizing: Promise<void> = Promise.resolve();
  /** Ends waiting for the debugger's word on locals. */
  private asking: AbortController | undefined;
  private readonly memory: LiveMemory;
  /** What is in doubt at every step. */
  private readonly lasting: readonly Doubt[];
  /** Names are asked for beside the queue: no scan waits for them. */
  private naming: Promise<void> = Promise.resolve();
  /** Pages known to hold what the kernel writes by itself: they do not move. */
  private ownPages = PageSet.EMPTY;

  /** The memory was armed at the present halt, and has this layout. */
  constructor(surroundings: StepSurroundings, layout: Layout) {
    this.s = surroundings;
    this.layout = layout;
    this.place = surroundings.place;
    this.lasting = surroundings.debuggerWithin ? ["debugger within"] : [];
    if (surroundings.isReplaced) this.doubts.add("program replaced");
    const { goes, halts, threadId } = surroundings.phase();
    if (threadId !== undefined) this.threads.add(threadId);
    this.closedGoes = goes;
    this.scannedHalt = halts;
    this.nextNumber = (surroundings.recording.steps.last?.number ?? 0) + 1;
    const { contents } = surroundings.tracker;
    this.contents = contents && new StepContentsReader(this.contentsSurroundings(contents));
    this.memory = new LiveMemory({ ...surroundings, contents: this.contents, stands: () => this.stands() });
    surroundings.recording.memory = this.memory;
    // Which pages are in memory; what else happened since the arming is the debugger's.
    void this.enqueue(() => this.settleForDebugger()).then(() => this.contents?.copyAhead());
  }

  /** The program has halted, or a halt has proved to go on. */
  halted(): void {
    const then = this.s.phase();
    this.haltsWaiting += 1;
    void this.enqueue(() => {
      this.haltsWaiting -= 1;
      return this.takeHalt(then);
    });
  }

  /** A request that may write was sent. */
  onAsked(): void {
    this.asked += 1;
    this.unbooked = true;
  }

  /** One was answered: what it wrote is the debugger's. Many answers at once take one scan. */
  onAnswered(): void {
    if (this.s.phase().program !== "stopped" || this.bookingWaits) return;
    this.bookingWaits = true;
    void this.enqueue(() => this.book());
  }

  /** The program is being let go: what can't be told apart from the next step any more is doubted now. `phase` is from before. */
  onLetGo(phase: Phase): void {
    if ([...phase.inFlight.values()].includes(true)) this.doubts.add("edit in flight");
    else if (this.unbooked || phase.inFlight.size > 0) this.doubts.add("debugger in flight");
    const conditions = [...phase.conditions.values()].some(count => count > 0);
    if (conditions && this.s.conditionsWrite) this.doubts.add("conditions evaluated");
    this.unbooked = false;
    this.askedAtLetGo = this.asked;
    this.contents?.letGo();
    this.asking?.abort();
    this.release();
  }

  /** What was written since the last scan, as a step of its own. @returns undefined where the memory is gone. */
  scanNow(): Promise<Step | undefined> {
    return this.enqueue(async () => {
      const { phase, tracker } = this.s;
      const then = phase();
      const { asked } = this;
      const report = await this.attempt(() => tracker.scan());
      if (!report) return undefined;
      this.close(then.goes);
      const isOvertaken = phase().runs !== then.runs;
      const step = this.tell(this.newStep("scan", then), report, then.goes, isOvertaken ? ["debugger in flight"] : []);
      const settlement = await this.settle();
      const full = settlement ? this.withSettlement(step, settlement) : step;
      this.update({ ...full, ...(this.place ? { to: this.place } : {}), settled: true });
      await this.tellContents(step.number, then, asked);
      return this.current(step.number);
    });
  }

  /** Books what was written since the last scan to the debugger, and waits for it. */
  async bookNow(): Promise<void> {
    this.unbooked = true;
    this.onAnswered();
    await this.quiet();
    await this.contents?.ready();
  }

  /** Chooses anew what is armed; the program stands. What was written until then is told or booked first. */
  async choose(choice: MemoryChoice): Promise<void> {
    await this.bookNow();
    await this.enqueue(async () => {
      const { tracker, recording, pid } = this.s;
      const answer = await this.attempt(() => tracker.choose(choice));
      if (!answer) return;
      const { layout, ...report } = answer;
      this.layout = layout;
      recording.armed(pid, report, layout);
      this.contents?.copyAhead();
    });
  }

  /** Settles when all work that has begun is done, and the present halt's place is known where it will be. */
  async quiet(): Promise<void> {
    await this.queue;
    const phase = this.s.phase();
    if (phase.program === "stopped" && this.open && !this.ended) {
      await new Promise<void>(resolve => {
        this.whenClosed.push(resolve);
      });
      await this.queue;
    }
    await this.naming;
    await this.localizing;
  }

  /** The program was not let go after all: what the present halt's step still lacks is had now. */
  resumesHalt(): void {
    if (this.open) this.halted();
  }

  /** Pages as they were when the newest step ended, so far as there are copies; undefined where its bytes were not read. */
  copies(pages: PageSet): Promise<CopiesRecord | undefined> {
    return this.enqueue(async () => {
      const { last } = this.s.recording.steps;
      const { contents } = this.s.tracker;
      if (!contents || !this.contents || (last && (!last.contents || last.contents.missing === "overtaken")))
        return undefined;
      const newest = await contents.newest(pageNumbers(pages));
      return copiesOf(newest, pages, this.contents.byDebugger, last?.number ?? 0);
    });
  }

  /** Steps are numbered from 1 again. */
  reset(): void {
    this.open = undefined;
    this.contents?.reset();
    this.closedGoes = this.s.phase().goes;
    this.nextNumber = 1;
    this.release();
  }

  /** Nothing is told any more. */
  end(): void {
    this.ended = true;
    const { recording } = this.s;
    if (recording.memory === this.memory) recording.memory = undefined;
    this.contents?.end();
    this.release();
  }

  /** The present halt is closed, or never will be: whoever waited for that goes on. */
  private release(): void {
    const waiting = this.whenClosed;
    this.whenClosed = [];
    for (const resolve of waiting) resolve();
  }

  /** @param then the halt as it was when it was told. */
  private async takeHalt(then: Phase): Promise<void> {
    const { phase, places, tracker } = this.s;
    // A newer halt's scan takes this one's pages too; it was queued when that one was told.
    if (phase().halts !== then.halts) return;
    if (await this.hasStrayed(then)) return;
    const { asked } = this;
    const report = await this.attempt(() => tracker.scan());
    if (!report) return;
    this.scannedHalt = then.halts;
    const isOvertaken = phase().runs !== then.runs;
    // What was asked while the program ran may have been done when it stood, before the scan.
    const mayBeMixed = then.inFlight.size > 0 || this.asked !== this.askedAtLetGo;
    const doubts: Doubt[] = [...this.doubts, ...(mayBeMixed ? (["debugger in flight"] as const) : [])];
    this.doubts.clear();
    this.open = this.tell(this.open ?? this.newStep(then.motion, then), report, then.goes, doubts);
    const { number } = this.open;
    if (isOvertaken) return;
    places.whenKnown(phase(), ({ place }) => this.placeKnown(number, then, place));
    this.s.askForPlace();
    const settlement = await this.settle();
    const step = this.current(number);
    if (!settlement || !step) return;
    const full = this.withSettlement(step, settlement);
    const isMoved = phase().runs !== then.runs && changes(settlement);
    const doubted = isMoved ? withDoubts(full.doubts, ["mappings unsettled"]) : full.doubts;
    this.update({ ...full, doubts: doubted, settled: true });
    await this.tellContents(number, then, asked);
  }

  /** Whether the halt is another process's: then nothing of it is this memory's. */
  private async hasStrayed({ threadId }: Phase): Promise<boolean> {
    if (this.ended || threadId === undefined || this.threads.has(threadId)) return this.ended;
    if ((await this.s.isHeld?.()) === false) {
      if (!this.ended) this.s.strayed?.();
      return true;
    }
    this.threads.add(threadId);
    return false;
  }

  /** @param then the halt. @param asked how often something that may write had been asked before its scan. */
  private async tellContents(number: number, then: Phase, asked: number): Promise<void> {
    const isQuiet = then.inFlight.size === 0 && asked === this.asked;
    await this.attempt(async () => this.contents?.ofStep(number, then.runs, isQuiet ? asked : undefined));
    // One after another: of steps that come faster than their names, those that are over by then are not asked about.
    this.naming = this.naming.then(() => this.tellNames(number, then.runs)).catch(error => this.s.unnamed(error));
  }

  /** What the step changed, in words; where the program was let go meanwhile, what was found is of another moment. */
  private async tellNames(number: number, runs: number): Promise<void> {
    const { pid, tracker, phase } = this.s;
    const changes = this.current(number)?.contents?.changes;
    if (!changes || changes.isEmpty || phase().runs !== runs) return;
    const tell = (names: ChangedNames): void => {
      const step = this.current(number);
      if (step && phase().runs === runs && !this.ended) this.update({ ...step, names });
    };
    const { hasMore, ...names } = await namesOf(changes, pid, tracker);
    tell(names);
    if (!this.s.locals || !hasMore) return;
    this.localizing = this.tellLocals(runs, changes, tell).catch(error => {
      if (!(error instanceof Cancelled)) this.s.unnamed(error);
    });
  }

  /** The same with the debugger's word on locals, where the program stands long enough for it to be asked. */
  private async tellLocals(runs: number, changes: Changes, tell: (names: ChangedNames) => void): Promise<void> {
    const { pid, tracker, phase, locals, localsAfter = 0 } = this.s;
    if (localsAfter > 0) await new Promise(resolve => setTimeout(resolve, localsAfter));
    if (!locals || this.ended || phase().runs !== runs || !this.stands()) return;
    const controller = new AbortController();
    this.asking = controller;
    const ask: AskLocals = (stack, hasBlocks) => locals(stack, hasBlocks, controller.signal);
    const { hasMore: _, ...named } = await namesOf(changes, pid, tracker, ask);
    tell(named);
  }

  private contentsSurroundings(handle: ContentsHandle): ContentsSurroundings {
    const { phase } = this.s;
    return {
      handle,
      phase,
      stands: () => this.stands(),
      asked: () => (phase().inFlight.size === 0 ? this.asked : undefined),
      step: number => this.current(number),
      update: step => void this.update(step),
    };
  }

  /** Whether the program stands at a halt whose scan is in. */
  private stands(): boolean {
    const { program, halts, isSuspect } = this.s.phase();
    return program === "stopped" && halts === this.scannedHalt && !isSuspect;
  }

  private placeKnown(number: number, { halts, goes }: Phase, place: SourceLocation | undefined): void {
    const { isSuspect, ...now } = this.s.phase();
    if (this.ended || this.open?.number !== number || now.halts !== halts) return;
    const step = this.current(number);
    if (step && place) this.update({ ...step, to: place });
    this.place = place;
    // A suspect halt stays open: if it was none, the true one's pages join.
    if (isSuspect) this.release();
    else if (this.haltsWaiting === 0) this.close(goes);
  }

  /** The step that ends at a halt, with nothing in it yet. */
  private newStep(by: Motion, { threadId, threadNames }: Phase): Step {
    const name = threadId === undefined ? undefined : threadNames.get(threadId);
    const number = this.nextNumber;
    this.nextNumber += 1;
    return {
      number,
      ...(this.place ? { from: this.place } : {}),
      by,
      ...(threadId === undefined ? {} : { thread: { id: threadId, ...(name ? { name } : {}) } }),
      stops: 0,
      ...NOTHING_TOLD,
      layout: this.layout,
      scanMicroseconds: 0,
      settled: false,
    };
  }

  /** @param base the step so far: a new one, or one that the halt's pages join. */
  private tell({ to: _past, ...base }: Step, report: ScanReport, goes: number, doubts: readonly Doubt[]): Step {
    const { recording, told } = this.s;
    const written = base.written.union(report.written).union(this.carried);
    const { reason } = this.s.phase();
    const step: Step = {
      ...base,
      ...(reason ? { reason } : {}),
      stops: Math.max(1, goes - this.closedGoes),
      written,
      kernel: written.intersect(this.ownPages),
      debugger: base.debugger.union(this.byDebugger).union(report.text),
      scanMicroseconds: base.scanMicroseconds + report.microseconds,
      // Nobody needs a warning about pages that are not there.
      doubts: written.isEmpty ? base.doubts : withDoubts(base.doubts, [...doubts, ...this.lasting]),
      settled: false,
    };
    this.byDebugger = PageSet.EMPTY;
    this.carried = PageSet.EMPTY;
    if (recording.steps.last?.number === step.number) recording.replaceStep(step);
    else recording.addStep(step);
    told(step);
    return step;
  }

  private update(step: Step): Step {
    this.s.recording.replaceStep(step);
    if (this.open?.number === step.number) this.open = step;
    if (!this.ended) this.s.told(step);
    return step;
  }

  /** A step as it is told now: other parts of its account may have come meanwhile. */
  private current(number: number): Step | undefined {
    return this.s.recording.steps.byNumber(number);
  }

  private close(goes: number): void {
    this.open = undefined;
    this.closedGoes = goes;
    this.release();
  }

  private async book(): Promise<void> {
    this.bookingWaits = false;
    const { phase, tracker } = this.s;
    const { runs, halts, program, inFlight, isSuspect } = phase();
    // What the program wrote before this halt is not told yet: the halt's own scan comes first, and takes both. And where it may
    // not stand at all, what is written may be its own.
    if (program !== "stopped" || halts !== this.scannedHalt || isSuspect) return;
    const { asked } = this;
    const report = await this.attempt(() => tracker.scan());
    if (!report) return;
    const pages = report.written.union(report.text);
    const doubt = this.whyNotDebuggers(runs);
    if (phase().runs === runs && inFlight.size === 0 && asked === this.asked) this.unbooked = false;
    if (doubt) {
      this.carry(pages, doubt);
      return;
    }
    this.byDebugger = this.byDebugger.union(pages);
    // What it mapped for itself is no doing of the next step's.
    if (!pages.isEmpty) await this.settleForDebugger(pages);
  }

  /** Takes what came and went while the program stood; where it was let go meanwhile, the next step may have it, and says so. */
  private async settleForDebugger(booked = PageSet.EMPTY): Promise<void> {
    const { runs } = this.s.phase();
    const settlement = await this.settle();
    if (!settlement) return;
    const pages = settlement.late.union(settlement.text);
    const doubt = this.whyNotDebuggers(runs);
    if (doubt) this.carry(pages, doubt);
    else this.byDebugger = this.byDebugger.union(pages);
    // Other threads may have changed those bytes: the next step has them read.
    if (doubt !== "others ran") await this.attempt(async () => this.contents?.ofDebugger(booked.union(pages), runs));
  }

  /** Why what was found since a moment of run `runs` need not be the debugger's; undefined: nobody else could write. */
  private whyNotDebuggers(runs: number): Doubt | undefined {
    const phase = this.s.phase();
    if (phase.othersRun) return "others ran";
    return phase.runs === runs ? undefined : "debugger in flight";
  }

  /** The next step's, perhaps. */
  private carry(pages: PageSet, doubt: Doubt): void {
    if (pages.isEmpty) return;
    this.carried = this.carried.union(pages);
    this.doubts.add(doubt);
  }

  private async settle(): Promise<Settlement | undefined> {
    const { recording, tracker, wantsResident } = this.s;
    const settlement = await this.attempt(() => tracker.settle(wantsResident()));
    if (settlement?.layout) {
      this.layout = settlement.layout;
      recording.setLayout(settlement.layout);
    }
    if (settlement?.resident) recording.setResident(settlement.resident);
    return settlement;
  }

  private withSettlement(step: Step, settlement: Settlement): Step {
    const discarded = step.discarded.union(settlement.discarded);
    const written = step.written.union(settlement.late).subtract(settlement.discarded);
    const kernel = kernelPages(written, settlement.notes);
    this.ownPages = this.ownPages.union(kernel);
    return {
      ...step,
      written,
      discarded,
      debugger: step.debugger.union(settlement.text),
      kernel: step.kernel.union(kernel).intersect(written),
      created: [...step.created, ...settlement.created],
      removed: [...step.removed, ...settlement.removed],
      notes: [...step.notes, ...settlement.notes],
      layout: this.layout,
    };
  }

  /** Runs a call on the tracker; where that fails the memory is lost, and the answer is undefined. */
  private async attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
    if (this.ended) return undefined;
    try {
      const result = await call();
      return this.ended ? undefined : result;
    } catch (error) {
      if (!this.ended) this.s.lost(error);
      return undefined;
    }
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => {});
    return result;
  }
}

function changes({ late, created, removed, discarded }: Settlement): boolean {
  return !late.isEmpty || created.length > 0 || removed.length > 0 || !discarded.isEmpty;
}

function withDoubts(have: readonly Doubt[], more: readonly Doubt[]): readonly Doubt[] {
  return more.every(doubt => have.includes(doubt)) ? have : [...new Set([...have, ...more])];
}
