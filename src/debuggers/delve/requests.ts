// What delve is asked: values of expressions, words of memory, one instruction of a goroutine's thread.
import type { DebugProtocol } from "@vscode/debugprotocol";
import { answered } from "../../common/deadline.ts";
import { type CallContext, HIDDEN_STOP, OUR_OWN } from "../debugger.ts";
import { frameToCallIn } from "../frame.ts";

/** How long delve may take over one request, milliseconds: it answers in one or two. */
const PATIENCE = 15_000;

type Evaluated = DebugProtocol.EvaluateResponse["body"];

/** @throws {DapError} with delve's words. */
export async function evaluate(context: CallContext, expression: string, frame?: number): Promise<Evaluated> {
  const { port, threadId, signal } = context;
  const ask = async (): Promise<unknown> => {
    const frameId = frame ?? (await frameToCallIn(port, threadId));
    return port.request("evaluate", { expression, frameId, context: "watch" });
  };
  return (await answered(ask(), {
    what: `delve, asked for '${expression}',`,
    milliseconds: PATIENCE,
    signal,
  })) as Evaluated;
}

/**
 * A whole number as delve tells one: "6 = 0x6".
 * @throws {Error} it tells none; {DapError} it refused.
 */
export async function integer(context: CallContext, expression: string, frame?: number): Promise<bigint> {
  const { result } = await evaluate(context, expression, frame);
  const digits = /^-?\d+(?= = 0x[0-9a-f]+$|$)/.exec(result)?.[0];
  if (digits === undefined) throw new Error(`delve does not tell '${expression}' as a number: ${result}`);
  return BigInt(digits);
}

/** Words of eight bytes from an address on: at most 64, or delve leaves some out. */
export class Words {
  readonly values: readonly bigint[];
  private readonly context: CallContext;
  private readonly reference: number;
  private readonly names: readonly string[];

  private constructor(context: CallContext, reference: number, found: readonly DebugProtocol.Variable[]) {
    this.context = context;
    this.reference = reference;
    this.names = found.map(({ name }) => name);
    this.values = found.map(({ value }) => BigInt(/^\d+/.exec(value)?.[0] ?? -1));
  }

  /** @throws {Error} they can't be read. */
  static async at(context: CallContext, address: bigint, count: number): Promise<Words> {
    const { variablesReference } = await evaluate(context, `*(*[${count}]uint64)(${address})`);
    const body = await context.port.request("variables", { variablesReference });
    const { variables } = body as DebugProtocol.VariablesResponse["body"];
    const words = new Words(context, variablesReference, variables);
    if (words.values.length !== count || words.values.some(value => value < 0n))
      throw new Error(`delve does not read ${count} words at 0x${address.toString(16)}.`);
    return words;
  }

  /** Also into code, which ptrace may write. Only what differs is written. @throws {DapError} delve refused. */
  async write(values: readonly bigint[]): Promise<void> {
    for (const [i, value] of values.entries()) {
      if (value === this.values[i]) continue;
      const args = { variablesReference: this.reference, name: this.names[i], value: String(value) };
      await this.context.port.request("setVariable", args);
    }
  }
}

/**
 * One instruction of the thread that runs the context's goroutine, while all others stand.
 * @throws {Error} the program stopped for another reason, or ended.
 */
export async function stepHidden(context: CallContext): Promise<void> {
  const { port, threadId } = context;
  const stopped = Promise.withResolvers<DebugProtocol.Event>();
  const subscription = port.onEvent(event => {
    // Who carries the messages may have hidden it from others already.
    if (["stopped", "terminated", HIDDEN_STOP].includes(event.event)) stopped.resolve(event);
  });
  try {
    await port.request("stepIn", { threadId, granularity: "instruction", ...OUR_OWN });
    const event = await answered(stopped.promise, {
      what: "delve, asked for one instruction,",
      milliseconds: PATIENCE,
    });
    const { reason = event.event, text = "" } = (event.body ?? {}) as { reason?: string; text?: string };
    if (reason !== "step")
      throw new Error(`delve could not step one instruction (${[reason, text].filter(Boolean).join(": ")}).`);
  } finally {
    subscription.dispose();
  }
}

/** The system's number of the thread that runs a goroutine; undefined: none does, it is parked. */
export async function systemThread(context: CallContext, goroutine: number): Promise<number | undefined> {
  const name = (await threads(context)).find(({ id }) => id === goroutine)?.name ?? "";
  const number = / \(Thread (\d+)\)$/.exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The goroutine that a thread runs; undefined: none. */
export async function goroutineOf(context: CallContext, thread: number): Promise<number | undefined> {
  return (await threads(context)).find(({ name }) => name.endsWith(` (Thread ${thread})`))?.id;
}

async function threads({ port }: CallContext): Promise<readonly DebugProtocol.Thread[]> {
  return ((await port.request("threads")) as DebugProtocol.ThreadsResponse["body"]).threads;
}
