// A program's memory as its session holds it: unarmed, being armed, armed, lost; and the steps that it tells while it is armed.
import { AgentGone, type TrackerHandle, type TrackingAgent } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import type { Log } from "../common/log.ts";
import type { Recognition } from "../debuggers/index.ts";
import { isGone } from "../kernel/kernel-error.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import type { ArmOptions } from "../tracker/reports.ts";
import { type Armed, armProgram, closeOwed, type Owed } from "./arming.ts";
import type { Phase } from "./phase.ts";
import type { Questions } from "./questions.ts";
import type { MemoryState } from "./status.ts";
import { type StepSurroundings, Steps } from "./steps.ts";
import { HOW_TO_ARM } from "./words.ts";

/** What the session gives; functions, for what they give may be another at the next call. */
export interface MemorySurroundings {
  readonly log: Log;
  phase(): Phase;
  questions(): Questions;
  recognition(): Recognition;
  agent(): TrackingAgent;
  /** @throws {Error} what is to be armed can't be told, and why. */
  options(signal: AbortSignal): Promise<ArmOptions>;
  /** Makes sure that the present halt's place is known where it will be. */
  knowPlace(signal: AbortSignal): Promise<void>;
  /** It is armed: the steps begin, with what the session knows. */
  stepSurroundings(armed: Armed): Omit<StepSurroundings, "tracker" | "lost">;
  changed(): void;
  /** The memory was armed, or let go. */
  trackerChanged(): void;
}

export class ArmedMemory {
  private readonly s: MemorySurroundings;
  private tracker: TrackerHandle | undefined;
  private pid: number | undefined;
  private current: Steps | undefined;
  private arming: AbortController | undefined;
  /** Calls of our own run in the program: stops and resumptions that are told now are theirs. */
  private calling = false;
  /** Descriptors that armings which were overtaken left open in the program. */
  private owed: Owed[] = [];
  /** What went wrong last; absent where nothing did. */
  trouble: { readonly state: "unarmed" | "lost"; readonly why: string } | undefined;
  /** It was armed, and another program has taken its place (exec): that one is to be armed, at this halt or the next. */
  isReplaced = false;
  /** Settles when memory that was found gone is given up, or its program's successor armed. */
  followed: Promise<void> = Promise.resolve();
  /** The user had it armed, and has not disarmed it since. */
  isWanted = false;

  constructor(surroundings: MemorySurroundings) {
    this.s = surroundings;
  }

  /** The steps that are told while it is armed. */
  get steps(): Steps | undefined {
    return this.current;
  }

  /** The tracker of the armed process. */
  get armed(): { readonly tracker: TrackerHandle; readonly pid: number } | undefined {
    return this.tracker && this.pid !== undefined ? { tracker: this.tracker, pid: this.pid } : undefined;
  }

  /** Does what makes calls in the standing program: stops and resumptions that are told meanwhile are theirs. */
  async calls<T>(work: () => Promise<T>): Promise<T> {
    this.calling = true;
    try {
      return await work();
    } finally {
      this.calling = false;
    }
  }

  /** A descriptor stayed open in the program: it is closed at the next halt. */
  owes(owed: Owed): void {
    this.owed.push(owed);
  }

  get isCalling(): boolean {
    return this.calling;
  }

  get state(): MemoryState {
    // Of a program that has ended there is none to be lost.
    if (this.s.phase().program === "ended") return "unarmed";
    if (this.current) return "armed";
    if (this.arming) return "arming";
    return this.trouble?.state ?? "unarmed";
  }

  /**
   * Arms the stopped program.
   * @param signal calls it off.
   * @throws {Error} with what was tried and the remedy; nothing is armed then. {Cancelled}
   */
  async arm(signal?: AbortSignal): Promise<void> {
    if (this.current) return;
    if (this.arming) throw new Error("Arming is under way already.");
    const phase = this.s.phase();
    if (phase.program !== "stopped") throw new Error(`The program is not stopped. ${HOW_TO_ARM}`);
    const controller = new AbortController();
    const callOff = (): void => controller.abort();
    signal?.addEventListener("abort", callOff);
    if (signal?.aborted) callOff();
    this.arming = controller;
    this.trouble = undefined;
    this.s.changed();
    try {
      const armed = await this.attempt(controller, phase);
      this.finish(controller);
      this.begin(armed);
      await this.steps?.quiet();
    } catch (error) {
      const overtaken = this.whyOvertaken(phase);
      const why = overtaken ?? (error instanceof Cancelled ? "it was called off" : explainKernelError(error));
      this.s.log.warn(() => `not armed: ${why}`);
      if (this.arming === controller) this.trouble = { state: "unarmed", why };
      this.finish(controller);
      this.s.changed();
      if (error instanceof Cancelled && !overtaken) throw error;
      throw new Error(why, { cause: error });
    } finally {
      signal?.removeEventListener("abort", callOff);
    }
  }

  /** Calls off an arming that is under way. */
  callOff(): void {
    this.arming?.abort();
  }

  /** The program was let go: a call that is half done in it can't be trusted, and stops that come now are the program's own. */
  onLetGo(): void {
    this.callOff();
    this.calling = false;
  }

