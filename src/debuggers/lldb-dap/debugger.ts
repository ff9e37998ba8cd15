// lldb-dap (lldb-vscode until LLVM 17).
import { type Debugger, exitedCode } from "../debugger.ts";
import { signalNumber } from "../signal-numbers.ts";
import { packet } from "./packets.ts";
import { steppedSystemCall } from "./stepped-call.ts";

export const lldbDap: Debugger = {
  name: "lldb-dap",

  quirks: {
    // `stackTrace` is not among them: in C++ programs it runs __cxa_current_exception_type; formatters of C++ types run code, too.
    harmless: new Set(["threads", "source", "modules", "exceptionInfo", "breakpointLocations"]),
    conditionsWrite: true,
    stopsPerThread: true,
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

  exitCode(event, lastSignal) {
    const told = exitedCode(event);
    // It tells a signal's number where a signal ended the program.
    const bySignal = told !== undefined && lastSignal !== undefined && signalNumber(lastSignal) === told;
    return bySignal ? 128 + told : told;
  },
};
