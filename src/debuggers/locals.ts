// The locals and arguments of the frames on a thread's stack, with where they lie: asked of whichever debugger holds the program.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { type AdapterPort, DapError } from "./adapter-port.ts";
import { AS_IN_C, type Asking } from "./debugger.ts";

/** A variable of a frame, bytes [address, address + size). */
export interface Local {
  readonly name: string;
  /** As the debugger writes it: "int [8]". */
  readonly type: string;
  readonly address: number;
  /** Undefined where only an evaluation would tell. */
  readonly size: number | undefined;
  /** The function, and how many frames lie within it: 0 for the innermost. */
  readonly function: string;
  readonly depth: number;
  /** DAP's number of the frame. */
  readonly frameId: number;
}

/** Variables of one frame that are looked up. */
const MOST_VARIABLES = 32;

export interface LocalsQuestion {
  readonly port: AdapterPort;
  /** Innermost first. */
  readonly frames: readonly DebugProtocol.StackFrame[];
  /** Absent: as in C. */
  readonly asking?: Asking | undefined;
  /** Bytes of a type in words; undefined: not known. */
  sizeOf(type: string): number | undefined;
}

/**
 * @returns those that lie in memory, frame by frame; a generator, for whoever has found what they look for asks no further. What
 *   evaluating them writes is the debugger's.
 * @throws {DapError} the debugger refused.
 */
export async function* localsOf({ port, frames, asking = AS_IN_C, sizeOf }: LocalsQuestion): AsyncGenerator<Local[]> {
  for (const [depth, frame] of frames.entries()) {
    const found: Local[] = [];
    // Some adapters can't tell the locals of any frame but the innermost.
    for (const { name, type = "" } of await orNone(variablesOf(port, frame.id))) {
      if (!/^[A-Za-z_]\w*$/.test(name)) continue;
      // Adapters mean many things by a memoryReference: the pointee, the value's address, or nothing.
      const where = await evaluated(port, asking.address(name), frame.id);
      const address = Number(/\b0x[0-9a-f]+/i.exec(where ?? "")?.[0]);
      if (!Number.isSafeInteger(address) || address === 0) continue;
      const plain = /^[^(]*/.exec(frame.name)?.[0].trim() || frame.name;
      found.push({ name, type, address, size: sizeOf(type), function: plain, depth, frameId: frame.id });
    }
    yield found;
  }
}

/** Bytes of a local whose type does not tell; undefined where the debugger doesn't either. */
export async function sizeOfLocal(
  { port, asking = AS_IN_C }: Pick<LocalsQuestion, "port" | "asking">,
  { name, frameId }: Local,
): Promise<number | undefined> {
  const size = Number(/(\d+)\D*$/.exec((await evaluated(port, asking.size(name), frameId)) ?? "")?.[1]);
  return size > 0 && size < 2 ** 32 ? size : undefined;
}

async function variablesOf(port: AdapterPort, frameId: number): Promise<DebugProtocol.Variable[]> {
  const { scopes } = (await port.request("scopes", { frameId })) as DebugProtocol.ScopesResponse["body"];
  const own = scopes.filter(
    ({ name, presentationHint, expensive }) =>
      !expensive && (/^(local|argument)/i.test(presentationHint ?? "") || /^(local|arg)/i.test(name)),
  );
  const found: DebugProtocol.Variable[] = [];
  for (const { variablesReference } of own) {
    if (variablesReference === 0) continue;
    const body = (await port.request("variables", { variablesReference })) as DebugProtocol.VariablesResponse["body"];
    found.push(...body.variables);
  }
  return found.slice(0, MOST_VARIABLES);
}

/** @returns undefined where the debugger refuses: a variable in a register has no address. */
async function evaluated(port: AdapterPort, expression: string, frameId: number): Promise<string | undefined> {
  const args: DebugProtocol.EvaluateArguments = { expression, frameId, context: "watch" };
  const answer = port.request("evaluate", args) as Promise<DebugProtocol.EvaluateResponse["body"]>;
  const [body] = await orNone(answer.then(one => [one]));
  return body?.result;
}

/** Nothing where the debugger refuses. */
async function orNone<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DapError) return [];
    throw error;
  }
}
