// What may be said of a session, and done with it, at one moment: derived once from its state, for commands, buttons, context keys and the status bar.

/** What the program does, so far as the debugger has told. */
export type ProgramState = "starting" | "running" | "stopped" | "ended";

/** What of its memory is watched. "lost": armed once, no longer, though nobody disarmed it. */
export type MemoryState = "unarmed" | "arming" | "armed" | "lost";

export interface SessionStatus {
  readonly program: ProgramState;
  readonly memory: MemoryState;
  /** One sentence for the person at the debugger: how things stand, and what to do next where there is something to do. */
  readonly message: string;
  /** Whether the message tells of something that went wrong. */
  readonly isProblem: boolean;
  /** What is waited for just now, as the middle of a sentence: "lldb-dap's answer to 'evaluate'"; absent while nothing is. */
  readonly waitingFor?: string;
  readonly can: SessionAbilities;
}

export interface SessionAbilities {
  readonly arm: boolean;
  /** Also while arming, which it cancels. */
  readonly disarm: boolean;
  readonly scan: boolean;
  /** There are steps to forget or export. */
  readonly reset: boolean;
  readonly export: boolean;
  /** Whether debug sessions of this type can ever be armed: nothing is offered for a JavaScript session. */
  readonly everArm: boolean;
}
