// For tests: the debuggers that they are run with. CI has lldb-dap and gdb; gdb's own adapter, which this Debian's gdb has not, is fetched
// from a later one; CodeLLDB comes from an extension, and is run with where named.
//
// By default only the suites that tell most run with every one of them. WRITEWATCH_DEBUGGERS=all has all suites do so, and names of
// debuggers with commas between them choose some.
import { dirname } from "node:path";
import { gdb16 } from "../scripts/later-debian/gdb.ts";
import { laterProgram } from "../scripts/later-debian/unpack.ts";
import { CODELLDB_VARIABLE } from "../src/debuggers/codelldb/launch.ts";
import type { DebuggerName } from "../src/debuggers/launcher.ts";
import { findLauncher } from "../src/debuggers/launchers.ts";

const extra: readonly DebuggerName[] = process.env[CODELLDB_VARIABLE] ? ["codelldb"] : [];
if (extra.length > 0) console.log(`With CodeLLDB, too: ${process.env[CODELLDB_VARIABLE]}`);

const here: readonly DebuggerName[] = ["lldb-dap", "gdb", "gdb-dap", ...extra];

/** For suites that tell most. */
export const EVERY_DEBUGGER = chosen(here);

/** For suites that tell little more with one debugger than with the others. */
export const DEBUGGERS = chosen(["lldb-dap", "gdb", ...extra]);

function chosen(byDefault: readonly DebuggerName[]): readonly DebuggerName[] {
  const { WRITEWATCH_DEBUGGERS: wanted = "" } = process.env;
  const names =
    wanted === "" ? byDefault : wanted === "all" ? here : here.filter(name => wanted.split(",").includes(name));
  if (names.length === 0) throw new Error(`WRITEWATCH_DEBUGGERS names ${wanted}; here are ${here.join(", ")}.`);
  if (names.includes("gdb-dap") && !isThere("gdb-dap")) {
    process.env.PATH += `:${dirname(laterProgram(gdb16))}`;
    findLauncher("gdb-dap");
  }
  return names;
}

function isThere(name: DebuggerName): boolean {
  try {
    findLauncher(name);
    return true;
  } catch {
    return false;
  }
}
