// One debug session: follows its conversation, arms and disarms its memory, and has a recording written for each run of its program.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CoreProgress, CoreReport } from "../agent/cores.ts";
import type { TrackingAgent } from "../agent/tracking.ts";
import { Emitter } from "../common/emitter.ts";
import { type Log, NO_LOG, named } from "../common/log.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { Debugger } from "../debuggers/debugger.ts";
import { debuggerFor, type Recognition } from "../debuggers/index.ts";
import { type Located, locate, oneLine } from "../debuggers/locate.ts";
import type { AdapterSigns } from "../debuggers/signs.ts";
import type { PageSet } from "../memory/page-set.ts";
import type { CopiesRecord } from "../recording/file/records.ts";
import { LiveRecording } from "../recording/live.ts";
import type { Recording } from "../recording/recording.ts";
import type { SourceLocation, Step } from "../recording/step.ts";
import type { MemoryChoice } from "../tracker/choice.ts";
import type { ArmOptions } from "../tracker/reports.ts";
import type { MissWay } from "../tracker/watches/reports.ts";
import { noticed } from "./adapter-signs.ts";
import { ArmedMemory } from "./armed-memory.ts";
import type { Armed } from "./arming.ts";
import { MessageReader, type SessionEvent } from "./events.ts";
import { presentWords } from "./hit-words.ts";
import { choiceOf, launchOptions, type ParsedRule, parseRules } from "./memory-rules.ts";
import { messageInWords } from "./message-words.ts";
import { OwnSteps } from "./own-steps.ts";
import { abilities, BEGINNING, type Phase, reduce } from "./phase.ts";
import { Places } from "./places.ts";
import { Questions } from "./questions.ts";
import { type CoreChoice, saveSessionCore } from "./save-core.ts";
import type { MemoryState, ProgramState, SessionStatus } from "./status.ts";
import { localsFor } from "./step-locals.ts";
import type { StepSurroundings } from "./steps.ts";
import { tracedAgent } from "./traced.ts";
import type { Hit } from "./watch-hit.ts";
import { Watching } from "./watching.ts";
import { BY_SOFT_DIRTY, messageFor } from "./words.ts";

export interface ArmSettings extends Omit<ArmOptions, keyof MemoryChoice> {
  /** Which memory, as rules of the user's: see {@link parseRule}. A launch configuration's own come before them. */
  readonly watch: readonly string[];
}

export interface SessionSettings {
  readonly arm: ArmSettings;
  /** Arm by itself at the first stop. */
  readonly autoArm: boolean;
  /** False: a launch configuration can't have that done either, since nobody trusts its folder. */
  readonly mayAutoArm?: boolean;
  /** Whether anyone wants to know which pages are in memory. */
  readonly resident: boolean;
  /** What becomes of stores beside what is watched; absent: "auto". */
  readonly misses?: MissWay;
}

/** What a session needs of its surroundings. */
export interface Surroundings {
  /** A living agent for debug sessions of that type; starts one where there is none. */
  agent(debugType: string): TrackingAgent;
  settings(): SessionSettings;
  /** How long a debug adapter may take to answer one request of ours, milliseconds; absent: 10 s. */
  readonly patience?: number;
  /** How long to wait at a halt for the window's own question where the program stands, before asking ourselves; absent: at once. */
  readonly placePatience?: number;
  /** How long the program must stand before the debugger is asked which locals a step changed, milliseconds; absent: never. */
  readonly localsAfter?: number;
  readonly log?: Log;
}

/** Requests that are known to be harmless under a debugger that is not. */
const NOTHING: ReadonlySet<string> = new Set();

/** Frames whose locals are asked for. */
const LOCALS_DEPTH = 4;

const PATIENCE = 10_000;
/** Earlier runs of a session that stay viewable; older ones are forgotten. */
const MOST_CLOSED_RUNS = 3;
/** Choices of memory that can be undone. */
const MOST_CHOICES = 50;

