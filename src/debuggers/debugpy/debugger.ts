// debugpy, the debugger of Python: most of it works within the program's own process.
import { type Debugger, exitedCode } from "../debugger.ts";
import { systemCallByPtrace } from "../own-ptrace.ts";
import { expectedBy } from "../safety.ts";
import { locateInPython } from "./locate.ts";

export const debugpy: Debugger = {
  name: "debugpy",

  quirks: {
    // It answers from within: each answer takes memory of the interpreter's.
    harmless: new Set(),
    conditionsWrite: true,
    stopsPerThread: false,
    numbersThreadsAsSystem: false,
    answersAmongOutput: false,
    ofThisComputer: true,
    leavesUntraced: true,
    worksWithin: true,
    continuesSteps: false,
  },

  recognizes({ debugType, capabilities }) {
    if (debugType === "debugpy") return "yes";
    // The older name of the same, which other extensions for Python have taken, too.
    if (debugType !== "python") return "no";
    if (capabilities === undefined) return "open";
    return capabilities.supportsDebuggerProperties === true ? "yes" : "no";
  },

  async processId({ announcedPid, configuration }) {
    const pid = announcedPid ?? expectedBy(configuration).pid;
    if (pid !== undefined) return pid;
    throw new Error(
      "debugpy has not told the number of the program's process, as it does when it has attached to one.",
    );
  },

  systemCall: async (context, number, args) =>
    systemCallByPtrace(context, await debugpy.processId(context), number, args),

  locate: locateInPython,

  async stepInstruction() {
    throw new Error("debugpy steps lines of Python, and no instructions.");
  },

  exitCode: exitedCode,
};
