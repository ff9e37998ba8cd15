// CodeLLDB (vadimcn.vscode-lldb), lldb behind an adapter of its own.
import { type Debugger, exitedCode, HALT_SIGNAL } from "../debugger.ts";
import { shellsExitCode } from "../lldb/exit-code.ts";
import { serversProcessId } from "../lldb/process-id.ts";
import { steppedSystemCall } from "../lldb/stepped-call.ts";
import { exceptionLabels } from "../signs.ts";
import { byPython } from "./asking.ts";
import { withPython } from "./commands.ts";

export const codelldb: Debugger = {
  name: "CodeLLDB",

  quirks: {
    // Measured on CodeLLDB 1.12.2 with lldb 19.1.7 (test/debuggers/harmless.test.ts). Not `variables`: a formatter may run code.
    // Not what sets breakpoints: it writes them into the program's code at once.
    harmless: new Set([
      "threads",
      "stackTrace",
      "scopes",
      "source",
      "modules",
      "exceptionInfo",
      "completions",
      "disassemble",
      "readMemory",
      "stepInTargets",
      "gotoTargets",
    ]),
    conditionsWrite: true,
    stopsPerThread: false,
    numbersThreadsAsSystem: true,
    // "Launched process N" stands among what the program prints; its server's answer does not.
    answersAmongOutput: false,
    ofThisComputer: true,
    haltSignal: HALT_SIGNAL,
    continuesSteps: true,
  },

  recognizes(signs) {
    const { debugType, capabilities } = signs;
    if (capabilities?.__lldb !== undefined || capabilities?.$__lldb_version !== undefined) return "no";
    // Its own way to name them, all through its versions: "C++: on throw", "Rust: on panic".
    if (exceptionLabels(signs).some(label => /^[A-Z]\S+: on (throw|catch|panic)$/.test(label))) return "yes";
    if (debugType !== "lldb") return "no";
    return capabilities === undefined ? "open" : "yes";
  },

  processId: async context => context.announcedPid ?? (await serversProcessId(await withPython(context))),

  systemCall: async (context, number, args) => steppedSystemCall(await withPython(context), number, args),

  async stepInstruction({ port, threadId }) {
    // The others stand meanwhile, whatever it is told of them. Not `next`, which makes all of what an instruction calls.
    await port.request("stepIn", { threadId, granularity: "instruction" });
    return undefined;
  },

  asking: byPython,

  exitCode: (event, lastSignal) => shellsExitCode(exitedCode(event), lastSignal),
};
