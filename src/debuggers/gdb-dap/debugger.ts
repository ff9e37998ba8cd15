// gdb's own adapter, from gdb 14 on: in context `repl` an expression is a gdb command, and what it prints is the result.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import { AS_IN_C, type CallContext, type Debugger, exitedCode, HALT_SIGNAL } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { keepHaltSignalScript, stepAlone, threadScript } from "../gdb/halts.ts";
import { newMark, parseMarked, pythonCommand } from "../gdb/python.ts";
import { processIdScript, systemCallScript } from "../gdb/system-call-script.ts";
import { exceptionLabels } from "../signs.ts";

/** How long gdb may take to answer, milliseconds. */
const PATIENCE = 15_000;

export const gdbDap: Debugger = {
  name: "gdb",

  quirks: {
    // Not `stackTrace` and `scopes`: frame filters and pretty printers may run code.
    harmless: new Set(["threads", "source", "modules", "readMemory", "disassemble"]),
    conditionsWrite: true,
    stopsPerThread: false,
    numbersThreadsAsSystem: false,
    answersAmongOutput: false,
    ofThisComputer: true,
    // A stop for a signal does not tell which.
    haltSignal: { ...HALT_SIGNAL, name: "signal" },
    continuesSteps: false,
  },

  recognizes(signs) {
    // No other adapter stops at Ada's exceptions; the debug type is whatever the extension that starts gdb has chosen.
    if (exceptionLabels(signs).includes("Ada assertions")) return "yes";
    const byName = signs.debugType === "gdb-dap" || signs.debugType === "gdb";
    return byName && signs.capabilities === undefined ? "open" : "no";
  },

  async processId(context) {
    return context.announcedPid ?? runPython(context, processIdScript);
  },

  systemCall: (context, number, args) => runPython(context, systemCallScript(number, args)),

  keepHaltSignal: async context => void (await runPython(context, keepHaltSignalScript)),

  threadOf: async (context, systemThread) => (await runPython(context, threadScript(systemThread))) || undefined,

  stepInstruction: context => stepAlone(context, runPython),

  // It shows the text behind a `char *`, and not where that is.
  asking: { ...AS_IN_C, address: expression => `(void *)&(${expression})` },

  exitCode: exitedCode,
};

async function runPython({ port, threadId, signal }: CallContext, script: string): Promise<number> {
  const mark = newMark();
  const run = async (): Promise<unknown> =>
    port.request("evaluate", {
      expression: pythonCommand(mark, script),
      frameId: await frameToCallIn(port, threadId),
      context: "repl",
    } satisfies DebugProtocol.EvaluateArguments);
  const body = await answered(run(), { what: "gdb, asked to run Python,", milliseconds: PATIENCE, signal });
  const { result } = body as DebugProtocol.EvaluateResponse["body"];
  const answer = parseMarked(mark, `${result}\n`);
  if (answer === undefined) throw new Error(`gdb did not answer: ${result.trim() || "it printed nothing"}`);
  return answer;
}
