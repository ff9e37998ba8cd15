// The debug adapter that is ready on this computer as it is installed, so that programs can be launched without another extension.
import { FIRST_WITH_ADAPTER, gdbWithAdapter } from "./gdb/with-adapter.ts";
import type { AdapterCommand } from "./launcher.ts";
import { lldbLauncher } from "./lldb-dap/launch.ts";

/**
 * Finds lldb-dap, else a gdb with an adapter of its own.
 * @throws {Error} where there is none, with the command that installs one.
 */
export function findAdapter(): AdapterCommand {
  for (const find of [lldbLauncher, gdbWithAdapter]) {
    try {
      return find().command;
    } catch {
      // The next one.
    }
  }
  throw new Error(
    `There is neither an lldb-dap nor a gdb from ${FIRST_WITH_ADAPTER} on on PATH. Install one (Debian, Ubuntu: apt-get install lldb-19, any version from 16 on).`,
  );
}
