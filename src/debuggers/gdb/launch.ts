// Where gdb is found, which adapter speaks for it, and what every gdb is told of the program's world.
import { execFileSync } from "node:child_process";
import { cdtGdbLauncher } from "../cdt-gdb/launch.ts";
import { gdbDapLauncher } from "../gdb-dap/launch.ts";
import type { Launcher } from "../launcher.ts";
import { allOnPath, onPath } from "../on-path.ts";

/** gdb has an adapter of its own from this version on. */
const FIRST_WITH_ADAPTER = 14;

/** @throws {Error} there is none on PATH, with the command that installs it. */
export function gdbLauncher(): Launcher {
  const gdb = onPath(/^gdb$/);
  if (!gdb)
    throw new Error("No gdb on PATH. Install it (Debian, Ubuntu: apt-get install gdb), or use --debugger lldb-dap.");
  return gdbVersion(gdb) >= FIRST_WITH_ADAPTER ? gdbDapLauncher(gdb) : cdtGdbLauncher(gdb);
}

/** @throws {Error} no gdb on PATH has an adapter of its own. */
export function gdbWithAdapter(): Launcher {
  const gdb = allOnPath(/^gdb(-\d+)?$/).find(one => gdbVersion(one) >= FIRST_WITH_ADAPTER);
  if (gdb) return gdbDapLauncher(gdb);
  throw new Error(
    `No gdb on PATH has a debug adapter of its own, as those from ${FIRST_WITH_ADAPTER} on have: use --debugger gdb, which starts any gdb.`,
  );
}

function gdbVersion(gdb: string): number {
  const text = execFileSync(gdb, ["--version"], { encoding: "utf8" });
  return Number(/(\d+)\.\d+/.exec(text)?.[1] ?? 0);
}
