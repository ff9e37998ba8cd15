// The debuggers WriteWatch can run a call through, by the debug type of the launch configuration.
import { cdtGdb } from "./cdt-gdb/debugger.ts";
import type { Debugger } from "./debugger.ts";
import { delve } from "./delve/debugger.ts";
import { gdbDap } from "./gdb-dap/debugger.ts";
import { lldbDap } from "./lldb-dap/debugger.ts";
import { simulated } from "./simulated/debugger.ts";

const debuggers: readonly Debugger[] = [lldbDap, cdtGdb, gdbDap, delve, simulated];

/** @returns undefined where nothing is known of debuggers of that type. */
export function debuggerFor(debugType: string): Debugger | undefined {
  return debuggers.find(candidate => candidate.recognizes(debugType));
}

/** Names of the debuggers that are known, for messages. */
export function knownDebuggers(): string[] {
  return debuggers.map(({ name }) => name);
}
