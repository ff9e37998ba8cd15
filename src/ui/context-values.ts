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

/** What is so in the window, whichever session is shown; what is absent is not. */
export type WindowState = Partial<Record<"recordsToFile" | "hasHexEditor" | "hasWatches", boolean>>;

/**
 * @param status the shown session's; undefined where there is none.
 * @param listsProcesses whether this computer's processes can be listed.
 * @param hasHexEditor whether there is an editor of bytes.
 */
export function contextValues(
  status: SessionStatus | undefined,
  listsProcesses: boolean,
  { recordsToFile = false, hasHexEditor = false, hasWatches = false }: WindowState = {},
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
