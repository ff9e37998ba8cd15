// cppdbg, the debug type of Microsoft's C/C++ extension: MIEngine, which drives gdb (or lldb-mi) by MI. Written by MIEngine's sources
// and tried before a real gdb with a double of it (behaviour.md): the extension's own binary has not been run here.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import { type CallContext, type Debugger, exitedCode, HALT_SIGNAL } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { keepHaltSignalScript, stepAlone } from "../gdb/halts.ts";
import { newMark, parseMarked, pythonCommand } from "../gdb/python.ts";
import { processIdScript, systemCallScript } from "../gdb/system-call-script.ts";
import { inThread } from "../gdb/threads.ts";
import { exceptionLabels, isToldAny } from "../signs.ts";

/** How long gdb may take to answer, milliseconds. */
const PATIENCE = 15_000;

export const cppdbg: Debugger = {
  name: "cppdbg",

  quirks: {
    // By its sources these ask gdb for nothing that runs code. Not `stackTrace`: it has arguments printed, by pretty printers too.
    harmless: new Set(["threads", "scopes", "source", "modules", "readMemory", "disassemble"]),
    conditionsWrite: true,
    stopsPerThread: false,
    numbersThreadsAsSystem: true,
    answersAmongOutput: false,
    ofThisComputer: true,
    // A stop for a signal is told by gdb's words of what the signal means.
    haltSignal: { ...HALT_SIGNAL, name: "Stopped (signal)" },
    continuesSteps: false,
  },

  recognizes(signs) {
    if (exceptionLabels(signs).includes("All C++ Exceptions")) return "yes";
    if (signs.debugType !== "cppdbg" && !isToldAny(signs, "MIMode")) return "no";
    return signs.capabilities === undefined ? "open" : "yes";
  },

  processId: async context => context.announcedPid ?? (await runPython(context, processIdScript)),

  // gdb's selected thread is whichever its last command chose; DAP's numbers are the system's.
  systemCall: (context, number, args) => runPython(context, inThread(context.threadId, systemCallScript(number, args))),

  keepHaltSignal: async context => void (await runPython(context, keepHaltSignalScript)),

  // It does not hear `singleThread`.
  stepInstruction: context => stepAlone(context, runPython),

  exitCode: exitedCode,
};

/** @throws {Error} what stands behind is not gdb, or the script failed, with gdb's words; {DapError} it refused. */
async function runPython({ port, threadId, signal, configuration }: CallContext, script: string): Promise<number> {
  const { MIMode: mode } = (configuration ?? {}) as { readonly MIMode?: unknown };
  if (mode === "lldb") {
    throw new Error(
      'cppdbg drives lldb-mi here ("MIMode": "lldb"), which has no way to run a system call in the program: use "MIMode": "gdb", or debug with lldb-dap or CodeLLDB.',
    );
  }
  const mark = newMark();
  const run = async (): Promise<unknown> =>
    port.request("evaluate", {
      expression: `-exec ${pythonCommand(mark, script)}`,
      frameId: await frameToCallIn(port, threadId),
      context: "repl",
    } satisfies DebugProtocol.EvaluateArguments);
  const body = await answered(run(), { what: "gdb, asked to run Python,", milliseconds: PATIENCE, signal });
  const { result } = body as DebugProtocol.EvaluateResponse["body"];
  const answer = parseMarked(mark, `${result}\n`);
  if (answer === undefined) throw new Error(`gdb did not answer: ${result.trim() || "it printed nothing"}`);
  return answer;
}
