// One instruction of one thread, while all others stand: the adapter's own `next` makes a whole line of it, whatever granularity is
// asked for (lldb-dap 19), and a line may store several times.
import { type LldbContext, runCommand } from "./commands.ts";

/** lldb's own index of each thread by the system's number, in the text of `thread list`. */
export function threadIndices(text: string): ReadonlyMap<number, number> {
  const lines = text.matchAll(/^\W*thread #(\d+): tid = (0x[0-9a-f]+|\d+)/gm);
  return new Map([...lines].map(([, index, thread]) => [Number(thread), Number(index)]));
}

/** See {@link Debugger.stepInstruction}. @throws {Error} lldb knows no such thread, or did not step it, with its words. */
export async function stepOneInstruction(context: LldbContext): Promise<undefined> {
  const index = threadIndices(await runCommand(context, "thread list")).get(context.threadId);
  if (index === undefined) throw new Error(`lldb knows no thread ${context.threadId}`);
  const said = await runCommand(context, `thread step-inst --run-mode this-thread ${index}`);
  const refused = /^error: (.*)/m.exec(said)?.[1];
  if (refused !== undefined) throw new Error(`lldb did not step thread ${context.threadId}: ${refused}`);
  return undefined;
}