  /** The program has halted; whoever carries the message must not wait for what follows. */
  onHalt(): void {
    if (this.owed.length > 0) setTimeout(() => void this.payDebts());
    this.current?.halted();
  }

  /** The program has ended, or another one begins: what is armed, and owed, goes with it. */
  forget(): void {
    this.isReplaced = false;
    this.owed = [];
    this.trouble = undefined;
    this.callOff();
    void this.release();
  }

  /** Lets go of the armed memory. Does not wait for work that is under way: that finds itself ended. */
  async release(): Promise<void> {
    const { tracker } = this;
    this.tracker = undefined;
    this.current?.end();
    this.current = undefined;
    if (tracker) this.s.trackerChanged();
    await tracker?.disarm().catch(() => {});
  }

  private async attempt(controller: AbortController, phase: Phase): Promise<Armed> {
    const { signal } = controller;
    const check = (): void => {
      if (signal.aborted || this.whyOvertaken(phase)) throw new Cancelled();
    };
    await this.s.knowPlace(signal);
    check();
    const options = await this.s.options(signal);
    check();
    return armProgram({
      ...{ phase, signal, check, options },
      port: this.s.questions().patient(),
      recognition: this.s.recognition(),
      agent: () => this.s.agent(),
      injecting: now => {
        this.calling = now && this.arming === controller;
      },
      owes: owed => this.owed.push(owed),
    });
  }

  private whyOvertaken(phase: Phase): string | undefined {
    const now = this.s.phase();
    if (now.program === "ended") return "The program has ended.";
    if (now.runs !== phase.runs) return "The program was let go while it was being armed: stop it and arm again.";
    return undefined;
  }

  private finish(controller: AbortController): void {
    if (this.arming === controller) this.arming = undefined;
    this.calling = false;
  }

  private begin(armed: Armed): void {
    const { tracker, pid, report, layout, gone } = armed;
    this.tracker = tracker;
    this.pid = pid;
    this.isWanted = true;
    const words = `${report.mappings} mappings, ${report.pages} pages, ${report.microseconds} µs`;
    this.s.log.info(() => `armed process ${pid}: ${words}`);
    const lost = (error: unknown): void => {
      this.followed = this.loseOrFollow(tracker, pid, error);
    };
    const { isReplaced } = this;
    this.isReplaced = false;
    const isHeld = (): Promise<boolean> => isTraced(tracker, pid);
    this.current = new Steps({ ...this.s.stepSurroundings(armed), tracker, lost, isReplaced, isHeld }, layout);
    void gone.then(how => this.lose(tracker, `${how}; the kernel has disarmed everything and the program runs on.`));
    this.s.changed();
    this.s.trackerChanged();
  }

  /** Where the process lives on with another program, that one is armed as the one before was, and the steps go on. */
  private async loseOrFollow(tracker: TrackerHandle, pid: number, error: unknown): Promise<void> {
    const isReplaced = isGone(error) && (await livesOn(tracker, pid));
    if (this.tracker !== tracker) return;
    this.isReplaced = isReplaced;
    this.lose(tracker, isReplaced ? "the program has run another one in its place (exec)." : whyLost(error));
    if (isReplaced && this.s.phase().program === "stopped") await this.arm().catch(() => {});
  }

  private lose(tracker: TrackerHandle, why: string): void {
    if (this.tracker !== tracker) return;
    this.s.log.error(() => `lost: ${why}`);
    void this.release();
    this.trouble = { state: "lost", why };
    this.s.changed();
  }

  /** Closes what was left open in the program; what can't be closed now is tried again at the next halt. */
  private async payDebts(): Promise<void> {
    const phase = this.s.phase();
    if (phase.program !== "stopped" || this.arming) return;
    const { owed } = this;
    this.owed = [];
    this.calling = true;
    for (const debt of owed) {
      try {
        await closeOwed(this.s.questions().patient(), this.s.recognition().debugger, phase, debt, this.s.agent());
      } catch (error) {
        this.s.log.warn(() => `descriptor ${debt.descriptor} is still open in process ${debt.pid}: ${error}`);
        if (this.s.phase().pid === phase.pid) this.owed.push(debt);
      }
    }
    this.calling = false;
  }
}

/** Whether a debugger holds the process, so far as that can be told. */
async function isTraced(tracker: TrackerHandle, pid: number): Promise<boolean> {
  const status = await tracker.status(pid).catch(() => undefined);
  return status === undefined || !/^TracerPid:\t0$/m.test(status.process);
}

/** Whether there is a process of that number that has not ended. */
async function livesOn(tracker: TrackerHandle, pid: number): Promise<boolean> {
  const status = await tracker.status(pid).catch(() => undefined);
  return status !== undefined && !/^State:\t[ZX]/m.test(status.process);
}

function whyLost(error: unknown): string {
  if (error instanceof AgentGone)
    return `${error.message}; the kernel has disarmed everything and the program runs on.`;
  if (isGone(error)) return "the armed memory is gone: the process has ended or has replaced its program (exec).";
  return explainKernelError(error);
}
