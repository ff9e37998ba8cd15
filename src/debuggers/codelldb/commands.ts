// lldb's own commands through CodeLLDB: its Python runs them, and what they print is the value of an expression.
//
// A command given in its console answers nothing, and what it prints goes to the Debug Console, among what the program prints. The
// private context `_command` answers, but prints there too. In the prefix `/py` and the format `,s` no setting is
// heard: not the kind of expressions, not the console's mode, not how numbers are shown.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import { DapError } from "../adapter-port.ts";
import type { CallContext } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import type { LldbContext } from "../lldb/commands.ts";

/** How long lldb may take over one command, milliseconds: it answers in one or two, but waits five seconds for its server. */
const PATIENCE = 15_000;

/** Characters of one answer: lldb cuts strings off at 1024 (its setting target.max-string-summary-length). */
const PIECE = 1000;

/** What needs no quoting in an answer: what lldb would not write otherwise within quotation marks, and Python knows how to quote. */
const PLAIN = " :;,=+()[]#.<>*-_/";

/** How often a command is run anew within one request. */
const MOST_AGAIN = 100;

/** Where Python keeps an answer that is longer than one piece. */
const KEPT = "writewatch_answer";

/**
 * A context with CodeLLDB's way to lldb's commands.
 * @throws {Error} there is no frame: Python knows its debugger by one.
 */
export async function withPython(context: CallContext): Promise<LldbContext> {
  const frameId = await frameToCallIn(context.port, context.threadId);
  return { ...context, run: (now, command, again) => run(now, frameId, command, again) };
}

async function run(
  context: CallContext,
  frameId: number,
  command: string,
  again: readonly string[] = [],
): Promise<string> {
  let text = await evaluate(context, frameId, command, commandScript(command, again));
  const [, whole = ""] = /^(\d+)\|/.exec(text) ?? [];
  const length = Number(whole);
  text = text.slice(whole.length + 1);
  while (text.length < length) {
    const more = await evaluate(context, frameId, command, restScript(text.length));
    if (whole === "" || more === "") break;
    text += more;
  }
  if (whole === "" || text.length !== length) {
    throw new Error(
      `CodeLLDB's answer to '${command}' was cut short: is lldb's setting target.max-string-summary-length below 1024?`,
    );
  }
  return decodeURIComponent(text);
}

/** Runs a command, and is its output's length and first piece. @param again as in `runCommand`. */
export function commandScript(command: string, again: readonly string[]): string {
  const result = `lldb.debugger.GetCommandInterpreter().HandleCommand(${JSON.stringify(command)}, result, False)`;
  const once = `(lambda result: (${result}, (result.GetOutput() or "") + (result.GetError() or ""))[1])(lldb.SBCommandReturnObject())`;
  const output =
    again.length === 0
      ? once
      : `(lambda all: next((text for text in all if not any(start in text for start in ${JSON.stringify(again)})), "") or ${once})(${once} for _ in range(${MOST_AGAIN}))`;
  const quoted = `__import__("urllib.parse").parse.quote(${output}, safe="${PLAIN}")`;
  return `(lambda text: (globals().__setitem__("${KEPT}", text), "%d|%s" % (len(text), text[:${PIECE}]))[1])(${quoted})`;
}

/** @param from how many characters have been told. */
function restScript(from: number): string {
  return `${KEPT}[${from}:${from + PIECE}]`;
}

async function evaluate(
  { port, signal }: CallContext,
  frameId: number,
  command: string,
  script: string,
): Promise<string> {
  const args: DebugProtocol.EvaluateArguments = { expression: `/py ${script},s`, frameId, context: "watch" };
  const answer = port.request("evaluate", args).catch(explain) as Promise<DebugProtocol.EvaluateResponse["body"]>;
  const { result } = await answered(answer, {
    what: `CodeLLDB, asked for '${command}',`,
    milliseconds: PATIENCE,
    signal,
  });
  const text = /^"(.*)"$/s.exec(result)?.[1];
  if (text === undefined) throw new Error(`CodeLLDB, asked for '${command}', answered with no text: ${result}`);
  return text;
}

/** @throws {Error} always: the refusal, with a remedy where there is one. */
function explain(error: unknown): never {
  if (error instanceof DapError && error.message.includes("Python expressions are disabled")) {
    throw new Error(
      "CodeLLDB runs without its Python, by which WriteWatch reaches lldb. It brings one along: remove the setting lldb.library, or name a liblldb there that was built with Python.",
    );
  }
  throw error;
}
