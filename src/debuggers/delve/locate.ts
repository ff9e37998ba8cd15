// Where a variable of Go's lies, and how many bytes it has: delve tells addresses as numbers only, and no sizes.
import type { CallContext } from "../debugger.ts";
import type { Located } from "../locate.ts";
import { evaluate, integer } from "./requests.ts";

/**
 * @param expression of Go; `name[:]` is a slice's elements, its name alone the slice's own three words.
 * @throws {Error}, {DapError} it has no address, with delve's words.
 */
export async function locateInGo(context: CallContext, expression: string, frame?: number): Promise<Located> {
  const elements = /^(.*)\[:\]$/.exec(expression.trim())?.[1];
  if (elements === undefined) return objectOf(context, expression, frame);
  const count = Number(await integer(context, `len(${elements})`, frame));
  if (count === 0) throw new Error(`'${elements}' has no elements now.`);
  const { address, size } = await objectOf(context, `(${elements})[0]`, frame);
  return { address, size: size * count };
}

async function objectOf(context: CallContext, expression: string, frame: number | undefined): Promise<Located> {
  const pointer = `&(${expression})`;
  const address = await integer(context, `uintptr(${pointer})`, frame);
  const { type = "" } = await evaluate(context, pointer, frame);
  // A pointer's type is the object's behind an asterisk. Where the client wants no types, it is asked for its value alone.
  const of = /^\*(.+)$/s.exec(type)?.[1];
  if (of === undefined) throw new Error(`delve does not tell the type of '${expression}'.`);
  const next = await integer(context, `uintptr(&(*(*[2]${of})(${address}))[1])`, frame);
  return { address: Number(address), size: Number(next - address) };
}
