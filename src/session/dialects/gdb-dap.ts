// gdb's own adapter, from 14 on: in context `repl` an expression is a gdb command, and what it prints is the result.
// Written by gdb's documentation of its adapter; no gdb of that age was at hand to run it on.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../../debuggers/adapter-port.ts";
import type { Dialect } from "./dialect.ts";
import { gdbSystemCall, parseMarked, processIdScript, pythonCommand } from "./gdb-python.ts";

const MARK = "writewatch";

export const gdbDap: Dialect = {
  name: "gdb",

  async processId(port, frameId, announced) {
    return announced ?? runPython(port, frameId, processIdScript);
  },

  systemCall: (port, frameId, number, args) => runPython(port, frameId, gdbSystemCall(number, args)),
};

async function runPython(port: AdapterPort, frameId: number, script: string): Promise<number> {
  const args: DebugProtocol.EvaluateArguments = {
    expression: pythonCommand(MARK, script),
    frameId,
    context: "repl",
  };
  const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
  const answer = parseMarked(MARK, `${result}\n`);
  if (answer === undefined) throw new Error(`gdb did not answer: ${result.trim() || "it printed nothing"}`);
  return answer;
}
