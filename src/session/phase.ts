// Where a debug session stands.

export type Phase =
  /** A debug session runs, not armed (yet). */
  | "found"
  /** Arming is under way. */
  | "arming"
  | "running"
  | "stopped"
  /** Armed once, no longer: the agent or the memory went away. */
  | "lost"
  | "ended";
