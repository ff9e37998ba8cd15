// Lets a program run in slices, between which the host and its pause button get their turn.
import type { Disposable } from "../../common/disposable.ts";
import type { Execution, Outcome, Until } from "../run/execution.ts";
import type { Fault } from "../run/fault.ts";
import type { Thread } from "../run/thread.ts";
import type { Breakpoints, Hit } from "./breakpoints.ts";
import type { Step } from "./stepping.ts";

/** Why and where the program stands. */
export type Stop =
  | { readonly reason: "entry" | "step" | "pause"; readonly thread: Thread }
  | { readonly reason: "breakpoint"; readonly thread: Thread; readonly hit: Hit }
  | { readonly reason: "exception"; readonly thread: Thread; readonly fault: Fault };

export interface RunnerListener {
  stopped(stop: Stop): void;
  exited(code: number): void;
  /** What the program printed should be shown by now. */
  sliced(): void;
}

/** Work between two looks at the clock and at Pause: well below a millisecond's. */
const WORK_BETWEEN_LOOKS = 2000;
const SLICE_MILLISECONDS = 15;
/** The turn of whoever answers faults: a real program would not get far in the moment that they take. */
const TURN_MILLISECONDS = 2;

export class Runner {
  private readonly execution: Execution;
  private readonly breakpoints: Breakpoints | undefined;
  private readonly listener: RunnerListener;
  private step: Step | undefined;
  private hit: Hit | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wantsPause = false;
  /** The thread that was asked to pause. */
  private asked = 0;
  /** Whether the last slice broke off in the midst of a call. */
  private isMidway = false;
  /** Nothing can run until somebody outside answers a fault. */
  private isIdle = false;
  /** A thread was held in a fault during the slice, or is done with one: whoever answers faults must have a turn. */
  private givesWay = false;
  private last: Thread | undefined;
  private readonly subscriptions: readonly Disposable[];

  /** @param breakpoints none where the program runs without debugging; then faults end it, too. */
  constructor(execution: Execution, breakpoints: Breakpoints | undefined, listener: RunnerListener) {
    this.execution = execution;
    this.breakpoints = breakpoints;
    this.listener = listener;
    const { waits } = execution.machine;
    const giveWay = (): void => {
      this.givesWay = true;
      execution.giveWay();
    };
    this.subscriptions = [
      waits.held.listen(giveWay),
      waits.done.listen(giveWay),
      waits.woken.listen(() => this.goOn()),
    ];
  }

  get isRunning(): boolean {
    return this.timer !== undefined || this.isIdle;
  }

  /** Lets the program run, to the step's end where one is given. */
  start(step?: Step): void {
    if (this.isRunning) return;
    this.step = step;
    this.wantsPause = false;
    this.schedule();
  }

  /** Stops the program where it happens to be. @param threadId of the thread that is asked to stop. */
  pause(threadId: number): void {
    this.wantsPause = true;
    this.asked = threadId;
    this.goOn();
  }

  /** Runs no further. */
  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isIdle = false;
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Ends the idleness, if nothing runs: a fault was answered, or the program is to pause. */
  private goOn(): void {
    if (!this.isIdle) return;
    this.isIdle = false;
    this.schedule();
  }

  private schedule(milliseconds = 0): void {
    this.timer = setTimeout(() => this.slice(), milliseconds);
  }

  private slice(): void {
    const end = performance.now() + SLICE_MILLISECONDS;
    // Pause waits for the end of a call that is under way.
    let outcome: Outcome = { kind: this.isMidway ? "working" : "paused" };
    // With so little to do the call is brought to its end, and nothing more is begun.
    const most = this.wantsPause ? 1 : WORK_BETWEEN_LOOKS;
    this.givesWay = false;
    while (mayGoOn(outcome, this.wantsPause) && !this.givesWay && performance.now() < end) {
      outcome = this.execution.run(this.until, most);
      // Without a debugger a fault is the program's end, and running on brings it about.
      if (outcome.kind === "fault" && !this.breakpoints) outcome = { kind: "paused" };
    }
    this.listener.sliced();
    this.isMidway = outcome.kind === "working";
    if (outcome.kind === "working" || mayGoOn(outcome, this.wantsPause)) {
      this.schedule(this.givesWay ? TURN_MILLISECONDS : 0);
      return;
    }
    this.timer = undefined;
    if (outcome.kind === "idle" && !this.wantsPause) {
      this.isIdle = true;
      return;
    }
    this.report(outcome);
  }

  private report(outcome: Exclude<Outcome, { kind: "working" }>): void {
    if (outcome.kind === "exited") {
      this.listener.exited(outcome.code);
      return;
    }
    const isPause = outcome.kind === "paused" || outcome.kind === "idle";
    const thread = isPause ? this.pausedThread() : outcome.thread;
    this.last = thread;
    if (isPause) this.listener.stopped({ reason: "pause", thread });
    else if (outcome.kind === "fault") this.listener.stopped({ reason: "exception", thread, fault: outcome.fault });
    else if (this.hit) this.listener.stopped({ reason: "breakpoint", thread, hit: this.hit });
    else this.listener.stopped({ reason: "step", thread });
  }

  /** A thread that waits with a store, as it may be why the program is to pause; else the one the user looked at last, if it still runs. */
  private pausedThread(): Thread {
    const { threads } = this.execution;
    const held = threads.filter(({ task }) => task.waitsInAccess);
    const [first] = held;
    if (first) return held.find(({ id }) => id === this.asked) ?? first;
    const last = threads.find(thread => thread === this.last);
    return last ?? (threads[0] as Thread);
  }

  private readonly until: Until = thread => {
    this.hit = this.breakpoints?.hit(thread);
    return this.hit !== undefined || this.step?.isOver(thread) === true;
  };
}

/** A program that is to pause stands still where it can: like a real one, not in the midst of a system call. */
function mayGoOn({ kind }: Outcome, wantsPause: boolean): boolean {
  return kind === "working" || (kind === "paused" && !wantsPause);
}
