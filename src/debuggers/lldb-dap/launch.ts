// Where lldb-dap is found, and how it is told to launch a program.
import type { Launcher } from "../launcher.ts";
import { AT_FIRST_INSTRUCTION, quoteLldb } from "../lldb/launch.ts";
import { onPath } from "../on-path.ts";
import { lldbDap } from "./debugger.ts";

/** @throws {Error} there is none on PATH, with the command that installs it. */
export function lldbLauncher(): Launcher {
  const path = onPath(/^lldb-dap(-\d+)?$/) ?? onPath(/^lldb-vscode(-\d+)?$/);
  if (!path) {
    throw new Error(
      "No lldb-dap on PATH. Install it (Debian, Ubuntu: apt-get install lldb-19, any version from 16 on), or use --debugger gdb.",
    );
  }
  return {
    debugger: lldbDap,
    debugType: "lldb-dap",
    command: { command: path, args: [] },
    launchArguments: ({ program, args, cwd, input, output }) => ({
      program,
      args,
      cwd,
      stopOnEntry: false,
      initCommands: [
        `settings set target.input-path ${quoteLldb(input)}`,
        `settings set target.output-path ${quoteLldb(output)}`,
        `settings set target.error-path ${quoteLldb(output)}`,
      ],
      postRunCommands: [AT_FIRST_INSTRUCTION],
    }),
  };
}
