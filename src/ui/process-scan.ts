// "Scan Process…": shows any process's pages by category, arming and changing nothing.
import * as vscode from "vscode";
import type { TrackingAgent } from "../agent/tracking.ts";
import { SIMULATED } from "../debuggers/simulated/debugger.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { categoryNames } from "../memory/category.ts";
import { findMapping } from "../memory/mapping.ts";
import { formatAddress } from "../memory/page.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { saveTarget, utf8 } from "./files.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import type { SnapshotView } from "./panel-messages.ts";
import { snapshotView } from "./panel-state.ts";

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

/** Lets the user pick a process (those being debugged come first), scans it and shows it in the panel. */
export async function scanProcess(
  processes: Processes,
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
): Promise<SnapshotView | undefined> {
  const items = [...debugged(sessions), ...others(processes, sessions)];
  if (items.length === 0) {
    throw new Error("There is no process to scan here, other than simulated programs while they are being debugged.");
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: "Scan a process's pages (arms and changes nothing)",
    placeHolder: "Process name, command line or PID",
    matchOnDescription: true,
    matchOnDetail: true,
    // A stop takes the focus to its line, and would close the list under the user's hands.
    ignoreFocusOut: true,
  });
  return picked && (await scanPid(processes.agent(picked.debugType), panel, picked.pid, picked.title));
}

export async function scanPid(
  agent: TrackingAgent,
  panel: MemoryWritesPanel,
  pid: number,
  title: string,
): Promise<SnapshotView> {
  try {
    const snapshot = snapshotView(title, pid, await agent.snapshot(pid));
    await panel.show();
    panel.showSnapshot(snapshot);
    return snapshot;
  } catch (error) {
    throw new Error(`Process ${pid} can't be scanned. ${explainKernelError(error)}`, { cause: error });
  }
}

export async function saveSnapshot(snapshot: SnapshotView | undefined): Promise<void> {
  if (!snapshot) return;
  const target = await vscode.window.showSaveDialog({
    ...saveTarget(`pages-of-${snapshot.pid}.json`),
    filters: { JSON: ["json"] },
    title: "Save process scan",
  });
  if (target) await vscode.workspace.fs.writeFile(target, utf8(`${JSON.stringify(snapshotJson(snapshot), null, 1)}\n`));
}

/** Addresses are "0x…" text, ranges half-open, as in the trace command's lines. */
export function snapshotJson({ title, pid, rows, runs, categories, microseconds }: SnapshotView): object {
  return {
    process: title,
    pid,
    microseconds,
    mappings: rows.map(({ start, end, permissions, name }) => ({
      start: formatAddress(start),
      end: formatAddress(end),
      permissions,
      name,
    })),
    regions: Array.from(categories, (bits, i) => {
      const [start, end] = [runs[i * 2], runs[i * 2 + 1]];
      const mapping = rows[findMapping(rows, start)];
      return {
        start: formatAddress(start),
        end: formatAddress(end),
        pages: end - start,
        categories: categoryNames(bits),
        mapping: mapping?.name ?? "",
      };
    }),
  };
}

/** A simulated process stands in no other list. */
function debugged(sessions: DebugSessions): ProcessItem[] {
  const live = sessions.all.filter(({ phase }) => phase !== "ended");
  return live.sort(first(sessions.shown)).flatMap(({ processId: pid, name, debugType }) =>
    pid === undefined
      ? []
      : [
          {
            pid,
            title: name,
            debugType,
            label: `$(debug-alt) ${name}`,
            description: `${pid}: being debugged`,
            ...(debugType === SIMULATED ? { detail: "in the simulator" } : {}),
          },
        ],
  );
}

function first(shown: TrackedSession | undefined): (a: TrackedSession, b: TrackedSession) => number {
  return (a, b) => Number(b === shown) - Number(a === shown);
}

function others(processes: Processes, sessions: DebugSessions): ProcessItem[] {
  const known = new Set(sessions.all.filter(({ phase }) => phase !== "ended").map(({ processId }) => processId));
  return processes
    .list()
    .filter(({ pid }) => !known.has(pid))
    .map(({ pid, name, command }) => ({ pid, title: name, label: name, description: String(pid), detail: command }));
}
