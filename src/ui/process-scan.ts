// "Scan Process…": shows any process's pages by category, or those that are looked for, arming and changing nothing.
import * as vscode from "vscode";
import type { TrackingAgent } from "../agent/tracking.ts";
import { Cancelled } from "../common/deadline.ts";
import { t } from "../common/l10n.ts";
import { signalOf } from "../common/rpc.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { USUAL } from "../memory/page-query.ts";
import { ScanRecording } from "../recording/scan.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { type Processes, pickProcess } from "./pick-process.ts";
import { plainLabel } from "./plain-label.ts";
import { askForQuestion, type ScanQuestion } from "./scan-query.ts";

/** Lets the user pick a process and what to look for, scans it and shows it in the panel, beside the sessions. */
export async function scanProcess(
  processes: Processes,
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
): Promise<ScanRecording | undefined> {
  const picked = await pickProcess(processes, sessions, t("Scan a process's pages (arms and changes nothing)"));
  if (!picked) return undefined;
  const question = await askForQuestion(t("Scan {0} ({1})", picked.title, picked.pid));
  if (!question) return undefined;
  return scanPid(processes.agent(picked.session?.debugType), panel, picked.pid, picked.title, question);
}

/** Scans a process and shows it. @param question absent: every page. @throws {Error} it can't be scanned, and why. */
export async function scanPid(
  agent: TrackingAgent,
  panel: MemoryWritesPanel,
  pid: number,
  title: string,
  question?: ScanQuestion,
): Promise<ScanRecording> {
  const scan = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t("WriteWatch: scanning {0}…", plainLabel(title)),
      cancellable: true,
    },
    (_progress, token) => scanned(agent, pid, title, question, signalOf(token)),
  );
  panel.recordings.open(scan);
  await panel.show();
  if (scan.snapshot.categories.length === 0) {
    const what = question?.words === undefined ? t("no page in memory") : t("no such page: {0}", question.words);
    void vscode.window.showInformationMessage(t("WriteWatch: {0} has {1}.", plainLabel(title), what));
  }
  return scan;
}

async function scanned(
  agent: TrackingAgent,
  pid: number,
  title: string,
  question: ScanQuestion | undefined,
  signal: AbortSignal,
): Promise<ScanRecording> {
  try {
    if (!question) return new ScanRecording(title, pid, await agent.snapshot(pid, signal));
    const { query, where, words } = question;
    // The map paints by what is usual, whatever is to be told apart in a file.
    const request = { query: { ...query, reported: query.reported | USUAL }, where };
    const snapshot = await agent.snapshot(pid, signal, request);
    return new ScanRecording(words === undefined ? title : `${title}: ${words}`, pid, snapshot, query);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    throw new Error(t("Process {0} can't be scanned. {1}", pid, explainKernelError(error)), { cause: error });
  }
}