export class TrackedSession {
  readonly id: string;
  readonly name: string;
  /** Anything of the session's state has changed. */
  readonly onChange = new Emitter<void>();
  /** A step was told, or told more fully: the same number comes again until it is settled. */
  readonly onStep = new Emitter<Step>();
  /** A new run of the program has begun: {@link recording} is another one now. */
  readonly onRun = new Emitter<LiveRecording>();
  /** Stop at Write. */
  readonly watching: Watching;

  private current: LiveRecording;
  private closed: readonly Recording[] = [];
  private port: AdapterPort;
  private readonly surroundings: Surroundings;
  private readonly log: Log;
  private readonly memory: ArmedMemory;
  private reader: MessageReader;
  private questions: Questions;
  private phase: Phase = BEGINNING;
  private signs: AdapterSigns;
  private recognition: Recognition;
  private places = new Places();
  private readonly ownSteps = new OwnSteps();
  private place: SourceLocation | undefined;
  private endMessage = "The program has ended.";
  /** Arming was tried by itself: once a run, so that a refusal is told once; again where it was overtaken. */
  private autoArmed = false;
  /** Chosen in this session; undefined: as launched, or as the settings say. */
  private chosenRules: readonly ParsedRule[] | undefined;
  /** What was chosen before that, the last one at the end. */
  private choices: readonly (readonly ParsedRule[] | undefined)[] = [];

  constructor(id: string, name: string, port: AdapterPort, surroundings: Surroundings) {
    this.id = id;
    this.name = name;
    this.port = port;
    this.surroundings = surroundings;
    this.log = surroundings.log ? named(surroundings.log, name) : NO_LOG;
    this.signs = { debugType: port.debugType };
    this.recognition = debuggerFor(this.signs);
    this.reader = this.newReader();
    this.questions = this.newQuestions();
    this.current = new LiveRecording(name);
    this.memory = new ArmedMemory({
      log: this.log,
      phase: () => this.phase,
      questions: () => this.questions,
      recognition: () => this.recognition,
      agent: () => tracedAgent(surroundings.agent(this.debugType), this.log),
      options: signal => this.armOptions(signal),
      knowPlace: signal => this.questions.knowPlace(this.places, this.phase, signal),
      stepSurroundings: armed => this.stepSurroundings(armed),
      changed: () => this.changed(),
      trackerChanged: () => this.watching.onArmed(),
    });
    this.watching = new Watching({
      log: this.log,
      patience: surroundings.patience ?? PATIENCE,
      phase: () => this.phase,
      questions: () => this.questions,
      debugger: () => this.debugger,
      armed: () => this.memory.armed,
      arm: signal => this.memory.arm(signal),
      misses: () => surroundings.settings().misses ?? "auto",
      calls: work => this.memory.calls(work),
      owes: owed => this.memory.owes(owed),
      book: () => this.bookToDebugger(),
      mayBeWritten: () =>
        this.phase.othersRun ||
        this.debugger?.quirks.worksWithin === true ||
        (this.current.layout?.inFlight.length ?? 0) > 0,
    });
    let told: Hit | undefined;
    this.watching.onChange.listen(() => {
      if (this.watching.hit === told) return;
      told = this.watching.hit;
      this.changed();
    });
  }

  get debugType(): string {
    return this.port.debugType;
  }

  /** Whose adapter it is, as far as it has shown. */
  get debugger(): Debugger | undefined {
    return this.recognition.debugger;
  }

  private get everArm(): boolean {
    return this.recognition.debugger !== undefined || this.recognition.mayCome;
  }

  /** What is known of the present run of the program. */
  get recording(): LiveRecording {
    return this.current;
  }

  /** Earlier runs of the same session (it was restarted), oldest first. */
  get closedRuns(): readonly Recording[] {
    return this.closed;
  }

