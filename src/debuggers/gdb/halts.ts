// How gdb is made to halt at one thread, and to let one thread run alone; the same for every adapter that speaks to gdb.
import { type CallContext, HALT_SIGNAL, stepByProtocol } from "../debugger.ts";

/** gdb would pass it on to the program, which would stop once more, for good. */
export const keepHaltSignalScript = `
gdb.execute("handle ${HALT_SIGNAL.name} stop print nopass", to_string=True)
print_result(0)
`.trim();

/** What it was is kept in a variable of gdb's own. */
const LOCK = `
gdb.set_convenience_variable("writewatch_locking", gdb.parameter("scheduler-locking"))
gdb.execute("set scheduler-locking on")
print_result(0)
`.trim();

const UNLOCK = `
gdb.execute("set scheduler-locking " + gdb.convenience_variable("writewatch_locking").string())
print_result(0)
`.trim();

/**
 * One instruction of the context's thread while all others stand, which gdb does only where it is set so.
 * @param runPython runs a script of gdb's Python.
 * @returns puts the setting back; to be called when the thread has stopped.
 */
export async function stepAlone(
  context: CallContext,
  runPython: (context: CallContext, script: string) => Promise<number>,
): Promise<() => Promise<void>> {
  await runPython(context, LOCK);
  const putBack = async (): Promise<void> => void (await runPython({ ...context, signal: undefined }, UNLOCK));
  try {
    await stepByProtocol(context);
  } catch (error) {
    await putBack();
    throw error;
  }
  return putBack;
}

/** Prints gdb's number of a thread by the system's; 0 where it has none. */
export function threadScript(systemThread: number): string {
  return `
numbers = [t.global_num for t in gdb.selected_inferior().threads() if ${systemThread} in t.ptid[:2] and t.ptid[1] in (0, ${systemThread})]
print_result(numbers[0] if numbers else 0)
`.trim();
}
