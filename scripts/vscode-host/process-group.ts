// Starts a program in a process group of its own and ends the whole group with us.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";

export interface Group {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const GRACE_MS = 3000;

export function startGroup(command: string, args: readonly string[], options: SpawnOptions): Group {
  exitOnSignals();
  const child = spawn(command, args, { ...options, detached: true });
  const ended = new Promise<void>(resolve => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  // Exit handlers can't wait, so the last resort is the signal that can't be refused; first in line, because others remove
  // folders that the group still writes to.
  const lastResort = () => signalGroup(child, "SIGKILL");
  process.prependOnceListener("exit", lastResort);
  return {
    child,
    ended,
    async stop() {
      signalGroup(child, "SIGTERM");
      await Promise.race([ended, new Promise(resolve => setTimeout(resolve, GRACE_MS).unref())]);
      // Also after a clean end: what the leader started (extension host, debug adapters) may outlive it.
      signalGroup(child, "SIGKILL");
      process.removeListener("exit", lastResort);
      await ended;
    },
  };
}

let exitsOnSignals = false;

/** A process that a signal ends runs no exit handlers, and the groups would live on; so we exit by ourselves. */
function exitOnSignals(): void {
  if (exitsOnSignals) return;
  exitsOnSignals = true;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // Whoever else listens has an orderly end in mind.
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: the group is gone, which is what was asked for.
  }
}
