// A simulated program: its debug adapter runs system calls on the simulated kernel by itself.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type Debugger, exitedCode, stepByProtocol } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";

/** The debug type of simulated programs. */
export const SIMULATED = "writewatch-sim";

export const simulated: Debugger = {
  name: "the simulator",

  quirks: {
    // Its adapter reads a simulated program's memory past the program, and runs nothing in it to show a value.
    harmless: new Set([
      "breakpointLocations",
      "completions",
      "exceptionInfo",
      "modules",
      "readMemory",
      "scopes",
      "setBreakpoints",
      "setFunctionBreakpoints",
      "source",
      "stackTrace",
      "threads",
      "variables",
    ]),
    conditionsWrite: false,
    stopsPerThread: false,
    numbersThreadsAsSystem: true,
    answersAmongOutput: false,
    ofThisComputer: false,
    continuesSteps: false,
  },

  recognizes: ({ debugType }) => (debugType === SIMULATED ? "yes" : "no"),

  async processId({ announcedPid }) {
    if (announcedPid === undefined) throw new Error("The simulator has not told the number of its process.");
    return announcedPid;
  },

  async systemCall({ port, threadId }, number, args) {
    const expression = `syscall(${[number, ...args].join(", ")})`;
    const frameId = await frameToCallIn(port, threadId);
    const request: DebugProtocol.EvaluateArguments = { expression, frameId, context: "repl" };
    const { result } = (await port.request("evaluate", request)) as DebugProtocol.EvaluateResponse["body"];
    if (!/^-?\d+$/.test(result)) throw new Error(`The simulator could not run a system call: ${result}`);
    return Number(result);
  },

  stepInstruction: stepByProtocol,

  exitCode: exitedCode,
};
