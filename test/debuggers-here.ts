// For tests: the debuggers that they are run with. CI has lldb-dap and gdb; gdb's own adapter, which this Debian's gdb has not, is fetched
// from a later one; CodeLLDB comes from an extension, and is run with where named.
//
// By default only the suites that tell most run with every one of them. WRITEWATCH_DEBUGGERS=all has all suites do so, and names of
// debuggers with commas between them choose some.
import { dirname } from "node:path";
import { gdb16 } from "../scripts/later-debian/gdb.ts";
import { laterProgram } from "../scripts/later-debian/unpack.ts";
import { CODELLDB_VARIABLE } from "../src/debuggers/codelldb/launch.ts";
import { cppdbg } from "../src/debuggers/cppdbg/debugger.ts";
import type { DebuggerName } from "../src/debuggers/launcher.ts";
import { findLauncher } from "../src/debuggers/launchers.ts";
import { type Adapter, findAdapter } from "../src/trace/adapters.ts";
import { InlineAdapter } from "../src/trace/inline-adapter.ts";
import { MiEngine } from "./debuggers/mi/engine.ts";

const extra: readonly DebuggerName[] = process.env[CODELLDB_VARIABLE] ? ["codelldb"] : [];
if (extra.length > 0) console.log(`With CodeLLDB, too: ${process.env[CODELLDB_VARIABLE]}`);

/** MIEngine's double before a real gdb (debuggers/mi/engine.ts), which no command can start. */
const CPPDBG = "cppdbg-double";

const here: readonly DebuggerName[] = ["lldb-dap", "gdb", "gdb-dap", ...extra];

/** For suites that tell most. */
export const EVERY_DEBUGGER = chosen(here);

/** A debugger as suites name it that start adapters themselves. */
export type AdapterName = DebuggerName | typeof CPPDBG;

/** For suites that tell most, and start adapters themselves. */
export const EVERY_ADAPTER: readonly AdapterName[] = isWanted(CPPDBG) ? [...EVERY_DEBUGGER, CPPDBG] : EVERY_DEBUGGER;

/** @throws {Error} it is not on PATH. */
export function adapterOf(name: AdapterName): Adapter {
  if (name !== CPPDBG) return findAdapter(name);
  return {
    debugger: cppdbg,
    debugType: "cppdbg",
    connect: () => new InlineAdapter(new MiEngine("gdb")),
    launchArguments: ({ program, args, cwd, input, output }) => ({
      ...{ program, cwd, MIMode: "gdb" },
      args: [...args, "<", input, ">", output, "2>&1"],
      environment: [],
    }),
  };
}

/** For suites that tell little more with one debugger than with the others. */
export const DEBUGGERS = chosen(["lldb-dap", "gdb", ...extra]);

function isWanted(name: string): boolean {
  const { WRITEWATCH_DEBUGGERS: wanted = "" } = process.env;
  return ["", "all"].includes(wanted) || wanted.split(",").includes(name);
}

function chosen(byDefault: readonly DebuggerName[]): readonly DebuggerName[] {
  const { WRITEWATCH_DEBUGGERS: wanted = "" } = process.env;
  const names =
    wanted === "" ? byDefault : wanted === "all" ? here : here.filter(name => wanted.split(",").includes(name));
  if (names.length === 0 && !isWanted(CPPDBG))
    throw new Error(`WRITEWATCH_DEBUGGERS names ${wanted}; here are ${here.join(", ")}.`);
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
