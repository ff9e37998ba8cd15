// Halts the program where a store into a watch waits, knows the halt by the debugger's word of it, and never waits for ever.
import type { TrackerHandle } from "../agent/tracking.ts";
import type { Log } from "../common/log.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { Quirks } from "../debuggers/debugger.ts";
import type { WatchHit } from "../tracker/watches/reports.ts";
import type { Phase } from "./phase.ts";
import type { Veil } from "./watch-veil.ts";

export interface HaltSurroundings {
  readonly log: Log;
  readonly tracker: TrackerHandle;
  readonly pid: number;
  readonly quirks: Quirks;
  /** How long a halt may take, milliseconds, before it is asked for in another way; and as long again before it is given up. */
  readonly patience: number;
  phase(): Phase;
  port(): AdapterPort;
  readonly veil: Veil;
  /** What the window is to show of a halt at this hit. */
  words(hit: WatchHit): string;
  /** Whether nobody is to see the program stand for it. */
  isHidden(hit: WatchHit): boolean;
  /** The program has halted for the hit, and the phase knows; `threadId` is the debugger's. */
  halted(hit: WatchHit, threadId: number): void;
  /** It could not be halted, and the hit was let through; a sentence. */
  gaveUp(hit: WatchHit, why: string): void;
}

/** After so long a signal that had no effect is sent again, milliseconds. */
const AGAIN = 100;

/** Fields of DAP's `stopped` event, on its way to the window. */
interface StoppedBody {
  threadId?: unknown;
  reason?: unknown;
  description?: unknown;
  text?: unknown;
}

/**
 * Hits queue until the program stands for one of them. Where it stands for another reason, a store that waits is done by nobody: its
 * thread comes again when the program is let go, and the program is halted for it then.
 */
export class WatchHalts {
  private readonly s: HaltSurroundings;
  private readonly queue: WatchHit[] = [];
  /** The hit that the program is being halted for. */
  private current: WatchHit | undefined;
  /** The program was asked to pause by the protocol, and the reason may be any pause's. */
  private isPausing = false;
  /** A signal that was sent again may come after the stop that it was for. */
  private mayStray = false;
  /** The stop that is waited for is the end of a step. */
  private isStep = false;
  /** A stop is being told once more, by a request of ours. */
  private isRetold = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(surroundings: HaltSurroundings) {
    this.s = surroundings;
  }

  /** Whether the program is being halted. */
  get isHalting(): boolean {
    return this.current !== undefined;
  }

  /** A hit that is worth a halt. */
  add(hit: WatchHit): void {
    if (this.ended || this.current?.id === hit.id || this.queue.some(({ id }) => id === hit.id)) return;
    this.queue.push(hit);
    this.next();
  }

  /** The program was let go: what waits is halted for. */
  onLetGo(): void {
    this.forgetTimer();
    if (this.current) this.queue.unshift(this.current);
    this.current = undefined;
    this.isStep = false;
    // A halt has ended the wait of every thread that stood, which is told again with its store: if it comes again at all.
    if (!this.s.phase().othersRun) {
      const over = this.queue.filter(({ waits }) => !waits);
      this.queue.splice(0, this.queue.length, ...over);
    }
    this.next();
  }

  /**
   * Knows a `stopped` event that is our doing, and makes it tell of the store, in place: whoever it is handed on to reads that.
   * @returns what is to be done once the phase knows of the halt; undefined where the stop is not ours.
   */
  recognize(message: unknown): (() => void) | undefined {
    const { current } = this;
    const { type, event, body } = (message ?? {}) as { type?: unknown; event?: unknown; body?: StoppedBody };
    if (type !== "event" || event !== "stopped" || typeof body !== "object" || body === null) return undefined;
    if (!current) return this.stray(message, body);
    this.forgetTimer();
    if (!this.isOurs(body, current)) return undefined;
    this.current = undefined;
    this.isRetold = false;
    const threadId = typeof body.threadId === "number" ? body.threadId : (this.s.phase().threadId ?? 1);
    if (this.isStep) {
      this.isStep = false;
      Object.assign(body, { reason: "step", description: "step", text: "" });
      return () => {};
    }
    if (this.s.isHidden(current)) {
      this.s.veil.hide(message);
      this.s.veil.raise();
      return () => this.s.halted(current, threadId);
    }
    const words = this.s.words(current);
    body.reason = "data breakpoint";
    body.description = words;
    body.text = words;
    return () => this.s.halted(current, threadId);
  }

