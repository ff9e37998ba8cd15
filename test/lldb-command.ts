// For tests: lldb's own commands, as each adapter takes them.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { DapClient } from "../src/trace/dap-client.ts";

/** Whether lldb stands behind adapters of that debug type. */
export function isLldb(debugType: string): boolean {
  return debugType === "lldb-dap" || debugType === "lldb";
}

/** @returns what the command printed. */
export async function lldbCommand(client: DapClient, command: string, frameId?: number): Promise<string> {
  const isCodelldb = client.debugType === "lldb";
  const args: DebugProtocol.EvaluateArguments = {
    expression: isCodelldb ? command : `\`${command}`,
    // CodeLLDB's own tests ask so.
    context: isCodelldb ? "_command" : "repl",
    ...(frameId === undefined ? {} : { frameId }),
  };
  return ((await client.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"]).result;
}
