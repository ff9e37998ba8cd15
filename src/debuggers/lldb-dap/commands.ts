// lldb's own commands through lldb-dap's console: no frame is needed.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import type { CallContext } from "../debugger.ts";
import type { LldbContext } from "../lldb/commands.ts";

/** How long lldb may take over one command, milliseconds: it answers in one or two, but waits five seconds for its server. */
const PATIENCE = 15_000;

export function withConsole(context: CallContext): LldbContext {
  return { ...context, run };
}

async function run({ port, configuration, signal }: CallContext, command: string): Promise<string> {
  const args: DebugProtocol.EvaluateArguments = { expression: escapePrefix(configuration) + command, context: "repl" };
  const body = await answered(port.request("evaluate", args), {
    what: `lldb-dap, asked for '${command}',`,
    milliseconds: PATIENCE,
    signal,
  });
  return (body as DebugProtocol.EvaluateResponse["body"]).result;
}

/** What makes a command of an expression in the console; a launch configuration may choose another. */
function escapePrefix(configuration: object | undefined): string {
  const chosen = (configuration as { commandEscapePrefix?: unknown } | undefined)?.commandEscapePrefix;
  return typeof chosen === "string" ? chosen : "`";
}
