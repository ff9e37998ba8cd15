// Arms a stopped program through its debugger; whatever fails or is called off on the way, nothing stays armed.
import { type TrackerHandle, type TrackingAgent, whatIsMissing } from "../agent/tracking.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { CallContext, Debugger } from "../debuggers/debugger.ts";
import type { Recognition } from "../debuggers/index.ts";
import {
  attachThroughDebugger,
  closeIn,
  type Debuggee,
  requireSafety,
  userfaultfdsOf,
} from "../debuggers/injection.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { ArmOptions, ArmReport, Layout } from "../tracker/reports.ts";
import type { Phase } from "./phase.ts";

/** Where none is opened in the program. */
const NO_DESCRIPTOR = 0;

export interface ArmingRequest {
  /** With deadlines, but not ended by `signal`: what was begun is undone through it. */
  readonly port: AdapterPort;
  /** Whose adapter it is. */
  readonly recognition: Recognition;
  /** The halt at which to arm. */
  readonly phase: Phase;
  readonly options: ArmOptions;
  readonly signal: AbortSignal;
  agent(): TrackingAgent;
  /** Throws where it makes no sense any more: the program was let go, the session has ended. Asked after every wait. */
  check(): void;
  /** Stops and resumptions that the adapter tells from now until the next call are our own calls'. */
  injecting(now: boolean): void;
  /** A descriptor stayed open in the program, since it was let go: to be closed at its next halt, by {@link closeOwed}. */
  owes(owed: Owed): void;
}

/** A descriptor to close in a program. */
export interface Owed {
  readonly pid: number;
  readonly descriptor: number;
}

export interface Armed {
  readonly tracker: TrackerHandle;
  readonly pid: number;
  readonly report: ArmReport;
  readonly layout: Layout;
  /** Settles when the agent is gone, with how. */
  readonly gone: Promise<string>;
}

/**
 * Takes a userfaultfd out of the program and arms its memory.
 * @throws {Error} with what was tried and the remedy; Cancelled, DeadlineError.
 */
export async function armProgram(request: ArmingRequest): Promise<Armed> {
  const { port, recognition, phase, options, signal, agent, check, injecting, owes } = request;
  const { debugger: debug, lacks } = recognition;
  if (!debug) throw new Error(lacks);
  const atFork = /^v?fork$|^clone/.exec(phase.reason ?? "");
  if (atFork) {
    throw new Error(
      `The program stands in the middle of a ${atFork[0]}, where a call made in it would take that one's place: step once, and arm then.`,
    );
  }
  const context = contextOf(port, phase, signal);
  const pid = await debug.processId(context);
  check();
  const keeper = agent();
  const capabilities = await requireKernel(keeper);
  check();
  const tracker = keeper.tracker();
  try {
    injecting(true);
    try {
      const debuggee = { debugger: debug, context, pid, owes: (descriptor: number) => owes({ pid, descriptor }) };
      await attach(debuggee, tracker, options, capabilities);
    } finally {
      injecting(false);
    }
    check();
    const { layout, ...report } = await tracker.arm(signal);
    check();
    return { tracker, pid, report, layout, gone: tracker.gone };
  } catch (error) {
    // Also where the tracker never got so far: its process ends with it.
    await tracker.disarm();
    throw error;
  }
}

/** Closes what an arming left open. @throws {Error} the debugger can't run the call. */
export async function closeOwed(
  port: AdapterPort,
  debug: Debugger | undefined,
  phase: Phase,
  { pid, descriptor }: Owed,
  agent: TrackingAgent,
): Promise<void> {
  if (!debug) return;
  const tracker = agent.tracker();
  try {
    // The program has run since, and the number may be another file's by now.
    if (debug.quirks.ofThisComputer && !(await userfaultfdsOf(pid, tracker)).includes(descriptor)) return;
    await closeIn({ debugger: debug, context: { ...contextOf(port, phase, undefined), tracker }, pid }, descriptor);
  } finally {
    await tracker.disarm();
  }
}

function contextOf(port: AdapterPort, phase: Phase, signal: AbortSignal | undefined): CallContext {
  return {
    port,
    threadId: phase.threadId ?? 1,
    signal,
    announcedPid: phase.pid,
    configuration: phase.configuration,
  };
}

/** Before anything runs in the program: its system calls may be another system's. @throws {Error} with what is missing. */
async function requireKernel(agent: TrackingAgent): Promise<CapabilityReport> {
  const capabilities = await agent.capabilities();
  if (!capabilities.pagemapScan && !capabilities.softDirty) throw new Error(whatIsMissing(capabilities));
  return capabilities;
}

/** By asynchronous write protection; where that is not to be had, or not wanted, by soft-dirty bits, for which nothing runs in the program. */
async function attach(
  debuggee: Debuggee,
  tracker: TrackerHandle,
  options: ArmOptions,
  { pagemapScan, softDirty }: CapabilityReport,
): Promise<void> {
  if (options.backend === undefined && pagemapScan) {
    try {
      return await attachThroughDebugger(debuggee, tracker, options);
    } catch (error) {
      if (!softDirty || !isUnavailable(error)) throw error;
    }
  }
  if (!softDirty)
    throw new Error(
      "This kernel keeps no soft-dirty bits (CONFIG_MEM_SOFT_DIRTY): set writewatch.backend to automatic.",
    );
  await requireSafety(debuggee.debugger, debuggee.context, debuggee.pid, tracker);
  await tracker.attach(debuggee.pid, NO_DESCRIPTOR, { ...options, backend: "soft-dirty" }, debuggee.context.signal);
}

/** Whether the kernel, or a filter before it, refuses userfaultfd as a whole, and not just to this arming. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof KernelError)) return false;
  if (error.call === "userfaultfd") return error.code === "EPERM" || error.code === "ENOSYS";
  return error.call.includes("UFFDIO_API") && error.code === "EINVAL";
}
