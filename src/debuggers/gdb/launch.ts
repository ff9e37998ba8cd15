// Where gdb is found, which adapter speaks for it, and what every gdb is told of the program's world.
import { cdtGdbLauncher } from "../cdt-gdb/launch.ts";
import { gdbDapLauncher } from "../gdb-dap/launch.ts";
import type { Launcher } from "../launcher.ts";
import { onPath } from "../on-path.ts";
import { FIRST_WITH_ADAPTER, gdbVersion } from "./with-adapter.ts";

/** @throws {Error} there is none on PATH, with the command that installs it. */
export function gdbLauncher(): Launcher {
  const gdb = onPath(/^gdb$/);
  if (!gdb)
    throw new Error("No gdb on PATH. Install it (Debian, Ubuntu: apt-get install gdb), or use --debugger lldb-dap.");
  return gdbVersion(gdb) >= FIRST_WITH_ADAPTER ? gdbDapLauncher(gdb) : cdtGdbLauncher(gdb);
}
