// Calls in programs that their debugger does not trace (Python, Node, Go's own, none at all): made by the agent's own ptrace.
import type { CallContext } from "./debugger.ts";

/**
 * Runs one system call in a process that nobody traces, for {@link Debugger.systemCall} of debuggers whose quirk
 * {@link Quirks.leavesUntraced} is set. The process need not stand: one of its threads does, for some hundred microseconds.
 * @param context as `systemCall` is given it: `tracker` is set wherever a call is made.
 * @param pid as {@link Debugger.processId} told it.
 * @returns the kernel's return value: a negative value is -errno.
 * @throws {KernelError} the kernel refused to attach; {Error} a call would harm the process, with the reason: nothing was done to it.
 */
export async function systemCallByPtrace(
  context: Pick<CallContext, "tracker">,
  pid: number,
  number: number,
  args: readonly number[],
): Promise<number> {
  const { tracker } = context;
  if (!tracker) throw new Error(`No agent is at hand that could make a call in process ${pid}.`);
  return tracker.systemCallIn(pid, number, args);
}
