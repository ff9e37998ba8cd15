// lldb's own commands through its adapter's console: no frame is needed, nothing is compiled, no event is sent.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import type { CallContext } from "../debugger.ts";

/** How long lldb may take over one command, milliseconds: it answers in one or two, but waits five seconds for its server. */
const PATIENCE = 15_000;

/**
 * Runs one lldb command.
 * @returns what it printed.
 * @throws {DapError} the adapter refused; {DeadlineError} it did not answer; {Cancelled} the context's signal was given.
 */
export async function runCommand({ port, configuration, signal }: CallContext, command: string): Promise<string> {
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
