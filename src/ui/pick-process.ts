// Lets the user pick a process: those being debugged come first, then all of this computer's.

import * as vscode from "vscode";
import type { TrackingAgent } from "../agent/tracking.ts";
import { t } from "../common/l10n.ts";
import { SIMULATED } from "../debuggers/simulated/debugger.ts";
import { formatSize } from "../memory/page.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { plainLabel } from "./plain-label.ts";

/** See the one in kernel/linux/processes.ts, which a browser has not. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly command: string;
  readonly executable: string;
  readonly user: string;
  /** Pages in memory. */
  readonly resident: number;
}

/** What can be looked at on this computer beside what is being debugged. */
export interface Processes {
  list(): readonly ListedProcess[];
  /** The agent for debug sessions of that type, and for all processes where none is given. */
  agent(debugType?: string): TrackingAgent;
}

export interface PickedProcess {
  readonly pid: number;
  readonly title: string;
  /** Where it is being debugged. */
  readonly session?: TrackedSession;
}

type ProcessItem = vscode.QuickPickItem & PickedProcess;

/**
 * @param title what it is picked for. @returns undefined where the user thought better of it.
 * @throws {Error} there is none to pick.
 */
export async function pickProcess(
  processes: Processes,
  sessions: DebugSessions,
  title: string,
): Promise<PickedProcess | undefined> {
  const items = [...debugged(sessions), ...others(processes, sessions)];
  if (items.length === 0) {
    throw new Error(
      t("There is no process to scan here, other than simulated programs while they are being debugged."),
    );
  }
  return vscode.window.showQuickPick(items, {
    title,
    placeHolder: t("Name, command line, user or number of a process"),
    matchOnDescription: true,
    matchOnDetail: true,
    // A stop takes the focus to its line, and would close the list under the user's hands.
    ignoreFocusOut: true,
  });
}

/** A simulated process stands in no other list. */
function debugged(sessions: DebugSessions): ProcessItem[] {
  const live = sessions.all.filter(isLive);
  return live.sort(first(sessions.shown)).flatMap(session => {
    const { processId: pid, name, debugType } = session;
    if (pid === undefined) return [];
    const detail = debugType === SIMULATED ? { detail: t("in the simulator") } : {};
    const label = t("$(debug-alt) {0}", plainLabel(name));
    return [{ pid, title: name, session, label, description: t("{0}: being debugged", pid), ...detail }];
  });
}

function first(shown: TrackedSession | undefined): (a: TrackedSession, b: TrackedSession) => number {
  return (a, b) => Number(b === shown) - Number(a === shown);
}

function others(processes: Processes, sessions: DebugSessions): ProcessItem[] {
  const known = new Set(sessions.all.filter(isLive).map(({ processId }) => processId));
  return processes
    .list()
    .filter(({ pid }) => !known.has(pid))
    .map(({ pid, name, command, user, resident }) => ({
      pid,
      title: name,
      label: plainLabel(name),
      description: `${pid} · ${user} · ${formatSize(resident)}`,
      detail: plainLabel(command),
    }));
}

function isLive({ status }: TrackedSession): boolean {
  return status.program !== "ended";
}
