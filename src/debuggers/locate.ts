// Where in memory the object is that an expression names, asked of whichever debugger holds the program.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { AdapterPort } from "./adapter-port.ts";
import { AS_IN_C, type Asking } from "./debugger.ts";
import { frameToCallIn } from "./frame.ts";

/** Bytes [address, address + size). */
export interface Located {
  readonly address: number;
  readonly size: number;
}

/** The largest object that is one: of more, somebody has mistaken a number for a size. */
const LARGEST = 2 ** 40;

/**
 * @param asking how the debugger is asked; absent: as in C.
 * @param expression of the program's language, of the frame at which thread `threadId` stands; its address is taken.
 * @throws {Error} it names no object in memory, with the debugger's own words; {DapError} the debugger refused.
 */
export async function locate(
  port: AdapterPort,
  threadId: number,
  expression: string,
  frameId?: number,
  asking: Asking = AS_IN_C,
): Promise<Located> {
  oneLine(expression);
  const frame = frameId ?? (await frameToCallIn(port, threadId));
  const evaluate = async (text: string): Promise<string> => {
    const args: DebugProtocol.EvaluateArguments = { expression: text, frameId: frame, context: "watch" };
    const body = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
    return body.result;
  };
  // lldb names a variable so in its own lists, and then can't parse it; C++ looks there without being told.
  const named = expression.replaceAll("(anonymous namespace)::", "");
  const where = await evaluate(asking.address(named));
  const address = Number(/\b0x[0-9a-f]+/i.exec(where)?.[0]);
  if (!Number.isSafeInteger(address) || address === 0)
    throw new Error(`'${expression}' has no address that the debugger tells: ${where || "it says nothing"}`);
  const howMuch = await evaluate(asking.size(named));
  const size = Number(/(\d+)\D*$/.exec(howMuch)?.[1]);
  if (!(size > 0 && size <= LARGEST))
    throw new Error(`'${expression}' has no size that the debugger tells: ${howMuch || "it says nothing"}`);
  return { address, size };
}

/** A second line would be a command of its own to some debuggers. @throws {Error} */
export function oneLine(expression: string): string {
  if (/[\r\n\0]/.test(expression) || expression.trim() === "") throw new Error("An expression is one line of text.");
  return expression;
}
