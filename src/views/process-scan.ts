// "Scan Process…": shows any process's pages by category, arming and changing nothing.
import { readdirSync, readFileSync } from "node:fs";
import * as vscode from "vscode";
import type { AgentKeeper } from "../agent/keeper.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { categoryNames } from "../memory/category.ts";
import { findMapping } from "../memory/mapping.ts";
import { formatAddress } from "../memory/page.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { defaultFolder } from "./default-folder.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import type { SnapshotView } from "./panel-messages.ts";
import { snapshotView } from "./panel-state.ts";

interface ProcessItem extends vscode.QuickPickItem {
  readonly pid: number;
}

/** Lets the user pick a process (the active session's comes first), scans it and shows it in the panel. */
export async function scanProcess(
  keeper: AgentKeeper,
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
): Promise<SnapshotView | undefined> {
  const picked = await vscode.window.showQuickPick(processes(sessions.shown?.pid), {
    title: "Scan a process's pages (arms and changes nothing)",
    placeHolder: "Process name, command line or PID",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked && (await scanPid(keeper, panel, picked.pid, picked.label));
}

export async function scanPid(
  keeper: AgentKeeper,
  panel: MemoryWritesPanel,
  pid: number,
  title: string,
): Promise<SnapshotView> {
  try {
    const snapshot = snapshotView(title, pid, await keeper.agent().snapshot(pid));
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
    defaultUri: vscode.Uri.joinPath(defaultFolder(), `pages-of-${snapshot.pid}.json`),
    filters: { JSON: ["json"] },
    title: "Save process scan",
  });
  if (target)
    await vscode.workspace.fs.writeFile(target, Buffer.from(`${JSON.stringify(snapshotJson(snapshot), null, 1)}\n`));
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

function processes(active: number | undefined): ProcessItem[] {
  const items: ProcessItem[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      // Kernel threads have no command line, and no memory of their own.
      if (command === "") continue;
      const pid = Number(entry);
      const name = readFileSync(`/proc/${entry}/comm`, "utf8").trim();
      const label = pid === active ? `$(debug-alt) ${name}` : name;
      items.push({ pid, label, description: `${pid}${pid === active ? ": being debugged" : ""}`, detail: command });
    } catch {
      // Ended while we looked.
    }
  }
  return items.sort((a, b) => Number(b.pid === active) - Number(a.pid === active) || b.pid - a.pid);
}
