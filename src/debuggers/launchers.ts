// The debuggers that can be started on this computer, by name.
import { execFileSync } from "node:child_process";
import { codelldbLauncher } from "./codelldb/launch.ts";
import { gdbLauncher, gdbWithAdapter } from "./gdb/launch.ts";
import { gdbDapLauncher } from "./gdb-dap/launch.ts";
import type { AdapterCommand, DebuggerName, Launcher } from "./launcher.ts";
import { lldbLauncher } from "./lldb-dap/launch.ts";
import { onPath } from "./on-path.ts";

const launchers: Readonly<Record<DebuggerName, () => Launcher>> = {
  "lldb-dap": lldbLauncher,
  gdb: gdbLauncher,
  "gdb-dap": gdbWithAdapter,
  codelldb: codelldbLauncher,
};

/**
 * Finds a debugger on PATH, or where its editor keeps it.
 * @throws {Error} where there is none, with the command that installs it.
 */
export function findLauncher(name: DebuggerName): Launcher {
  return launchers[name]();
}

/** The first gdb with an adapter of its own. */
const GDB_WITH_ADAPTER = 14;

/**
 * Finds a debug adapter that is ready as it is installed: lldb-dap, else gdb's own.
 * @throws {Error} where there is none, with the command that installs one.
 */
export function findAdapter(): AdapterCommand {
  try {
    return lldbLauncher().command;
  } catch {
    const gdb = onPath(/^gdb$/);
    if (gdb && gdbVersion(gdb) >= GDB_WITH_ADAPTER) return gdbDapLauncher(gdb).command;
    throw new Error(
      "There is neither an lldb-dap nor a gdb from 14 on on PATH. Install one (Debian, Ubuntu: apt-get install lldb-19, any version from 16 on).",
    );
  }
}

function gdbVersion(gdb: string): number {
  try {
    return Number(/^GNU gdb .*?(\d+)\.\d+/m.exec(execFileSync(gdb, ["--version"], { encoding: "utf8" }))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
