// gdb's Python through adapters that pass on what it prints as output events, among what the program prints.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import type { CallContext } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import { newMark, parseMarked, pythonCommand } from "./python.ts";

/** How long gdb may take to answer, milliseconds: it does in a few, but the first time it loads Python. */
const PATIENCE = 15_000;

/**
 * Runs Python in gdb, in the context's thread, and waits for its answer.
 * @param prefix what makes a command of an expression in context `repl`.
 * @throws {Error} with gdb's own words where the script failed.
 */
export async function runPrintingPython(
  { port, threadId, signal }: CallContext,
  script: string,
  prefix: string,
): Promise<number> {
  const mark = newMark();
  const wait = { milliseconds: PATIENCE, signal };
  const frameId = await answered(frameToCallIn(port, threadId), { ...wait, what: "gdb, asked for the stack," });
  const answer = Promise.withResolvers<number>();
  let printed = "";
  const subscription = port.onEvent(event => {
    if (event.event !== "output") return;
    printed += (event as DebugProtocol.OutputEvent).body.output;
    try {
      const result = parseMarked(mark, printed);
      if (result !== undefined) answer.resolve(result);
    } catch (error) {
      answer.reject(error);
    }
  });
  try {
    const args: DebugProtocol.EvaluateArguments = {
      expression: prefix + pythonCommand(mark, script),
      frameId,
      context: "repl",
    };
    // The output event may come a moment after the response, or before.
    port.request("evaluate", args).catch(answer.reject);
    return await answered(answer.promise, { ...wait, what: "gdb, asked to run a system call in the program," });
  } finally {
    subscription.dispose();
  }
}
