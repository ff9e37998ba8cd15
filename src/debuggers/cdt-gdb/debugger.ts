// gdb through cdt-gdb-adapter (npm): what gdb prints comes back as output events.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type CallContext, type Debugger, HALT_SIGNAL } from "../debugger.ts";
import { keepHaltSignalScript, stepAlone, threadScript } from "../gdb/halts.ts";
import { runPrintingPython } from "../gdb/printed.ts";
import { processIdScript, systemCallScript } from "../gdb/system-call-script.ts";
import { offers } from "../signs.ts";
import { EXIT_MARK } from "./exit-mark.ts";

export const cdtGdb: Debugger = {
  name: "gdb (cdt-gdb-adapter)",

  quirks: {
    // Measured on gdb 13.1 (test/debuggers/harmless.test.ts), which puts breakpoints into the code when the program goes on.
    // Not `variables`: those of the C++ library write nothing, but other pretty printers may call the program's functions.
    harmless: new Set([
      "threads",
      "stackTrace",
      "scopes",
      "source",
      "loadedSources",
      "modules",
      "exceptionInfo",
      "breakpointLocations",
      "completions",
      "disassemble",
      "readMemory",
      "stepInTargets",
      "gotoTargets",
      "setBreakpoints",
      "setFunctionBreakpoints",
      "setInstructionBreakpoints",
      "setExceptionBreakpoints",
    ]),
    conditionsWrite: true,
    stopsPerThread: false,
    numbersThreadsAsSystem: false,
    answersAmongOutput: true,
    ofThisComputer: true,
    haltSignal: HALT_SIGNAL,
    continuesSteps: false,
  },

  recognizes(signs) {
    if (signs.debugType !== "gdb" && signs.debugType !== "gdbtarget") return "no";
    if (signs.capabilities === undefined) return "open";
    // Native Debug and gdb's own adapter go by the same type: neither answers `initialize` so.
    const reads = offers(signs, "supportsReadMemoryRequest") && offers(signs, "supportsDisassembleRequest");
    return reads && !offers(signs, "supportsStepBack") && !offers(signs, "supportsModulesRequest") ? "yes" : "no";
  },

  processId: context => runPython(context, processIdScript),

  systemCall: (context, number, args) => runPython(context, systemCallScript(number, args)),

  keepHaltSignal: async context => void (await runPython(context, keepHaltSignalScript)),

  threadOf: async (context, systemThread) => (await runPython(context, threadScript(systemThread))) || undefined,

  stepInstruction: context => stepAlone(context, runPython),

  // It has no `exited` event; the trace command has gdb print the code.
  exitCode(event) {
    if (event.event !== "output") return undefined;
    const found = new RegExp(`${EXIT_MARK} (-?\\d+)`).exec((event as DebugProtocol.OutputEvent).body.output);
    return found ? Number(found[1]) : undefined;
  },
};

function runPython(context: CallContext, script: string): Promise<number> {
  return runPrintingPython(context, script, ">");
}
