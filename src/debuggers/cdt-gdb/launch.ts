// How cdt-gdb-adapter (npm) is started and told to launch a program.
import { createRequire } from "node:module";
import { gdbEnvironment } from "../gdb/environment.ts";
import type { Launcher } from "../launcher.ts";
import { cdtGdb } from "./debugger.ts";
import { EXIT_MARK } from "./exit-mark.ts";

/** @param gdb path of a gdb. */
export function cdtGdbLauncher(gdb: string): Launcher {
  const script = createRequire(import.meta.url).resolve("cdt-gdb-adapter/dist/debugAdapter.js");
  return {
    debugger: cdtGdb,
    debugType: "gdb",
    command: { command: process.execPath, args: [script], env: gdbEnvironment() },
    launchArguments: ({ program, args, cwd, input, output }) => ({
      gdb,
      program,
      cwd,
      arguments: [...args.map(quoteLine), `< ${quoteShell(input)}`, `> ${quoteShell(output)}`, "2>&1"].join(" "),
      initCommands: [
        ...ownEnvironment(),
        `python gdb.events.exited.connect(lambda e: print("${EXIT_MARK} %d" % (e.exit_code if hasattr(e, "exit_code") else 128 + int(gdb.convenience_variable("_exitsignal")))))`,
      ],
    }),
  };
}

/** Commands that give the program the environment it has without gdb, which adds the size of a terminal. */
function ownEnvironment(): string[] {
  return ["SHELL", "LINES", "COLUMNS"].map(name => {
    const value = process.env[name];
    return value === undefined ? `unset environment ${name}` : `set environment ${name} = ${value}`;
  });
}

function quoteShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command to gdb ends with its line. */
function quoteLine(text: string): string {
  if (/[\r\n]/.test(text)) {
    throw new Error("gdb can't pass an argument with a line break to a program: use --debugger lldb-dap.");
  }
  return quoteShell(text);
}
