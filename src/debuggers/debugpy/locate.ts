// Where an object of Python's lies: the interpreter itself tells, for objects do not move in CPython.
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { CallContext } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";
import type { Located } from "../locate.ts";

/**
 * What is asked of an object: the bytes of a buffer, where it is one; all of an object that holds its values in itself; of any other
 * (lists, dictionaries, instances) the head alone, since what it refers to lies elsewhere. __sizeof__ leaves out what the garbage
 * collector keeps before the object.
 */
const QUESTION = [
  "lambda o: (o.__array_interface__['data'][0], o.nbytes) if hasattr(o, '__array_interface__')",
  "else (o.buffer_info()[0], o.buffer_info()[1] * o.itemsize) if type(o).__module__ == 'array'",
  "else (__import__('ctypes').addressof((__import__('ctypes').c_char * len(o)).from_buffer(o)), len(o)) if type(o) is bytearray",
  "else (id(o), o.__sizeof__() if type(o) in (str, bytes, int, float, complex, bool, tuple) else type(o).__basicsize__)",
].join(" ");

/**
 * @param expression of Python: it is evaluated in the program.
 * @throws {DapError} with Python's own words; {Error} the answer tells no place.
 */
export async function locateInPython(
  { port, threadId }: CallContext,
  expression: string,
  frame?: number,
): Promise<Located> {
  const frameId = frame ?? (await frameToCallIn(port, threadId));
  const args: DebugProtocol.EvaluateArguments = {
    expression: `(${QUESTION})(${expression})`,
    frameId,
    context: "watch",
  };
  const { result } = (await port.request("evaluate", args)) as DebugProtocol.EvaluateResponse["body"];
  const [, address, size] = /^\((\d+), (\d+)\)$/.exec(result) ?? [];
  if (!Number.isSafeInteger(Number(address)) || !(Number(size) > 0))
    throw new Error(`'${expression}' is no object with bytes of its own: ${result || "debugpy says nothing"}`);
  return { address: Number(address), size: Number(size) };
}
