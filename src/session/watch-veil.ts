// Moments in which the program runs or stands on our behalf, unseen: the window and the phase go on believing what they did.
import { answered } from "../common/deadline.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { type Debugger, HIDDEN_STOP } from "../debuggers/debugger.ts";
import type { Phase } from "./phase.ts";

export interface VeilSurroundings {
  readonly debugger: Debugger;
  /** How long one instruction may take, milliseconds. */
  readonly patience: number;
  phase(): Phase;
  port(): AdapterPort;
}

/** Requests that let a program go. */
const MOTIONS = new Set([
  "continue",
  "next",
  "stepIn",
  "stepOut",
  "goto",
  "stepBack",
  "reverseContinue",
  "restartFrame",
]);

/** So long after the answer to a request that lets the program go it runs, milliseconds: lldb loses a pause that comes before. */
const RUNS_FOR_SURE = 50;

interface Message {
  type?: unknown;
  event?: unknown;
  command?: unknown;
  seq?: unknown;
  request_seq?: unknown;
  arguments?: unknown;
  body?: unknown;
}

/** A request that the window sent, put off until the program may go. */
export interface PutOff {
  readonly command: string;
  readonly args: object;
}

export class Veil {
  private readonly s: VeilSurroundings;
  private isUp = false;
  /** The next request to let it go is the last one under the veil. */
  private isReleasing = false;
  /** Is told of the stop that is waited for: whether it is the one that was expected. */
  private waiting: ((isExpected: boolean) => void) | undefined;
  /** The window has asked for a pause meanwhile. */
  private pause: PutOff | undefined;
  private readonly putOff = new Map<number, string>();

  constructor(surroundings: VeilSurroundings) {
    this.s = surroundings;
  }

  get isRaised(): boolean {
    return this.isUp;
  }

  /** Whether the program stands under it: whatever runs in it then is a call of the debugger's. */
  get isStill(): boolean {
    return this.isUp && !this.isReleasing && !this.waiting;
  }

  raise(): void {
    this.isUp = true;
    this.isReleasing = false;
  }

  /** The program stands where all believe that it stands, or runs as they believe. */
  drop(): void {
    this.isUp = false;
    this.isReleasing = false;
    this.waiting?.(false);
    this.waiting = undefined;
  }

  /** Whether a message to the adapter is ours, and tells the phase nothing. */
  hides(message: unknown): boolean {
    const { type, command, arguments: args } = (message ?? {}) as Message;
    // A debugger that stands has no ear for it: it is asked again when the program runs.
    if (this.isUp && type === "request" && command === "pause") this.pause = { command, args: { ...(args as object) } };
    if (!this.isUp || type !== "request" || typeof command !== "string" || !MOTIONS.has(command)) return false;
    if (this.isReleasing) this.drop();
    return true;
  }

  /**
   * Makes a request to let the program go one that asks for nothing, in place, and raises the veil.
   * @returns what was asked for; undefined where the message is no such request.
   */
  divert(message: unknown): PutOff | undefined {
    const { type, command, seq, arguments: args } = (message ?? {}) as Message;
    if (type !== "request" || typeof command !== "string" || !MOTIONS.has(command) || typeof seq !== "number")
      return undefined;
    const asked = { command, args: { ...(args as object) } };
    this.putOff.set(seq, command);
    Object.assign(message as object, { command: "threads", arguments: {} });
    this.raise();
    return asked;
  }

  /** A message from the adapter, before anyone reads it: what is to stay unseen is made so, in place. */
  cover(message: unknown): void {
    const { type, event, request_seq: seq } = (message ?? {}) as Message;
    if (type === "response" && typeof seq === "number" && this.putOff.has(seq)) {
      Object.assign(message as object, { command: this.putOff.get(seq), body: { allThreadsContinued: true } });
      this.putOff.delete(seq);
    }
    if (!this.isUp || type !== "event" || event !== "stopped" || !this.waiting) return;
    const { reason } = ((message as Message).body ?? {}) as { reason?: unknown };
    const { waiting } = this;
    this.waiting = undefined;
    // A breakpoint on the next instruction, or a signal: that is the program's own stop, and everybody's.
    if (reason === "step") this.hide(message);
    else this.drop();
    waiting(reason === "step");
  }

  /** A stop that is hidden from all others. */
  hide(message: unknown): void {
    (message as Message).event = HIDDEN_STOP;
  }

  /**
   * Has a thread make one instruction while all others stand.
   * @returns whether it did; else the program stands for a reason of its own, which was told.
   * @throws {DapError} the debugger refused; {DeadlineError} nothing came of it.
   */
  async step(threadId: number): Promise<boolean> {
    const { phase, port, patience } = this.s;
    const { configuration, pid: announcedPid } = phase();
    const stopped = new Promise<boolean>(resolve => {
      this.waiting = resolve;
    });
    const undo = await this.s.debugger.stepInstruction({ port: port(), threadId, configuration, announcedPid });
    try {
      return await answered(stopped, { what: "The debugger, asked for one instruction,", milliseconds: patience });
    } finally {
      await undo?.();
    }
  }

  /** Lets the program go for good. @throws {DapError} the debugger refused; the veil is dropped. */
  async release({ command, args }: PutOff): Promise<void> {
    if (!this.isUp) return;
    this.isReleasing = true;
    try {
      await this.s.port().request(command, args);
    } finally {
      // Where the request never went by, nothing more is hidden.
      if (this.isReleasing) this.drop();
      const { pause } = this;
      this.pause = undefined;
      if (pause)
        setTimeout(
          () =>
            this.s
              .port()
              .request(pause.command, pause.args)
              .catch(() => {}),
          RUNS_FOR_SURE,
        );
    }
  }
}
