// Gets a userfaultfd out of the debuggee: its one injected call, our copy taken by the agent, its own copy closed again.
import type { TrackerHandle } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import { DEBUGGEE_UFFD_FLAGS, PR_SET_PTRACER, SystemCall } from "../kernel/abi.ts";
import type { ProcessStatus } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { ArmOptions } from "../tracker/reports.ts";
import type { CallContext, Debugger } from "./debugger.ts";
import { expectedBy, whyAnother, whyUnsafe } from "./safety.ts";

export interface Debuggee {
  readonly debugger: Debugger;
  /** With a port of its own deadlines: what the signal calls off has to be undone through it. */
  readonly context: CallContext;
  readonly pid: number;
  /** Is told of a descriptor that could not be closed in the debuggee, since it had been let go: {@link closeIn} at its next halt. */
  owes?(descriptor: number): void;
}

/** What is wanted of a userfaultfd, and who takes it. */
export interface Taking {
  /** Flags of the system call. */
  readonly flags: number;
  /** Takes a copy of it. @throws {KernelError} the kernel refused; it may be asked again. */
  take(descriptor: number, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Attaches the tracker to the stopped debuggee. @throws as {@link takeThroughDebugger}.
 */
export function attachThroughDebugger(debuggee: Debuggee, tracker: TrackerHandle, options: ArmOptions): Promise<void> {
  return takeThroughDebugger(debuggee, tracker, {
    flags: DEBUGGEE_UFFD_FLAGS,
    take: (descriptor, signal) => tracker.attach(debuggee.pid, descriptor, options, signal),
  });
}

/**
 * Has the stopped debuggee open a userfaultfd, and a copy of it taken. Whatever fails, neither the debuggee nor the tracker keeps one.
 * @throws {KernelError} a refused call, the debuggee's or the agent's; {Error} the debugger can't run a call, or it would harm the
 *   program; {Cancelled} at once when the context's signal is given: what was begun is undone behind it.
 */
export function takeThroughDebugger(debuggee: Debuggee, tracker: TrackerHandle, taking: Taking): Promise<void> {
  const { signal } = debuggee.context;
  return new Promise<void>((resolve, reject) => {
    const callOff = (): void => reject(new Cancelled());
    if (signal?.aborted) return callOff();
    signal?.addEventListener("abort", callOff);
    attach(debuggee, tracker, taking, signal)
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", callOff));
  });
}

async function attach(
  { context, ...debuggee }: Debuggee,
  tracker: TrackerHandle,
  { flags, take }: Taking,
  signal: AbortSignal | undefined,
): Promise<void> {
  const status = await requireSafety(debuggee.debugger, context, debuggee.pid, tracker);
  if (signal?.aborted) throw new Cancelled();
  // A call that has begun is brought to its end, or nobody would know the descriptor to close.
  const called = { ...debuggee, context: { ...context, tracker, signal: undefined } };
  const descriptor = await callIn(called, "userfaultfd", SystemCall.userfaultfd, [flags]).catch(async error => {
    // The call may have been made, and its answer lost: what is there now and was not before is ours.
    const strays = (await userfaultfdsOf(called.pid, tracker)).filter(fd => !status?.userfaultfds.includes(fd));
    for (const stray of strays) await closeOrOwe(called, stray, tracker).catch(() => {});
    throw error;
  });
  try {
    if (signal?.aborted) throw new Cancelled();
    await take(descriptor, signal).catch(async error => {
      if (!isYamaRefusal(error) || tracker.pid === undefined) throw error;
      await callIn(called, "prctl PR_SET_PTRACER", SystemCall.prctl, [PR_SET_PTRACER, tracker.pid]);
      try {
        await take(descriptor, signal);
      } finally {
        await callIn(called, "prctl PR_SET_PTRACER", SystemCall.prctl, [PR_SET_PTRACER, 0]);
      }
    });
  } finally {
    await closeOrOwe(called, descriptor, tracker);
  }
}

/** @throws {Error} it could not be closed, and is owed. */
async function closeOrOwe(debuggee: Debuggee, descriptor: number, tracker: TrackerHandle): Promise<void> {
  await closeIn(debuggee, descriptor).catch(async error => {
    // It may have been closed, and the answer lost; the number may be another file's by the next halt.
    if (debuggee.debugger.quirks.ofThisComputer && !(await userfaultfdsOf(debuggee.pid, tracker)).includes(descriptor))
      return;
    debuggee.owes?.(descriptor);
    throw error;
  });
}

/** Descriptors of a process that are userfaultfds, as far as that can be told. */
export async function userfaultfdsOf(pid: number, tracker: Pick<TrackerHandle, "status">): Promise<readonly number[]> {
  const status = await tracker.status(pid).catch(() => undefined);
  return status?.userfaultfds ?? [];
}

/** Closes a descriptor in the stopped debuggee. @throws {KernelError}, {Error} as any call in it. */
export async function closeIn(debuggee: Debuggee, descriptor: number): Promise<void> {
  await callIn(debuggee, "close", SystemCall.close, [descriptor]);
}

/** @throws {Error} with the reason why a call would harm the program, or be run in another than the debugger's. */
export async function requireSafety(
  { quirks }: Debugger,
  { threadId, configuration }: CallContext,
  pid: number,
  tracker: TrackerHandle,
): Promise<ProcessStatus | undefined> {
  if (!quirks.ofThisComputer) return undefined;
  const expected = expectedBy(configuration);
  const status = await tracker.status(pid, expected.program);
  const { leavesUntraced } = quirks;
  const untraced = leavesUntraced && { agent: tracker.pid, isGuess: leavesUntraced === "perhaps" };
  const process = whyUnsafe(pid, status, untraced);
  if (process) throw new Error(process);
  const another = quirks.answersAmongOutput && status && whyAnother(pid, status, expected);
  if (another) throw new Error(another);
  // Filters are a thread's, and other threads need not have them. Which thread makes the call is our choice where nobody traces them.
  if (quirks.leavesUntraced || !quirks.numbersThreadsAsSystem || threadId === pid) return status;
  const thread = whyUnsafe(threadId, await tracker.status(threadId));
  if (thread) throw new Error(thread);
  return status;
}

export async function callIn(
  debuggee: Debuggee,
  name: string,
  number: number,
  args: readonly number[],
): Promise<number> {
  const { context, pid } = debuggee;
  const result = await debuggee.debugger.systemCall(context, number, args);
  if (result < 0) throw new KernelError(name, `process ${pid} (called in it by ${debuggee.debugger.name})`, -result);
  return result;
}

function isYamaRefusal(error: unknown): boolean {
  return error instanceof KernelError && error.call === "pidfd_getfd" && error.code === "EPERM";
}
