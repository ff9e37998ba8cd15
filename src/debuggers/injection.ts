// Gets a userfaultfd out of the debuggee: its one injected call, our copy taken by the agent, its own copy closed again.
import type { TrackerHandle } from "../agent/tracking.ts";
import { DEBUGGEE_UFFD_FLAGS, PR_SET_PTRACER, SystemCall } from "../kernel/abi.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { ArmOptions } from "../tracker/reports.ts";
import type { CallContext, Debugger } from "./debugger.ts";

export interface Debuggee {
  readonly debugger: Debugger;
  readonly context: CallContext;
  readonly pid: number;
}

/**
 * Attaches the tracker to the stopped debuggee. Whatever fails, neither the debuggee nor the tracker keeps a descriptor.
 * @throws {KernelError} a refused call, the debuggee's or the agent's; {Error} the debugger can't run a call.
 */
export async function attachThroughDebugger(
  debuggee: Debuggee,
  tracker: TrackerHandle,
  options: ArmOptions,
): Promise<void> {
  const descriptor = await callIn(debuggee, "userfaultfd", SystemCall.userfaultfd, [DEBUGGEE_UFFD_FLAGS]);
  try {
    await tracker.attach(debuggee.pid, descriptor, options).catch(async error => {
      if (!isYamaRefusal(error) || tracker.pid === undefined) throw error;
      await callIn(debuggee, "prctl PR_SET_PTRACER", SystemCall.prctl, [PR_SET_PTRACER, tracker.pid]);
      try {
        await tracker.attach(debuggee.pid, descriptor, options);
      } finally {
        await callIn(debuggee, "prctl PR_SET_PTRACER", SystemCall.prctl, [PR_SET_PTRACER, 0]);
      }
    });
  } finally {
    await callIn(debuggee, "close", SystemCall.close, [descriptor]);
  }
}

async function callIn(debuggee: Debuggee, name: string, number: number, args: readonly number[]): Promise<number> {
  const { context, pid } = debuggee;
  const result = await debuggee.debugger.systemCall(context, number, args);
  if (result < 0) throw new KernelError(name, `process ${pid} (called in it by ${debuggee.debugger.name})`, -result);
  return result;
}

function isYamaRefusal(error: unknown): boolean {
  return error instanceof KernelError && error.call === "pidfd_getfd" && error.code === "EPERM";
}
