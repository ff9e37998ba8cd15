// Arms a stopped program through its debugger; whatever fails or is called off on the way, nothing stays armed.
import { type TrackerHandle, type TrackingAgent, whatIsMissing } from "../agent/tracking.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import { debuggerFor, knownDebuggers } from "../debuggers/index.ts";
import { attachThroughDebugger } from "../debuggers/injection.ts";
import type { ArmOptions, ArmReport, Layout } from "../tracker/reports.ts";
import type { Phase } from "./phase.ts";

export interface ArmingRequest {
  /** With deadlines, but not ended by `signal`: what was begun is undone through it. */
  readonly port: AdapterPort;
  /** The halt at which to arm. */
  readonly phase: Phase;
  readonly options: ArmOptions;
  readonly signal: AbortSignal;
  agent(): TrackingAgent;
  /** Throws where it makes no sense any more: the program was let go, the session has ended. Asked after every wait. */
  check(): void;
  /** Stops and resumptions that the adapter tells from now until the next call are our own calls'. */
  injecting(now: boolean): void;
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
  const { port, phase, options, signal, agent, check, injecting } = request;
  const debug = debuggerFor(port.debugType);
  if (!debug) {
    throw new Error(
      `WriteWatch does not know how to call a function through the debugger '${port.debugType}'. ` +
        `It knows ${knownDebuggers().join(", ")}.`,
    );
  }
  const context = {
    port,
    threadId: phase.threadId ?? 1,
    signal,
    announcedPid: phase.pid,
    configuration: phase.configuration,
  };
  const pid = await debug.processId(context);
  check();
  const keeper = agent();
  await requireKernel(keeper);
  check();
  const tracker = keeper.tracker();
  try {
    injecting(true);
    try {
      await attachThroughDebugger({ debugger: debug, context, pid }, tracker, options);
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

/** Before anything runs in the program: its system calls may be another system's. @throws {Error} with what is missing. */
async function requireKernel(agent: TrackingAgent): Promise<void> {
  const capabilities = await agent.capabilities();
  if (!capabilities.pagemapScan) throw new Error(whatIsMissing(capabilities));
}