  get status(): SessionStatus {
    const { program } = this.phase;
    const { state: memory, trouble } = this.memory;
    const { waitingFor } = this.questions;
    return {
      program,
      memory,
      message: program === "ended" ? this.endMessage : this.messageNow(program, memory),
      isProblem: trouble !== undefined && program !== "ended",
      ...(waitingFor ? { waitingFor } : {}),
      can: abilities(program, memory, this.current.steps.count, this.everArm),
    };
  }

  /** The thread that the present halt is about; undefined while the program runs. */
  get thread(): number | undefined {
    return this.phase.threadId;
  }

  /** Where the program stands, as far as the debugger has told; of the last halt while it runs. */
  get location(): SourceLocation | undefined {
    return this.places.at(this.phase)?.place ?? this.place;
  }

  /** The debuggee's process, so far as it is known: before arming only what the debugger has told by itself. */
  get processId(): number | undefined {
    return this.current.pid ?? this.phase.pid;
  }

  get isArmed(): boolean {
    return this.memory.steps !== undefined;
  }

  /** Watches a message on its way to the adapter. Never throws. */
  toAdapter(message: unknown): void {
    this.log.trace(() => `→ ${messageInWords(message)}`);
    this.watch(() => {
      if (this.ownSteps.asks(message)) return [];
      const events: SessionEvent[] = [];
      this.watching.toAdapter(message, () => events.push(...this.reader.toAdapter(message)));
      return events;
    });
  }

  /** Watches a message on its way from the adapter. Never throws. */
  fromAdapter(message: unknown): void {
    this.log.trace(() => `← ${messageInWords(message)}`);
    let then: (() => void) | undefined;
    this.watch(() => {
      if (this.ownSteps.hides(message)) return [];
      then = this.watching.recognize(message);
      return this.reader.fromAdapter(message);
    });
    // When the phase knows of the halt.
    this.watch(() => {
      then?.();
      return [];
    });
  }

  /**
   * Arms the stopped program.
   * @param signal calls it off; nothing is armed then.
   * @throws {Error} with what was tried and the remedy; nothing is armed then. {Cancelled}
   */
  arm(signal?: AbortSignal): Promise<void> {
    return this.memory.arm(signal);
  }

  /** Tells what was written since the last stop, as a step of its own. */
  async scanNow(): Promise<Step | undefined> {
    return this.memory.steps?.scanNow();
  }

  /** Books what was written since the last scan to the debugger; of use just before the program goes on. */
  async bookToDebugger(): Promise<void> {
    await this.memory.steps?.bookNow();
  }

  /** Whether the program has run another one in its place, which is not armed yet. */
  get isFollowing(): boolean {
    return this.memory.isReplaced;
  }

  /** Settles when all that is under way about the present halt is done: its step is whole, the debugger's writes are booked. */
  async quiet(): Promise<void> {
    await this.memory.steps?.quiet();
    await this.memory.followed;
  }

  /**
   * Where the object lies that an expression names, in the frame of the present halt. What evaluating it writes is the debugger's.
   * @throws {Error} it names none, or the program does not stand, with what to do.
   */
  async locate(expression: string, frameId?: number, signal?: AbortSignal): Promise<Located> {
    const { program, threadId } = this.phase;
    if (program !== "stopped" || threadId === undefined)
      throw new Error(
        `'${expression}' can be looked up only while the program is stopped: pause it, or give an address.`,
      );
    const port = this.questions.patient(signal);
    const { debugger: own } = this.recognition;
    if (!own?.locate) return locate(port, threadId, expression, frameId, own?.asking);
    return own.locate({ port, threadId, signal }, oneLine(expression), frameId);
  }

  /**
   * The rules by which memory is armed: those chosen in this session, else the launch configuration's, else the settings'.
   * @throws {Error} one of them can't be used, with what can.
   */
  get rules(): readonly ParsedRule[] {
    return this.chosenRules ?? launchOptions(this.phase.configuration).watch ?? this.settingsRules();
  }

  /** Whether {@link undoChoice} has something to undo. */
  get canUndoChoice(): boolean {
    return this.choices.length > 0;
  }

