// A simulated program: its debug adapter runs system calls on the simulated kernel by itself.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Dialect } from "./dialect.ts";

/** The debug type of simulated programs. */
export const SIMULATED = "writewatch-sim";

export const simulated: Dialect = {
  name: "the simulator",

  async processId(_port, _frameId, announced) {
    if (announced === undefined) throw new Error("The simulator has not told the number of its process.");
    return announced;
  },

  async systemCall(port, frameId, number, args) {
    const expression = `syscall(${[number, ...args].join(", ")})`;
    const request: DebugProtocol.EvaluateArguments = { expression, frameId, context: "repl" };
    const { result } = (await port.request("evaluate", request)) as DebugProtocol.EvaluateResponse["body"];
    if (!/^-?\d+$/.test(result)) throw new Error(`The simulator could not run a system call: ${result}`);
    return Number(result);
  },
};
