// An adapter that nobody here knows: all that is used of it is what the protocol itself promises.
import { type Debugger, exitedCode, stepByProtocol } from "../debugger.ts";
import { systemCallByPtrace } from "../own-ptrace.ts";
import { expectedBy } from "../safety.ts";

export const unknownAdapter: Debugger = {
  name: "an unknown debugger",

  quirks: {
    // Only what reads nothing of the program's: of the rest nobody knows what is run for it.
    harmless: new Set(["threads", "source"]),
    conditionsWrite: true,
    stopsPerThread: true,
    numbersThreadsAsSystem: false,
    // Its number of the process may be of another computer, or of a container: what it names must be what was launched.
    answersAmongOutput: true,
    ofThisComputer: true,
    leavesUntraced: "perhaps",
    // Who does not trace a process has its threads stand by other means, or does not.
    worksWithin: true,
    continuesSteps: false,
  },

  recognizes: () => "no",

  async processId({ announcedPid, configuration }) {
    const pid = announcedPid ?? expectedBy(configuration).pid;
    if (pid !== undefined) return pid;
    throw new Error(
      "The debugger has not told the number of its program's process: neither its process event does, nor 'pid' or 'processId' in the launch configuration.",
    );
  },

  systemCall: async (context, number, args) =>
    systemCallByPtrace(context, await unknownAdapter.processId(context), number, args),

  stepInstruction: stepByProtocol,

  exitCode: exitedCode,
};