  /**
   * Arms by these rules for the rest of the session; where it is armed, at once: the program must stand then.
   * @throws {Error} a rule can't be used, or the program runs; everything stays as it was.
   */
  async chooseMemory(rules: readonly string[], signal?: AbortSignal): Promise<void> {
    const parsed = parseRules(rules);
    const before = this.chosenRules;
    await this.applyRules(parsed, signal);
    this.choices = [...this.choices, before].slice(-MOST_CHOICES);
    this.changed();
  }

  /** Takes the last {@link chooseMemory} back. @throws {Error} as that. */
  async undoChoice(signal?: AbortSignal): Promise<void> {
    if (!this.canUndoChoice) throw new Error("Nothing was chosen in this session that could be undone.");
    const before = this.choices.at(-1);
    await this.applyRules(before, signal);
    this.choices = this.choices.slice(0, -1);
    this.changed();
  }

  /**
   * Saves the standing program's used memory as a core file; of an armed one also only what was written since the last.
   * @throws {Error} as {@link saveSessionCore}.
   */
  saveCore(
    choice: CoreChoice,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport> {
    return saveSessionCore(
      {
        phase: () => this.phase,
        port: this.questions.patient(signal),
        debugger: this.debugger,
        agent: () => tracedAgent(this.surroundings.agent(this.debugType), this.log),
        armed: this.memory.armed,
      },
      choice,
      onProgress,
      signal,
    );
  }

  /** Pages as they were when the newest step ended; undefined where no copies are to be had now. */
  async copies(pages: PageSet): Promise<CopiesRecord | undefined> {
    return this.memory.steps?.copies(pages);
  }

  /** Forgets all steps; the memory stays armed. */
  reset(): void {
    this.memory.steps?.reset();
    this.current.clear();
    this.changed();
  }

  /** Takes the protection off at once, whatever else is under way; calls off an arming. */
  async disarm(): Promise<void> {
    this.memory.isWanted = false;
    this.memory.isReplaced = false;
    this.memory.trouble = undefined;
    this.memory.callOff();
    await this.memory.release();
    this.changed();
  }

  /** The debug session is over; its steps stay. */
  ended(message = "The program has ended."): void {
    if (this.phase.program === "ended") return;
    this.endMessage = message;
    this.apply({ kind: "ended" });
  }

  /** The same debug session begins anew, with another connection: it was restarted. */
  restarted(port: AdapterPort): void {
    this.port = port;
    this.signs = { debugType: port.debugType };
    this.recognition = debuggerFor(this.signs);
    this.reader = this.newReader();
    this.questions = this.newQuestions();
    this.newRun();
    this.phase = BEGINNING;
    this.changed();
  }

  private async applyRules(rules: readonly ParsedRule[] | undefined, signal?: AbortSignal): Promise<void> {
    const { steps, state } = this.memory;
    if (state === "arming") throw new Error("Arming is under way: choose when it is done.");
    if (steps) {
      if (this.phase.program !== "stopped")
        throw new Error("What is armed can be changed only while the program is stopped: pause it first.");
      const { runs } = this.phase;
      const wanted = rules ?? launchOptions(this.phase.configuration).watch ?? this.settingsRules();
      const choice = await choiceOf(wanted, expression => this.locate(expression, undefined, signal));
      if (this.phase.runs !== runs) throw new Error("The program was let go meanwhile: stop it and choose again.");
      await steps.choose(choice);
    }
    this.chosenRules = rules;
  }

  private settingsRules(): readonly ParsedRule[] {
    try {
      return parseRules(this.surroundings.settings().arm.watch);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`The setting writewatch.watch can't be used. ${why}`, { cause: error });
    }
  }

  private async armOptions(signal: AbortSignal): Promise<ArmOptions> {
    const { watch: _rules, ...others } = this.surroundings.settings().arm;
    return { ...others, ...(await choiceOf(this.rules, expression => this.locate(expression, undefined, signal))) };
  }

