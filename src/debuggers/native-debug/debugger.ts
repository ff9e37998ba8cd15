// Native Debug (webfreak.debug), debug type gdb: drives gdb by MI. Written by its sources; it has not been run here.
import { type CallContext, type Debugger, exitedCode, HALT_SIGNAL } from "../debugger.ts";
import { keepHaltSignalScript, threadScript } from "../gdb/halts.ts";
import { runPrintingPython } from "../gdb/printed.ts";
import { processIdScript, systemCallScript } from "../gdb/system-call-script.ts";
import { isToldAny, offers } from "../signs.ts";

export const nativeDebug: Debugger = {
  name: "gdb (Native Debug)",

  quirks: {
    harmless: new Set(["threads", "source"]),
    conditionsWrite: true,
    stopsPerThread: false,
    numbersThreadsAsSystem: false,
    // What gdb prints and what the program prints are output events alike.
    answersAmongOutput: true,
    ofThisComputer: true,
    // Every stop for a signal is told so, and none tells which.
    haltSignal: { ...HALT_SIGNAL, name: "exception" },
    continuesSteps: false,
  },

  recognizes(signs) {
    if (signs.debugType !== "gdb") return "no";
    const { configuration, capabilities } = signs;
    if (capabilities === undefined) return "open";
    const goesToLines = offers(signs, "supportsGotoTargetsRequest") && offers(signs, "supportsStepBack");
    const isTold = typeof configuration?.target === "string" || isToldAny(signs, "gdbpath", "autorun");
    // Either alone: old versions answered `initialize` otherwise, and a configuration may hold what no schema knows.
    return goesToLines || (isTold && !offers(signs, "supportsReadMemoryRequest")) ? "yes" : "no";
  },

  processId: context => runPython(context, processIdScript),

  systemCall: (context, number, args) => runPython(context, systemCallScript(number, args)),

  keepHaltSignal: async context => void (await runPython(context, keepHaltSignalScript)),

  threadOf: async (context, systemThread) => (await runPython(context, threadScript(systemThread))) || undefined,

  async stepInstruction() {
    throw new Error(
      "Native Debug steps by lines alone: for one instruction use gdb's own adapter, cdt-gdb-adapter, lldb-dap or CodeLLDB.",
    );
  },

  exitCode: exitedCode,
};

/** A frame's number names its thread too; a command without a dash before it is one of gdb's console. */
function runPython(context: CallContext, script: string): Promise<number> {
  return runPrintingPython(context, script, "");
}
