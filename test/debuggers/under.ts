// For tests: the debuggers that a suite runs under. gdb's own adapter, which this Debian's gdb has not, is fetched from a later one.
//
// By default only the most telling suites run under all of them; WRITEWATCH_DEBUGGERS=all does so with every suite, and names of
// debuggers with commas between them choose some.
import { dirname } from "node:path";
import { gdb16 } from "../../scripts/later-debian/gdb.ts";
import { laterProgram } from "../../scripts/later-debian/unpack.ts";
import { DEBUGGERS, type DebuggerName } from "../../src/debuggers/launcher.ts";
import { findLauncher } from "../../src/debuggers/launchers.ts";

const USUAL: readonly DebuggerName[] = ["lldb-dap", "gdb"];

/** For a suite that runs under each debugger that is there. */
export const everyDebugger = chosen(DEBUGGERS);

/** For a suite that shows little more under one debugger than under the others. */
export const usualDebuggers = chosen(USUAL);

function chosen(byDefault: readonly DebuggerName[]): readonly DebuggerName[] {
  const wanted = process.env.WRITEWATCH_DEBUGGERS;
  if (wanted === undefined || wanted === "") return prepared(byDefault);
  if (wanted === "all") return prepared(DEBUGGERS);
  const names = wanted.split(",");
  const unknown = names.filter(name => !DEBUGGERS.some(known => known === name));
  if (unknown.length > 0)
    throw new Error(`WRITEWATCH_DEBUGGERS names ${unknown.join(", ")}; there are ${DEBUGGERS.join(", ")}.`);
  return prepared(DEBUGGERS.filter(known => names.includes(known)));
}

function prepared(names: readonly DebuggerName[]): readonly DebuggerName[] {
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
