// The debuggers that can be started on this computer, by name.
import { codelldbLauncher } from "./codelldb/launch.ts";
import { gdbLauncher } from "./gdb/launch.ts";
import { gdbWithAdapter } from "./gdb/with-adapter.ts";
import type { DebuggerName, Launcher } from "./launcher.ts";
import { lldbLauncher } from "./lldb-dap/launch.ts";

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
