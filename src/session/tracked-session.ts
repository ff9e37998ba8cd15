// One debug session: follows its conversation, arms and disarms its memory, and has a recording written for each run of its program.
import { AgentGone, type TrackerHandle, type TrackingAgent } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import { Emitter } from "../common/emitter.ts";
import { type Log, NO_LOG, named } from "../common/log.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { debuggerFor } from "../debuggers/index.ts";
import { isGone } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { LiveRecording } from "../recording/live.ts";
import type { Recording } from "../recording/recording.ts";
import type { SourceLocation, Step } from "../recording/step.ts";
import type { ArmOptions, Layout } from "../tracker/reports.ts";
import { type Armed, armProgram, closeOwed, type Owed } from "./arming.ts";
import { MessageReader, type SessionEvent } from "./events.ts";
import { messageInWords } from "./message-words.ts";
import { patientPort } from "./patient-port.ts";
import { abilities, BEGINNING, type Phase, reduce } from "./phase.ts";
import { Places } from "./places.ts";
import type { MemoryState, SessionStatus } from "./status.ts";
import { Steps } from "./steps.ts";
import { tracedAgent } from "./traced.ts";
import { HOW_TO_ARM, messageFor } from "./words.ts";

export interface SessionSettings {
  readonly arm: ArmOptions;
  /** Arm by itself at the first stop. */
  readonly autoArm: boolean;
  /** Whether anyone wants to know which pages are in memory. */
  readonly resident: boolean;
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
  readonly log?: Log;
}

const PATIENCE = 10_000;
/** How long something is waited for before the panel says so, milliseconds. */
const WORTH_TELLING = 500;
/** Earlier runs of a session that stay viewable; older ones are forgotten. */
const MOST_CLOSED_RUNS = 3;

export class TrackedSession {
  readonly id: string;
  readonly name: string;
  /** Anything of the session's state has changed. */
  readonly onChange = new Emitter<void>();
  /** A step was told, or told more fully: the same number comes again until it is settled. */
  readonly onStep = new Emitter<Step>();
  /** A new run of the program has begun: {@link recording} is another one now. */
  readonly onRun = new Emitter<LiveRecording>();

  private current: LiveRecording;
  private closed: readonly Recording[] = [];
  private port: AdapterPort;
  private readonly surroundings: Surroundings;
  private readonly log: Log;
  private reader: MessageReader;
  private phase: Phase = BEGINNING;
  private places = new Places();
  private tracker: TrackerHandle | undefined;
  private steps: Steps | undefined;
  private arming: AbortController | undefined;
  private injecting = false;
  /** Why the memory is not armed: what went wrong last; absent where nothing did. */
  private trouble: { readonly state: "unarmed" | "lost"; readonly why: string } | undefined;
  private endMessage = "The program has ended.";
  private waitingFor: string | undefined;
  /** The user had it armed: a new run of the same session is armed again. */
  private wantsArmed = false;
  /** Auto-arming is tried once a run, so that a refusal is told once. */
  private autoArmed = false;
  private place: SourceLocation | undefined;
  /** Descriptors that armings which were overtaken left open in the program. */
  private owed: Owed[] = [];

  constructor(id: string, name: string, port: AdapterPort, surroundings: Surroundings) {
    this.id = id;
    this.name = name;
    this.port = port;
    this.surroundings = surroundings;
    this.log = surroundings.log ? named(surroundings.log, name) : NO_LOG;
    this.reader = new MessageReader(debuggerFor(port.debugType)?.quirks.harmless ?? new Set());
    this.current = new LiveRecording(name);
  }

