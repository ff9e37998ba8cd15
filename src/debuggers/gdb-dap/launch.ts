// How gdb's own adapter is started and told to launch a program. Written by its documentation; no gdb of that age was at hand.
import { gdbEnvironment } from "../gdb/environment.ts";
import type { Launcher } from "../launcher.ts";
import { gdbDap } from "./debugger.ts";

/** @param gdb path of a gdb from 14 on. */
export function gdbDapLauncher(gdb: string): Launcher {
  // It quotes arguments itself, redirections too; the wrapper is a way round that.
  const wrapper = `/bin/sh -c 'i=$WRITEWATCH_IN o=$WRITEWATCH_OUT; unset WRITEWATCH_IN WRITEWATCH_OUT; exec "$0" "$@" <"$i" >"$o" 2>&1'`;
  return {
    debugger: gdbDap,
    debugType: "gdb-dap",
    command: {
      command: gdb,
      args: ["-q", "-iex", `set exec-wrapper ${wrapper}`, "-i=dap"],
      env: gdbEnvironment(),
    },
    launchArguments: ({ program, args, cwd, input, output }) => ({
      program,
      args,
      cwd,
      env: { ...process.env, WRITEWATCH_IN: input, WRITEWATCH_OUT: output },
      stopAtBeginningOfMainSubprogram: false,
    }),
  };
}
