// The innermost frame of a stopped thread: adapters name the thread that an expression is for by a frame.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "./adapter-port.ts";

/**
 * Asks the debugger where a thread stands (DAP request `stackTrace`).
 * @returns undefined where the debugger gives no frame.
 * @throws {DapError} the debugger refused.
 */
export async function topFrame(port: AdapterPort, threadId: number): Promise<DebugProtocol.StackFrame | undefined> {
  const args: DebugProtocol.StackTraceArguments = { threadId, startFrame: 0, levels: 1 };
  const { stackFrames } = (await port.request("stackTrace", args)) as DebugProtocol.StackTraceResponse["body"];
  return stackFrames[0];
}

/**
 * The number of the frame to evaluate in. To be asked anew for each evaluation: a debugger that lets the program run for a call
 * may give its frames new numbers.
 * @throws {Error} there is none.
 */
export async function frameToCallIn(port: AdapterPort, threadId: number): Promise<number> {
  const frame = await topFrame(port, threadId);
  if (!frame) throw new Error("The debugger shows no stack frame to run a call in.");
  return frame.id;
}

/**
 * A function's name out of a frame's, where the frame's holds more: "a.out!main(int argc, char **argv)" of cppdbg is "main". Any other
 * is left as it is: an operator of C++ has a "!" too, and parameters tell overloaded functions apart.
 */
export function functionNameOf(frame: string): string {
  const [, name] = /^[\w.+-]+!((?:[\w~:<]|\(anonymous).*)$/.exec(frame) ?? [];
  if (name === undefined) return frame;
  if (!name.endsWith(")")) return name;
  let depth = 0;
  for (let at = name.length - 1; at > 0; at -= 1) {
    if (name[at] === ")") depth += 1;
    if (name[at] === "(") depth -= 1;
    if (depth === 0) return name.slice(0, at);
  }
  return name;
}
