// Saves the used memory of a session's program, with its threads' registers from the debugger that holds them.
import type { CoreProgress, CoreReport, SaveCoreParams } from "../agent/cores.ts";
import type { TrackerHandle, TrackingAgent } from "../agent/tracking.ts";
import type { AdapterPort } from "../debuggers/adapter-port.ts";
import type { Debugger } from "../debuggers/debugger.ts";
import type { Phase } from "./phase.ts";
import { threadRegisters } from "./thread-registers.ts";

export type CoreChoice = Pick<SaveCoreParams, "path" | "files" | "since">;

export interface CoreSurroundings {
  readonly phase: () => Phase;
  readonly port: AdapterPort;
  /** Undefined where it is not known. */
  readonly debugger: Debugger | undefined;
  readonly agent: () => TrackingAgent;
  readonly armed: { readonly tracker: TrackerHandle; readonly pid: number } | undefined;
}

/** @throws {Error} the program does not stand, or its process is not known, with what to do; as {@link TrackerHandle.saveCore}. */
export async function saveSessionCore(
  { phase, port, debugger: debug, agent, armed }: CoreSurroundings,
  choice: CoreChoice,
  onProgress: (progress: CoreProgress) => void,
  signal?: AbortSignal,
): Promise<CoreReport> {
  const { program, threadId, runs, pid: announcedPid, configuration } = phase();
  if (program !== "stopped") throw new Error("Only a program that stands can be saved as it is: pause it first.");
  const pid =
    armed?.pid ?? announcedPid ?? (await debug?.processId({ port, threadId: threadId ?? 1, signal, configuration }));
  if (pid === undefined)
    throw new Error("Its debugger does not tell which process it debugs: choose it among all processes.");
  const threads = debug?.quirks.ofThisComputer === false ? [] : await threadRegisters(port, threadId);
  if (phase().runs !== runs) throw new Error("The program was let go meanwhile: stop it and save again.");
  const params = { ...choice, pid, held: threads };
  return (armed?.tracker ?? agent()).saveCore(params, onProgress, signal);
}
