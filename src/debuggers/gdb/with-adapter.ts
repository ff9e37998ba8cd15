// A gdb that has a debug adapter of its own.
import { execFileSync } from "node:child_process";
import { gdbDapLauncher } from "../gdb-dap/launch.ts";
import type { Launcher } from "../launcher.ts";
import { allOnPath } from "../on-path.ts";

/** gdb has an adapter of its own from this version on. */
export const FIRST_WITH_ADAPTER = 14;

/** @throws {Error} no gdb on PATH has an adapter of its own. */
export function gdbWithAdapter(): Launcher {
  const gdb = allOnPath(/^gdb(-\d+)?$/).find(one => gdbVersion(one) >= FIRST_WITH_ADAPTER);
  if (gdb) return gdbDapLauncher(gdb);
  throw new Error(
    `No gdb on PATH has a debug adapter of its own, as those from ${FIRST_WITH_ADAPTER} on have: use --debugger gdb, which starts any gdb.`,
  );
}

export function gdbVersion(gdb: string): number {
  const text = execFileSync(gdb, ["--version"], { encoding: "utf8" });
  return Number(/(\d+)\.\d+/.exec(text)?.[1] ?? 0);
}
