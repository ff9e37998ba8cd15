// "Scan Process…": shows any process's pages by category, arming and changing nothing.

import * as vscode from "vscode";
import type { TrackingAgent } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import { t } from "../common/l10n.ts";
import { signalOf } from "../common/rpc.ts";
import { SIMULATED } from "../debuggers/simulated/debugger.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { ScanRecording } from "../recording/scan.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { plainLabel } from "./plain-label.ts";

/** What can be scanned on this computer beside what is being debugged. */
export interface Processes {
  list(): readonly { readonly pid: number; readonly name: string; readonly command: string }[];
  /** The agent for debug sessions of that type, and for all processes where none is given. */
  agent(debugType?: string): TrackingAgent;
}

interface ProcessItem extends vscode.QuickPickItem {
  readonly pid: number;
  /** The label without its icon. */
  readonly title: string;
  readonly debugType?: string;
}

/** Lets the user pick a process (those being debugged come first), scans it and shows it in the panel, beside the sessions. */
export async function scanProcess(
  processes: Processes,
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
): Promise<ScanRecording | undefined> {
  const items = [...debugged(sessions), ...others(processes, sessions)];
  if (items.length === 0) {
    throw new Error(
      t("There is no process to scan here, other than simulated programs while they are being debugged."),
    );
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Scan a process's pages (arms and changes nothing)"),
    placeHolder: t("Process name, command line or PID"),
    matchOnDescription: true,
    matchOnDetail: true,
    // A stop takes the focus to its line, and would close the list under the user's hands.
    ignoreFocusOut: true,
  });
  return picked && (await scanPid(processes.agent(picked.debugType), panel, picked.pid, picked.title));
}

/** Scans a process and shows it. @throws {Error} it can't be scanned, and why. */
export async function scanPid(
  agent: TrackingAgent,
  panel: MemoryWritesPanel,
  pid: number,
  title: string,
): Promise<ScanRecording> {
  const scan = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Window,
      title: t("WriteWatch: scanning {0}…", plainLabel(title)),
      cancellable: true,
    },
    (_progress, token) => scanned(agent, pid, title, signalOf(token)),
  );
  panel.recordings.open(scan);
  await panel.show();
  return scan;
}

async function scanned(agent: TrackingAgent, pid: number, title: string, signal: AbortSignal): Promise<ScanRecording> {
  try {
    return new ScanRecording(title, pid, await agent.snapshot(pid, signal));
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    throw new Error(t("Process {0} can't be scanned. {1}", pid, explainKernelError(error)), { cause: error });
  }
}

/** A simulated process stands in no other list. */
function debugged(sessions: DebugSessions): ProcessItem[] {
  const live = sessions.all.filter(isLive);
  return live.sort(first(sessions.shown)).flatMap(({ processId: pid, name, debugType }) =>
    pid === undefined
      ? []
      : [
          {
            pid,
            title: name,
            debugType,
            label: t("$(debug-alt) {0}", plainLabel(name)),
            description: t("{0}: being debugged", pid),
            ...(debugType === SIMULATED ? { detail: t("in the simulator") } : {}),
          },
        ],
  );
}

function first(shown: TrackedSession | undefined): (a: TrackedSession, b: TrackedSession) => number {
  return (a, b) => Number(b === shown) - Number(a === shown);
}

function others(processes: Processes, sessions: DebugSessions): ProcessItem[] {
  const known = new Set(sessions.all.filter(isLive).map(({ processId }) => processId));
  return processes
    .list()
    .filter(({ pid }) => !known.has(pid))
    .map(({ pid, name, command }) => ({
      pid,
      title: name,
      label: plainLabel(name),
      description: String(pid),
      detail: plainLabel(command),
    }));
}

function isLive({ status }: TrackedSession): boolean {
  return status.program !== "ended";
}
