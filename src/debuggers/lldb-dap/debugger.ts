// lldb-dap (lldb-vscode until LLVM 17).
import { type Debugger, exitedCode, HALT_SIGNAL } from "../debugger.ts";
import { shellsExitCode } from "../lldb/exit-code.ts";
import { serversProcessId } from "../lldb/process-id.ts";
import { stepOneInstruction } from "../lldb/step-instruction.ts";
import { steppedSystemCall } from "../lldb/stepped-call.ts";
import { withConsole } from "./commands.ts";

export const lldbDap: Debugger = {
  name: "lldb-dap",

  quirks: {
    // Measured on lldb-dap 19.1.7 (test/debuggers/harmless.test.ts). Not `stackTrace`: in C++ programs each runs
    // __cxa_current_exception_type, which writes 5 to 12 pages. Not `variables`: a formatter may run code. Not what sets
    // breakpoints: it writes them into the program's code at once.
    harmless: new Set(["threads", "scopes", "source", "modules", "exceptionInfo", "completions", "disassemble"]),
    conditionsWrite: true,
    stopsPerThread: true,
    numbersThreadsAsSystem: true,
    answersAmongOutput: false,
    ofThisComputer: true,
    // Its own pause takes 105 ms, and meets a stop or a `continued` badly (behaviour.md).
    haltSignal: HALT_SIGNAL,
    continuesSteps: true,
  },

  recognizes({ debugType, capabilities }) {
    // LLVM's own mark, from LLVM 14 on; Swift's extension and others start the same adapter under names of their own.
    if (capabilities?.__lldb !== undefined || capabilities?.$__lldb_version !== undefined) return "yes";
    return debugType === "lldb-dap" || debugType === "lldb-vscode" ? "yes" : "no";
  },

  processId: async context => context.announcedPid ?? (await serversProcessId(withConsole(context))),

  systemCall: (context, number, args) => steppedSystemCall(withConsole(context), number, args),

  stepInstruction: context => stepOneInstruction(withConsole(context)),

  exitCode: (event, lastSignal) => shellsExitCode(exitedCode(event), lastSignal),
};
