// Attaches a tracker to a process that nobody debugs: no adapter stands between, and the process runs on.
import type { TrackerHandle } from "../agent/tracking.ts";
import type { ArmOptions } from "../tracker/reports.ts";
import { type AdapterPort, DapError } from "./adapter-port.ts";
import { type CallContext, type Debugger, exitedCode, stepByProtocol } from "./debugger.ts";
import { attachThroughDebugger } from "./injection.ts";
import { systemCallByPtrace } from "./own-ptrace.ts";

/**
 * Attaches a tracker to a process that nobody debugs.
 * @throws as {@link takeThroughDebugger}; nothing of it is left in the process.
 */
export function takeUntraced(
  tracker: TrackerHandle,
  pid: number,
  options: ArmOptions,
  signal?: AbortSignal,
): Promise<void> {
  const context: CallContext = {
    port: nobody,
    threadId: pid,
    tracker,
    announcedPid: pid,
    ...(signal ? { signal } : {}),
  };
  return attachThroughDebugger({ debugger: untraced(pid), context, pid }, tracker, options);
}

/** There is no adapter that could be asked. */
const nobody: AdapterPort = {
  debugType: "none",
  request: async command => {
    throw new DapError(command, "no debugger holds the process");
  },
  onEvent: () => ({ dispose: () => {} }),
};

function untraced(pid: number): Debugger {
  return {
    name: "WriteWatch",
    quirks: {
      harmless: new Set(),
      conditionsWrite: false,
      stopsPerThread: false,
      numbersThreadsAsSystem: true,
      answersAmongOutput: false,
      ofThisComputer: true,
      continuesSteps: false,
      leavesUntraced: true,
    },
    recognizes: () => "no",
    processId: async () => pid,
    systemCall: (context, number, args) => systemCallByPtrace(context, pid, number, args),
    stepInstruction: stepByProtocol,
    exitCode: exitedCode,
  };
}