  /**
   * Has the program, which stands under the veil, stand where all see it: the signal comes before the thread's next instruction.
   * @param as what it is told as: the hit, or a step that has come to its end.
   * @throws {Error} it can't be made to; it stands unseen.
   */
  async surface(hit: WatchHit, as: "hit" | "step"): Promise<void> {
    const { quirks, tracker, pid, veil, phase } = this.s;
    const thread = this.threadOf(hit);
    if (quirks.retell) {
      const { command, args } = quirks.retell;
      this.current = hit;
      this.isStep = as === "step";
      this.isRetold = true;
      await veil.release({ command, args });
      return;
    }
    if (!quirks.haltSignal || !(await tracker.interrupt(pid, thread, quirks.haltSignal.number)))
      throw new Error(`thread ${thread} can't be halted`);
    this.current = hit;
    this.isStep = as === "step";
    await veil.release({ command: "continue", args: { threadId: phase().letGo ?? 1 } });
  }

  /** Nothing is halted for any more; what was over before the program could be halted is told as that. */
  end(): void {
    this.ended = true;
    this.forgetTimer();
    const over = [...(this.current ? [this.current] : []), ...this.queue].filter(({ waits }) => !waits);
    for (const hit of over) this.s.gaveUp(hit, "the program had gone on, or ended, before it could be halted");
    this.queue.length = 0;
    this.current = undefined;
  }

  /** Halts the program for what waits, where it runs. */
  next(): void {
    if (this.current || this.ended || this.s.veil.isRaised || this.s.phase().program !== "running") return;
    const hit = this.queue.shift();
    if (!hit) return;
    this.current = hit;
    this.isPausing = false;
    void this.halt(hit);
  }

  private async halt(hit: WatchHit): Promise<void> {
    const { quirks, tracker, pid, patience, log } = this.s;
    const signal = quirks.haltSignal;
    const thread = this.threadOf(hit);
    const isSent = signal !== undefined && (await tracker.interrupt(pid, thread, signal.number).catch(() => false));
    if (this.current !== hit) return;
    if (!isSent) {
      this.pause(hit);
      return;
    }
    const since = performance.now();
    const again = (): void => {
      // A thread that runs on may be in the middle of a fork, where lldb loses the signal.
      if (performance.now() - since < patience - 1) {
        if (!hit.waits) {
          this.mayStray = true;
          void tracker.interrupt(pid, thread, signal.number).catch(() => false);
        }
        this.timer = setTimeout(again, hit.waits ? patience : AGAIN);
        return;
      }
      log.warn(() => `thread ${thread} did not stop by ${signal.name}: asking for a pause`);
      this.pause(hit);
    };
    this.timer = setTimeout(again, hit.waits ? patience : AGAIN);
  }

  /** Of a change that is found after the fact the thread is not known, and one of another process's can't be halted. */
  private threadOf({ by, threadId }: WatchHit): number {
    return by === "store" || by === "system call" ? threadId || this.s.pid : this.s.pid;
  }

  /** By the protocol. */
  private pause(hit: WatchHit): void {
    const { quirks, port, phase, patience } = this.s;
    if (this.current !== hit) return;
    this.isPausing = true;
    const threadId = quirks.numbersThreadsAsSystem && hit.threadId ? hit.threadId : (phase().letGo ?? 1);
    const giveUp = (why: string): void => {
      if (this.current !== hit || phase().program !== "running") return;
      this.current = undefined;
      this.s.gaveUp(hit, why);
      this.next();
    };
    this.timer = setTimeout(() => giveUp("the debugger did not halt the program in time"), patience);
    port()
      .request("pause", { threadId })
      .catch(error =>
        giveUp(`the debugger refused to halt the program: ${error instanceof Error ? error.message : error}`),
      );
  }

  /** A signal that was sent again, and came when its hit had been told: nobody wants to stop there. */
  private stray(message: unknown, body: StoppedBody): (() => void) | undefined {
    const { motion, program } = this.s.phase();
    const isOurs = this.mayStray && program === "running" && this.says(body, this.s.quirks.haltSignal?.name);
    if (!isOurs || (motion !== "continue" && !this.s.quirks.continuesSteps)) return undefined;
    this.mayStray = false;
    this.s.veil.hide(message);
    this.s.veil.raise();
    return () => void this.s.veil.release({ command: "continue", args: { threadId: body.threadId } }).catch(() => {});
  }

  private says({ reason, description, text }: StoppedBody, name: string | undefined): boolean {
    const said = [reason, description, text].filter(part => typeof part === "string").join(" ");
    if (name === undefined) return false;
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`(?<!\\w)${escaped}(?!\\w)`).test(said);
  }

  private isOurs(body: StoppedBody, hit: WatchHit): boolean {
    const { quirks } = this.s;
    const { threadId } = body;
    if (this.isRetold && body.reason === quirks.retell?.reason) return true;
    if (this.isPausing && ["pause", "SIGINT", "SIGSTOP"].some(name => this.says(body, name))) return true;
    if (!this.says(body, quirks.haltSignal?.name)) return false;
    const isKnown = quirks.numbersThreadsAsSystem && (hit.by === "store" || hit.by === "system call");
    return !isKnown || threadId === hit.threadId;
  }

  private forgetTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
