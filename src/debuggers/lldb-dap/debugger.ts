// lldb-dap (lldb-vscode until LLVM 17).
import { type Debugger, exitedCode, HALT_SIGNAL } from "../debugger.ts";
import { signalNumber } from "../signal-numbers.ts";
import { packet } from "./packets.ts";
import { stepOneInstruction } from "./step-instruction.ts";
import { steppedSystemCall } from "./stepped-call.ts";

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

  recognizes: debugType => debugType === "lldb-dap",

  async processId(context) {
    if (context.announcedPid !== undefined) return context.announcedPid;
    const answer = await packet(context, "qProcessInfo");
    const pid = /^pid:([0-9a-f]+);/.exec(answer)?.[1];
    if (pid === undefined) throw new Error(`lldb's server does not tell the number of the process: ${answer}`);
    return Number.parseInt(pid, 16);
  },

  systemCall: steppedSystemCall,

  stepInstruction: stepOneInstruction,

  exitCode(event, lastSignal) {
    const told = exitedCode(event);
    // It tells a signal's number where a signal ended the program.
    const bySignal = told !== undefined && lastSignal !== undefined && signalNumber(lastSignal) === told;
    return bySignal ? 128 + told : told;
  },
};
