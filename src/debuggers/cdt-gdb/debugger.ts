// gdb through cdt-gdb-adapter (npm): what gdb prints comes back as output events.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import { type CallContext, type CallingDebugger, HALT_SIGNAL } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { keepHaltSignalScript, stepAlone, threadScript } from "../gdb/halts.ts";
import { newMark, parseMarked, pythonCommand } from "../gdb/python.ts";
import { processIdScript, systemCallScript } from "../gdb/system-call-script.ts";
import { offers } from "../signs.ts";
import { EXIT_MARK } from "./exit-mark.ts";

/** How long gdb may take to answer, milliseconds: it does in a few, but the first time it loads Python. */
const PATIENCE = 15_000;

export const cdtGdb: CallingDebugger = {
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

/**
 * Runs Python in gdb, and waits for its answer.
 * @throws {Error} with gdb's own words where the script failed.
 */
async function runPython({ port, threadId, signal }: CallContext, script: string): Promise<number> {
  const mark = newMark();
  const wait = { milliseconds: PATIENCE, signal };
  const frameId = await answered(frameToCallIn(port, threadId), { ...wait, what: "gdb, asked for the stack," });
  const answer = Promise.withResolvers<number>();
  let printed = "";
  const subscription = port.onEvent(event => {
    if (event.event !== "output") return;
    printed += (event as DebugProtocol.OutputEvent).body.output;
    try {
      const result = parseMarked(mark, printed);
      if (result !== undefined) answer.resolve(result);
    } catch (error) {
      answer.reject(error);
    }
  });
  try {
    const args: DebugProtocol.EvaluateArguments = {
      expression: `>${pythonCommand(mark, script)}`,
      frameId,
      context: "repl",
    };
    // The output event may come a moment after the response, or before.
    port.request("evaluate", args).catch(answer.reject);
    return await answered(answer.promise, { ...wait, what: "gdb, asked to run a system call in the program," });
  } finally {
    subscription.dispose();
  }
}
