// How gdb's own adapter is started and told to launch a program.
import { gdbEnvironment } from "../gdb/environment.ts";
import type { Launcher } from "../launcher.ts";
import { gdbDap } from "./debugger.ts";

/**
 * It tells a program that a signal has ended as one that ended well: before it looks, the event gets the code that a shell would tell.
 * Where a later gdb's adapter has another inside, its own code stays.
 */
const TELL_SIGNAL = [
  "import gdb.dap.events as own",
  "exited = gdb.events.exited",
  "exited.disconnect(own._on_exit)",
  'exited.connect(lambda e: hasattr(e, "exit_code") or setattr(e, "exit_code", 128 + int(gdb.convenience_variable("_exitsignal"))))',
  "exited.connect(own._on_exit)",
].join("; ");

/** @param gdb path of a gdb from 14 on. */
export function gdbDapLauncher(gdb: string): Launcher {
  // It quotes arguments itself, redirections too; the wrapper is a way round that.
  const wrapper = `/bin/sh -c 'i=$WRITEWATCH_IN o=$WRITEWATCH_OUT; unset WRITEWATCH_IN WRITEWATCH_OUT; exec "$0" "$@" <"$i" >"$o" 2>&1'`;
  return {
    debugger: gdbDap,
    debugType: "gdb-dap",
    command: {
      command: gdb,
      args: ["-q", "-iex", `set exec-wrapper ${wrapper}`, "-iex", `python ${TELL_SIGNAL}`, "-i=dap"],
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
