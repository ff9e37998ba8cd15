// Context keys: what may be said of the shown session, for the manifest's conditions on commands and menus.
import type { SessionStatus } from "../session/status.ts";

/** Under "writewatch." in conditions; what is not set counts as false, so that before activation nothing that needs a session is offered. */
export type ContextValues = Readonly<Record<(typeof CONTEXT_KEYS)[number], boolean>>;

export const CONTEXT_KEYS = [
  /** A debug session is there that has not ended. */
  "hasSession",
  /** Its program stands. */
  "stopped",
  "armed",
  "canArm",
  /** Also while arming, which it cancels. */
  "canDisarm",
  "canScan",
  /** There are steps to forget or export. */
  "hasSteps",
  /** There is memory to look at: armed, or with steps. */
  "canInspect",
  /** There is an editor of bytes. */
  "hasHexEditor",
  /** A session's recording goes to a file while it runs. */
  "recordsToFile",
  /** Memory is watched, or will be: the list is not empty. */
  "hasWatches",
  /** There are no processes to scan on this computer, other than those being debugged. */
  "noProcesses",
] as const;

/** What is true beside the shown session. */
export interface Around {
  /** Whether this computer's processes can be listed. */
  readonly listsProcesses: boolean;
  readonly recordsToFile?: boolean;
  /** Whether there is an editor of bytes. */
  readonly hasHexEditor?: boolean;
  readonly hasWatches?: boolean;
}

/** @param status the shown session's; undefined where there is none. */
export function contextValues(
  status: SessionStatus | undefined,
  { listsProcesses, recordsToFile = false, hasHexEditor = false, hasWatches = false }: Around,
): ContextValues {
  return {
    hasSession: status !== undefined && status.program !== "ended",
    stopped: status?.program === "stopped",
    armed: status?.memory === "armed",
    canArm: status?.can.arm ?? false,
    canDisarm: status?.can.disarm ?? false,
    canScan: status?.can.scan ?? false,
    hasSteps: status?.can.export ?? false,
    canInspect: status !== undefined && (status.memory === "armed" || status.can.export),
    hasHexEditor,
    recordsToFile,
    hasWatches,
    noProcesses: !listsProcesses,
  };
}