  private messageNow(program: ProgramState, memory: MemoryState): string {
    const { hit } = this.watching;
    if (hit) return presentWords(hit);
    const lacks = this.everArm ? undefined : this.recognition.lacks;
    const words = messageFor(program, memory, this.memory.trouble?.why, lacks);
    const isSoftDirty = memory === "armed" && this.current.arming?.backend === "soft-dirty";
    return isSoftDirty ? `${words} ${BY_SOFT_DIRTY}` : words;
  }

  /** Whatever a message holds, it must reach whom it was meant for. */
  private watch(read: () => SessionEvent[]): void {
    try {
      for (const event of read()) this.apply(event);
    } catch (error) {
      this.log.error(() => `a message was not understood: ${error instanceof Error ? error.stack : error}`);
    }
  }

  private apply(event: SessionEvent): void {
    // Calls that we make in the program let it run for a moment, and some debuggers tell.
    if (this.memory.isCalling && (event.kind === "stopped" || event.kind === "continued")) return;
    if (event.kind === "stopped") this.questions.onStopped();
    this.notice(event);
    const before = this.phase;
    if (event.kind === "place" && !this.places.isAbout(event.seq, before)) return;
    this.phase = reduce(before, event);
    const now = this.phase;
    this.log.trace(() => `${event.kind} → ${now.program}, halt ${now.halts}, run ${now.runs}`);
    // A second request to let it go counts too: the first may yet be refused.
    if (now.runs !== before.runs || event.kind === "resuming") this.onLetGo(before);
    if (now.halts !== before.halts) this.onHalt();
    switch (event.kind) {
      case "notResumed":
        if (before.program === "running" && now.program === "stopped") this.memory.steps?.resumesHalt();
        break;
      case "resumed":
        // Where a halt was told before, it is asked anew whether it is one.
        if (now.program === "stopped" && now.isSuspect && this.memory.steps)
          this.questions.askForPlace(this.places, () => this.phase);
        break;
      case "asked":
        this.memory.steps?.onAsked();
        break;
      case "answered":
        this.memory.steps?.onAnswered();
        break;
      case "placeAsked":
        this.places.onAsked(event.seq, event.threadId, now);
        break;
      case "place":
        // What was scanned while the halt was in doubt may have been half a run's.
        if (before.isSuspect && !now.isSuspect) this.memory.steps?.halted();
        this.places.onAnswer(event.seq, event.place, now);
        break;
      case "process":
        // Another process under the same conversation is another run; the first one is only told its number.
        if (before.pid !== undefined && now.pid !== before.pid) this.newRun();
        break;
      case "restarted":
        this.newRun();
        break;
      case "ended":
        if (before.program !== "ended") this.onEnded();
        break;
    }
    if (now.program !== before.program) this.changed();
  }

  private notice(event: SessionEvent): void {
    const signs = noticed(this.signs, event);
    if (signs === this.signs) return;
    this.signs = signs;
    const before = this.recognition;
    this.recognition = debuggerFor(signs);
    const { debugger: found } = this.recognition;
    if (found === before.debugger && this.recognition.lacks === before.lacks) return;
    this.log.debug(() => (found ? `the debugger is ${found.name}` : (this.recognition.lacks ?? "")));
    this.changed();
  }

  private onLetGo(before: Phase): void {
    if (before.program === "stopped") this.questions.onLetGo();
    this.place = this.places.at(before)?.place ?? this.place;
    this.places.letGo();
    this.memory.steps?.onLetGo(before);
    this.memory.onLetGo();
    this.watching.onLetGo();
  }

  private onHalt(): void {
    this.memory.onHalt();
    this.watching.onHalt();
    const { isWanted, isReplaced, steps, state, trouble } = this.memory;
    const isWished = isWanted || this.armsByItself();
    if (!isWished || steps || state === "arming") return;
    if (!isReplaced && (this.autoArmed || trouble?.state === "lost")) return;
    this.autoArmed = true;
    const { runs } = this.phase;
    // Not on the way of the message: whoever waits for it must see the stop first.
    setTimeout(() => {
      this.arm().catch(() => {
        if (this.phase.runs !== runs) this.autoArmed = false;
      });
    });
  }

