// gdb's own adapter, from 14 on: in context `repl` an expression is a gdb command, and what it prints is the result.
// Written by gdb's documentation of its adapter; no gdb of that age was at hand to run it on.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "../adapter-port.ts";
import { type Debugger, exitedCode } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { gdbSystemCall, parseMarked, processIdScript, pythonCommand } from "../gdb/python.ts";

const MARK = "writewatch";

export const gdbDap: Debugger = {
  name: "gdb",

  quirks: {
    harmless: new Set(["threads", "source", "modules", "readMemory", "disassemble"]),
    conditionsWrite: true,
    stopsPerThread: false,
  },

  recognizes: debugType => debugType === "gdb-dap",

  async processId({ port, threadId, announcedPid }) {
    return announcedPid ?? runPython(port, threadId, processIdScript);
  },

  systemCall: ({ port, threadId }, number, args) => runPython(port, threadId, gdbSystemCall(number, args)),

  exitCode: exitedCode,
};

async function runPython(port: AdapterPort, threadId: number, script: string): Promise<number> {
  const args: DebugProtocol.EvaluateArguments = {
    expression: pythonCommand(MARK, script),
    frameId: await frameToCallIn(port, threadId),
    context: "repl",
  };
  const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
  const answer = parseMarked(MARK, `${result}\n`);
  if (answer === undefined) throw new Error(`gdb did not answer: ${result.trim() || "it printed nothing"}`);
  return answer;
}