  get debugType(): string {
    return this.port.debugType;
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
    const memory = this.memory;
    const everArm = debuggerFor(this.debugType) !== undefined;
    return {
      program,
      memory,
      message: program === "ended" ? this.endMessage : messageFor(program, memory, this.trouble?.why, everArm),
      isProblem: this.trouble !== undefined && program !== "ended",
      ...(this.waitingFor ? { waitingFor: this.waitingFor } : {}),
      can: abilities(program, memory, this.current.steps.count, everArm),
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
    return this.steps !== undefined;
  }

  /** Watches a message on its way to the adapter. Never throws. */
  toAdapter(message: unknown): void {
    this.log.trace(() => `→ ${messageInWords(message)}`);
    this.watch(() => this.reader.toAdapter(message));
  }

  /** Watches a message on its way from the adapter. Never throws. */
  fromAdapter(message: unknown): void {
    this.log.trace(() => `← ${messageInWords(message)}`);
    this.watch(() => this.reader.fromAdapter(message));
  }

  /**
   * Arms the stopped program.
   * @param signal calls it off; nothing is armed then.
   * @throws {Error} with what was tried and the remedy; nothing is armed then. {Cancelled}
   */
  async arm(signal?: AbortSignal): Promise<void> {
    if (this.steps) return;
    if (this.arming) throw new Error("Arming is under way already.");
    const { phase } = this;
    if (phase.program !== "stopped") throw new Error(`The program is not stopped. ${HOW_TO_ARM}`);
    const controller = new AbortController();
    const callOff = (): void => controller.abort();
    signal?.addEventListener("abort", callOff);
    if (signal?.aborted) callOff();
    this.arming = controller;
    this.trouble = undefined;
    this.changed();
    try {
      await this.knowPlace(controller.signal);
      this.checkArming(controller.signal, phase);
      const armed = await armProgram({
        port: this.patient(),
        phase,
        options: this.surroundings.settings().arm,
        signal: controller.signal,
        agent: () => tracedAgent(this.surroundings.agent(this.debugType), this.log),
        check: () => this.checkArming(controller.signal, phase),
        injecting: now => {
          this.injecting = now && this.arming === controller;
        },
        owes: owed => this.owed.push(owed),
      });
      this.finishArming(controller);
      this.armedWith(armed);
      await this.settleQuietly(armed.tracker);
    } catch (error) {
      const why = error instanceof Cancelled ? "it was called off" : explainKernelError(error);
      const reason = this.whyCalledOff(phase) ?? why;
      this.log.warn(() => `not armed: ${reason}`);
      if (this.arming === controller) this.trouble = { state: "unarmed", why: reason };
      this.finishArming(controller);
      this.changed();
      if (error instanceof Cancelled && !this.whyCalledOff(phase)) throw error;
      throw new Error(reason, { cause: error });
    } finally {
      signal?.removeEventListener("abort", callOff);
    }
  }

  /** Tells what was written since the last stop, as a step of its own. */
  async scanNow(): Promise<Step | undefined> {
    return this.steps?.scanNow();
  }

  /** Books what was written since the last scan to the debugger; of use just before the program goes on. */
  async bookToDebugger(): Promise<void> {
    await this.steps?.bookNow();
  }

  /** Settles when all that is under way about the present halt is done: its step is whole, the debugger's writes are booked. */
  async quiet(): Promise<void> {
    await this.steps?.quiet();
  }

  /** Forgets all steps; the memory stays armed. */
  reset(): void {
    this.steps?.reset();
    this.current.clear();
    this.changed();
  }

  /** Takes the protection off at once, whatever else is under way; calls off an arming. */
  async disarm(): Promise<void> {
    this.wantsArmed = false;
    this.trouble = undefined;
    this.arming?.abort();
    await this.release();
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
    this.reader = new MessageReader(debuggerFor(port.debugType)?.quirks.harmless ?? new Set());
    this.newRun();
    this.phase = BEGINNING;
    this.changed();
  }

  private get memory(): MemoryState {
    // Of a program that has ended there is none to be lost.
    if (this.phase.program === "ended") return "unarmed";
    if (this.steps) return "armed";
    if (this.arming) return "arming";
    return this.trouble?.state ?? "unarmed";
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
    if (this.injecting && (event.kind === "stopped" || event.kind === "continued")) return;
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
        if (before.program === "running" && now.program === "stopped" && this.steps?.isOpen) this.steps.halted();
        break;
      case "resumed":
        // Where a halt was told before, it is asked anew whether it is one.
        if (now.program === "stopped" && now.isSuspect && this.steps) this.askForPlace();
        break;
      case "asked":
        this.steps?.onAsked();
        break;
      case "answered":
        this.steps?.onAnswered();
        break;
      case "placeAsked":
        this.places.onAsked(event.seq, event.threadId, now);
        break;
      case "place":
        // What was scanned while the halt was in doubt may have been half a run's.
        if (before.isSuspect && !now.isSuspect) this.steps?.halted();
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

  private onLetGo(before: Phase): void {
    this.place = this.places.at(before)?.place ?? this.place;
    this.places.letGo();
    this.steps?.onLetGo(before);
    // A call that is half done in a program that runs can't be trusted, and stops that come now are its own.
    this.arming?.abort();
    this.injecting = false;
  }

  private onHalt(): void {
    if (this.owed.length > 0) setTimeout(() => void this.payDebts());
    if (this.steps) {
      this.steps.halted();
      return;
    }
    const { autoArm } = this.surroundings.settings();
    if ((!autoArm && !this.wantsArmed) || this.autoArmed || this.arming || this.trouble) return;
    this.autoArmed = true;
    // Not on the way of the message: whoever waits for it must see the stop first.
    setTimeout(() => void this.arm().catch(() => {}));
  }

  /** Closes what was left open in the program; what can't be closed now is tried again at the next halt. */
  private async payDebts(): Promise<void> {
    const { phase } = this;
    if (phase.program !== "stopped" || this.arming) return;
    const { owed } = this;
    this.owed = [];
    for (const debt of owed) {
      this.injecting = true;
      try {
        await closeOwed(this.patient(), phase, debt);
      } catch (error) {
        this.log.warn(() => `descriptor ${debt.descriptor} is still open in process ${debt.pid}: ${error}`);
        if (this.phase.program !== "ended" && phase.pid === this.phase.pid) this.owed.push(debt);
      } finally {
        this.injecting = false;
      }
    }
  }

  private onEnded(): void {
    this.owed = [];
    this.arming?.abort();
    this.places.letGo();
    void this.release();
  }

  private newRun(): void {
    const hadSteps = this.current.steps.count > 0 || this.current.arming !== undefined;
    this.arming?.abort();
    void this.release();
    this.places = new Places();
    this.place = undefined;
    this.trouble = undefined;
    this.autoArmed = false;
    if (!hadSteps) return;
    this.closed = [...this.closed, this.current].slice(-MOST_CLOSED_RUNS);
    this.current = new LiveRecording(this.name);
    this.onRun.fire(this.current);
    this.changed();
  }

  private checkArming(signal: AbortSignal, phase: Phase): void {
    if (signal.aborted || this.whyCalledOff(phase)) throw new Cancelled();
  }

  private whyCalledOff(phase: Phase): string | undefined {
    if (this.phase.program === "ended") return "The program has ended.";
    if (this.phase.runs !== phase.runs) {
      return "The program was let go while it was being armed: stop it and arm again.";
    }
    return undefined;
  }

  private finishArming(controller: AbortController): void {
    if (this.arming === controller) this.arming = undefined;
    this.injecting = false;
  }

  private armedWith({ tracker, pid, report, layout, gone }: Armed): void {
    this.tracker = tracker;
    this.wantsArmed = true;
    this.current.armed(pid, report, layout);
    this.log.info(
      () => `armed process ${pid}: ${report.mappings} mappings, ${report.pages} pages, ${report.microseconds} µs`,
    );
    this.steps = this.stepsOf(tracker, layout);
    void gone.then(how => this.lose(tracker, `${how}; the kernel has disarmed everything and the program runs on.`));
    this.changed();
  }

  private stepsOf(tracker: TrackerHandle, layout: Layout): Steps {
    const surroundings = {
      tracker,
      recording: this.current,
      places: this.places,
      conditionsWrite: debuggerFor(this.debugType)?.quirks.conditionsWrite ?? true,
      phase: () => this.phase,
      wantsResident: () => this.surroundings.settings().resident,
      askForPlace: () => this.askForPlace(),
      told: (step: Step) => this.told(step),
      lost: (error: unknown) => this.lose(tracker, whyLost(error)),
    };
    return new Steps(surroundings, layout, this.location);
  }

  private told(step: Step): void {
    this.log.debug(() => `step ${step.number}: ${step.written.pageCount} pages, scan ${step.scanMicroseconds} µs`);
    this.onStep.fire(step);
  }

  /** Asks where the program stands, unless the window does so by itself in time. */
  private askForPlace(): void {
    const { phase, places } = this;
    const isPresent = (): boolean => this.phase.halts === phase.halts && this.phase.runs === phase.runs;
    const ask = (): void => {
      if (!isPresent() || places.at(phase) || phase.threadId === undefined) return;
      const args = { threadId: phase.threadId, startFrame: 0, levels: 1 };
      const answer = places.isAsked(phase) ? wait(this.patience) : this.patient().request("stackTrace", args);
      // The answer itself is read as it goes by. Without one the step is told without its end.
      const giveUp = (): void => {
        if (isPresent()) places.giveUp(phase);
      };
      answer.then(giveUp, giveUp);
    };
    const { placePatience = 0 } = this.surroundings;
    if (placePatience === 0) ask();
    else setTimeout(ask, placePatience);
  }

  /** Sees to it that the present halt's place is known, where the debugger knows it: the first step begins there. */
  private async knowPlace(signal: AbortSignal): Promise<void> {
    const { phase, places } = this;
    if (places.at(phase) || phase.threadId === undefined) return;
    const args = { threadId: phase.threadId, startFrame: 0, levels: 1 };
    await this.patient(signal)
      .request("stackTrace", args)
      .catch(() => {});
  }

  /** Learns which pages are in memory; what the mappings did since is no step. */
  private async settleQuietly(tracker: TrackerHandle): Promise<void> {
    try {
      const settlement = await tracker.settle(this.surroundings.settings().resident);
      if (this.tracker !== tracker) return;
      if (settlement.layout) this.current.setLayout(settlement.layout);
      if (settlement.resident) this.current.setResident(settlement.resident);
    } catch (error) {
      this.lose(tracker, whyLost(error));
    }
  }

  private lose(tracker: TrackerHandle, why: string): void {
    if (this.tracker !== tracker) return;
    this.log.error(() => `lost: ${why}`);
    void this.release();
    this.trouble = { state: "lost", why };
    this.changed();
  }

  /** Lets go of the armed memory. Does not wait for work that is under way: that finds itself ended. */
  private async release(): Promise<void> {
    const { tracker } = this;
    this.tracker = undefined;
    this.steps?.end();
    this.steps = undefined;
    await tracker?.disarm().catch(() => {});
  }

  private get patience(): number {
    return this.surroundings.patience ?? PATIENCE;
  }

  private patient(signal?: AbortSignal): AdapterPort {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waiting = (what: string | undefined): void => {
      clearTimeout(timer);
      if (what !== undefined) {
        timer = setTimeout(() => this.tellWaiting(what), WORTH_TELLING);
      } else if (this.waitingFor !== undefined) {
        this.tellWaiting(undefined);
      }
    };
    return patientPort(this.port, { milliseconds: this.patience, ...(signal ? { signal } : {}), waiting });
  }

  private tellWaiting(what: string | undefined): void {
    this.waitingFor = what;
    this.changed();
  }

  private changed(): void {
    this.onChange.fire();
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

function whyLost(error: unknown): string {
  if (error instanceof AgentGone)
    return `${error.message}; the kernel has disarmed everything and the program runs on.`;
  if (isGone(error)) return "the armed memory is gone: the process has ended or has replaced its program (exec).";
  return explainKernelError(error);
}
