// A live process that no debugger holds: our own adapter (src/attach) has it stand, and makes calls in it.
import { type Debugger, exitedCode } from "../debugger.ts";

/** The debug type of processes without a debugger. */
export const ATTACHED = "writewatch";

/** The adapter's own request: runs a system call in the process. Arguments: `{ number, args }`; answer: `{ result }`. */
export const SYSTEM_CALL_REQUEST = "writewatch.systemCall";

/** A capability of our adapter's alone. */
export const MARK = "__writewatch";

export const attached: Debugger = {
  name: "WriteWatch",

  quirks: {
    // It reads what the kernel tells, and runs nothing in the process to answer.
    harmless: new Set([
      ...["threads", "stackTrace", "scopes", "variables", "source", "modules", "pause"],
      ...["setBreakpoints", "setFunctionBreakpoints", "setExceptionBreakpoints"],
    ]),
    conditionsWrite: false,
    stopsPerThread: false,
    numbersThreadsAsSystem: true,
    answersAmongOutput: false,
    ofThisComputer: true,
    continuesSteps: false,
  },

  recognizes({ debugType, capabilities }) {
    if (debugType !== ATTACHED) return "no";
    // Programs are launched under the same type, by whichever debugger is installed.
    if (capabilities === undefined) return "open";
    return capabilities[MARK] === true ? "yes" : "no";
  },

  async processId({ announcedPid }) {
    if (announcedPid === undefined) throw new Error("The process to attach to is not known yet.");
    return announcedPid;
  },

  async systemCall({ port }, number, args) {
    const { result } = (await port.request(SYSTEM_CALL_REQUEST, { number, args })) as { readonly result: number };
    return result;
  },

  async stepInstruction() {
    throw new Error(
      "A process without a debugger can't be stepped by instructions: attach gdb or lldb to it for that.",
    );
  },

  exitCode: exitedCode,
};