  private armsByItself(): boolean {
    const { autoArm, mayAutoArm = true } = this.surroundings.settings();
    try {
      return mayAutoArm && (launchOptions(this.phase.configuration).autoArm ?? autoArm);
    } catch {
      // What is wrong is told when it is armed.
      return autoArm;
    }
  }

  private onEnded(): void {
    this.places.letGo();
    this.memory.forget();
  }

  private newRun(): void {
    const hadSteps = this.current.steps.count > 0 || this.current.arming !== undefined;
    this.memory.forget();
    this.places = new Places();
    this.place = undefined;
    this.autoArmed = false;
    if (!hadSteps) return;
    this.closed = [...this.closed, this.current].slice(-MOST_CLOSED_RUNS);
    this.current = new LiveRecording(this.name);
    this.onRun.fire(this.current);
    this.watching.onRun();
    this.changed();
  }

  /** The debugger has let go of the armed process, and holds a child that it was told to follow: that one is armed, as a run of its own. */
  private followAnother(): void {
    this.log.info(() => `process ${this.processId} is not debugged any more, and another one is`);
    // Its number is not told.
    this.phase = reduce(this.phase, { kind: "restarting" });
    this.newRun();
    const { runs } = this.phase;
    setTimeout(() => {
      if (this.phase.runs === runs && this.memory.isWanted) this.arm().catch(() => {});
    });
  }

  private stepSurroundings({ pid, report, layout }: Armed): Omit<StepSurroundings, "tracker" | "lost"> {
    const { current: recording, places } = this;
    recording.armed(pid, report, layout);
    const place = this.location;
    return {
      recording,
      places,
      pid,
      ...(place ? { place } : {}),
      ...this.localsSurroundings(),
      conditionsWrite: this.debugger?.quirks.conditionsWrite ?? true,
      debuggerWithin: this.debugger?.quirks.worksWithin ?? false,
      phase: () => this.phase,
      wantsResident: () => this.surroundings.settings().resident,
      askForPlace: () => this.questions.askForPlace(places, () => this.phase),
      strayed: () => this.followAnother(),
      told: step => this.told(step),
      unnamed: error => this.log.warn(() => `what a step changed has no names: ${error}`),
    };
  }

  /** Asked only where the session's surroundings want it. */
  private localsSurroundings(): Pick<StepSurroundings, "locals" | "localsAfter"> {
    const { localsAfter } = this.surroundings;
    const quirks = this.debugger?.quirks;
    if (localsAfter === undefined || !quirks?.ofThisComputer) return {};
    return {
      localsAfter,
      locals: async (stack, hasBlocks, signal) => {
        const { threadId } = this.phase;
        if (threadId === undefined) return { changed: [], roots: [] };
        const frames = (): Promise<DebugProtocol.StackFrame[]> => this.questions.stack(threadId, LOCALS_DEPTH, signal);
        const port = this.questions.patient(signal);
        return localsFor({ port, frames, asking: this.recognition.debugger?.asking }, stack, hasBlocks);
      },
    };
  }

  private told(step: Step): void {
    this.log.debug(() => `step ${step.number}: ${step.written.pageCount} pages, scan ${step.scanMicroseconds} µs`);
    this.onStep.fire(step);
  }

  private newReader(): MessageReader {
    return new MessageReader(() => this.debugger?.quirks.harmless ?? NOTHING);
  }

  private newQuestions(): Questions {
    const { patience = PATIENCE, placePatience = 0 } = this.surroundings;
    const stopsPerThread = (): boolean => this.debugger?.quirks.stopsPerThread ?? false;
    return new Questions(this.port, { patience, placePatience, stopsPerThread }, () => this.changed());
  }

  private changed(): void {
    this.onChange.fire();
  }
}
