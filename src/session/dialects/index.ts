// The debuggers WriteWatch can run a call through, by the debug type of the launch configuration.
import { cdtGdb } from "./cdt-gdb.ts";
import type { Dialect } from "./dialect.ts";
import { gdbDap } from "./gdb-dap.ts";
import { lldbDap } from "./lldb-dap.ts";
import { SIMULATED, simulated } from "./simulated.ts";

const dialects = new Map<string, Dialect>([
  ["lldb-dap", lldbDap],
  ["gdb", cdtGdb],
  ["gdb-dap", gdbDap],
  [SIMULATED, simulated],
]);

export function dialectFor(debugType: string): Dialect | undefined {
  return dialects.get(debugType);
}

export function knownDebuggers(): string[] {
  return [...dialects.keys()];
}
