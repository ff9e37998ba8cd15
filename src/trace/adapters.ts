// The debug adapters the trace command can start: a debugger's launcher, and a connection to what it starts.
import type { DebuggerName, Launcher } from "../debuggers/launcher.ts";
import { findLauncher } from "../debuggers/launchers.ts";
import type { AdapterLink } from "./adapter-link.ts";
import { AdapterProcess } from "./adapter-process.ts";

/** An adapter that can be started, in a process of its own or in this one. */
export interface Adapter extends Omit<Launcher, "command"> {
  /** Starts it. */
  connect(): AdapterLink;
}

/** @throws {Error} the debugger is not on PATH, with the command that installs it. */
export function findAdapter(name: DebuggerName): Adapter {
  const { command, ...launcher } = findLauncher(name);
  return { ...launcher, connect: () => new AdapterProcess(command) };
}
