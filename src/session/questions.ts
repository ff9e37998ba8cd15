// Our own questions to the debug adapter: each with a deadline, and told in the panel when an answer takes long.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { functionNameOf } from "../debuggers/frame.ts";
import { patientPort } from "./patient-port.ts";
import type { Phase } from "./phase.ts";
import type { Places } from "./places.ts";

export interface QuestionSettings {
  /** How long the adapter may take to answer one request, milliseconds. */
  readonly patience: number;
  /** How long to wait at a halt for the window's own question where the program stands, milliseconds. */
  readonly placePatience: number;
  /** Whether the adapter may tell one halt by an event for each thread. */
  readonly stopsPerThread: () => boolean;
}

/** How long something is waited for before the panel says so, milliseconds. */
const WORTH_TELLING = 500;

/** After so long without another event all threads of a halt have been told, milliseconds. */
const ALL_TOLD = 40;

export class Questions {
  /** What is waited for just now, as the middle of a sentence; undefined while nothing is, or not for long. */
  waitingFor: string | undefined;
  private readonly port: AdapterPort;
  private readonly settings: QuestionSettings;
  private readonly changed: () => void;
  /** When the adapter last told of a stop, of the clock that counts from the start. */
  private lastStop = 0;
  /** The last halt was shorter than the window's question takes to come: a key is held, and only we can ask in time. */
  private isHasty = false;

  /** @param changed is called when {@link waitingFor} has changed. */
  constructor(port: AdapterPort, settings: QuestionSettings, changed: () => void) {
    this.port = port;
    this.settings = settings;
    this.changed = changed;
  }

  /** The adapter with deadlines. @param signal ends every wait at once. */
  patient(signal?: AbortSignal): AdapterPort {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waiting = (what: string | undefined): void => {
      clearTimeout(timer);
      if (what !== undefined) timer = setTimeout(() => this.tell(what), WORTH_TELLING);
      else if (this.waitingFor !== undefined) this.tell(undefined);
    };
    return patientPort(this.port, {
      milliseconds: this.settings.patience,
      ...(signal ? { signal } : {}),
      waiting,
    });
  }

  /**
   * Sees to it that somebody asks where the program stands at the present halt: the window, or else we. The answer is read as it
   * goes by; without one the place is given up.
   * @param present gives the phase, whenever it is looked at.
   */
  askForPlace(places: Places, present: () => Phase): void {
    const phase = present();
    const isPresent = (): boolean => present().halts === phase.halts && present().runs === phase.runs;
    const ask = (): void => {
      if (!isPresent() || places.at(phase) || phase.threadId === undefined) return;
      const giveUp = (): void => {
        if (isPresent()) places.giveUp(phase);
      };
      const answer = places.isAsked(phase) ? passing(this.settings.patience) : this.topFrame(phase.threadId);
      answer.then(giveUp, giveUp);
    };
    const { placePatience } = this.settings;
    if (placePatience === 0 || this.isHasty) ask();
    else setTimeout(ask, placePatience);
  }

  /** Asks where the program stands, unless it is known, and waits for the answer; a refusal is one. */
  async knowPlace(places: Places, phase: Phase, signal: AbortSignal): Promise<void> {
    if (!places.at(phase) && phase.threadId !== undefined) await this.topFrame(phase.threadId, signal).catch(() => {});
  }

  /**
   * The frames of a thread at the present halt, innermost first.
   * @throws {DapError} the debugger refused; {DeadlineError} it did not answer.
   */
  async stack(threadId: number, levels: number, signal?: AbortSignal): Promise<DebugProtocol.StackFrame[]> {
    const body = (await this.frames(threadId, levels, signal)) as DebugProtocol.StackTraceResponse["body"] | undefined;
    return (body?.stackFrames ?? []).map(frame => ({ ...frame, name: functionNameOf(frame.name) }));
  }

  /** The adapter has told of a stop. */
  onStopped(): void {
    this.lastStop = performance.now();
  }

  /** The program, which stood, is let go. */
  onLetGo(): void {
    this.isHasty = performance.now() - this.lastStop < this.settings.placePatience;
  }

  private topFrame(threadId: number, signal?: AbortSignal): Promise<unknown> {
    return this.frames(threadId, 1, signal);
  }

  private async frames(threadId: number, levels: number, signal?: AbortSignal): Promise<unknown> {
    const port = this.patient(signal);
    if (this.settings.stopsPerThread()) await this.allTold(port);
    return port.request("stackTrace", { threadId, startFrame: 0, levels });
  }

  /**
   * Waits until a halt of several threads has been told for each. lldb-dap 19 describes them in one thread and answers in
   * another: a stack trace in a C++ program and a description wait for each other for ever, if they begin together.
   */
  private async allTold(port: AdapterPort): Promise<void> {
    const body = (await port.request("threads")) as { readonly threads?: readonly unknown[] } | undefined;
    if ((body?.threads?.length ?? 0) < 2) return;
    for (;;) {
      const left = this.lastStop + ALL_TOLD - performance.now();
      if (left <= 0) return;
      await passing(left);
    }
  }

  private tell(what: string | undefined): void {
    this.waitingFor = what;
    this.changed();
  }
}

function passing(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
