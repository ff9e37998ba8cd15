// "Save Used Memory…" and "Join Core Files…": core files that gdb and lldb open, of any process or of what is being debugged.

import * as vscode from "vscode";
import type { CoreProgress, CoreReport } from "../agent/cores.ts";
import { Cancelled } from "../common/deadline.ts";
import { t } from "../common/l10n.ts";
import { signalOf } from "../common/rpc.ts";
import { SIMULATED } from "../debuggers/simulated/debugger.ts";
import { explainKernelError } from "../kernel/remedy.ts";
import { formatSize, PAGE_SIZE } from "../memory/page.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { CoreChoice } from "../session/save-core.ts";
import { saveTarget } from "./files.ts";
import { type PickedProcess, type Processes, pickProcess } from "./pick-process.ts";
import { plainLabel } from "./plain-label.ts";
import { fileNameOf } from "./save.ts";

const FILTERS = { "Core Files": ["core"], "All Files": ["*"] };

/** Lets the user pick a process, what of it to save and where to. @throws {Error} it can't be saved, and why. */
export async function saveCore(processes: Processes, sessions: DebugSessions): Promise<void> {
  const picked = await pickProcess(processes, sessions, t("Save a process's used memory as a core file"));
  const choice = picked && (await askWhat(picked));
  if (!choice) return;
  const name = `${fileNameOf(picked.title)}-${picked.pid}${choice.since ? "-since" : ""}.core`;
  const target = await vscode.window.showSaveDialog({
    ...saveTarget(name),
    filters: FILTERS,
    title: t("Save used memory as a core file"),
  });
  if (target) await saveCoreTo(processes, picked, choice, target);
}

/** Saves, with its progress shown. @throws {Error} it can't be saved, and why; {Cancelled}. */
export async function saveCoreTo(
  processes: Processes,
  { pid, title, session }: PickedProcess,
  choice: Omit<CoreChoice, "path">,
  target: vscode.Uri,
): Promise<CoreReport> {
  // Elsewhere than on this computer VS Code writes files whole: then the bytes come in one piece, of which there may be few only.
  const isFile = target.scheme === "file" && session?.debugType !== SIMULATED;
  const path = isFile ? target.fsPath : undefined;
  const report = await withProgress(t("WriteWatch: saving {0}…", plainLabel(title)), async (told, signal) => {
    try {
      return session
        ? await session.saveCore({ ...choice, path }, told, signal)
        : await processes.agent().saveCore({ ...choice, path, pid }, told, signal);
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      throw new Error(t("Process {0} can't be saved. {1}", pid, explainKernelError(error)), { cause: error });
    }
  });
  if (report.bytes) await vscode.workspace.fs.writeFile(target, report.bytes);
  const since =
    report.sequence > 0
      ? t(" written since the last, {0} left to the files before", formatSize(report.inheritedPages))
      : "";
  const words = t(
    "WriteWatch: saved {0}{1} of {2}, {3} threads. {4}",
    formatSize(report.pageBytes / PAGE_SIZE),
    since,
    plainLabel(title),
    report.threads,
    report.remarks.join(" "),
  );
  if (report.remarks.length > 0) void vscode.window.showWarningMessage(words);
  else void vscode.window.showInformationMessage(words.trim());
  return report;
}

/** Lets the user pick a chain's files, in any order, and joins them. @throws {Error} they are none, and why; {Cancelled}. */
export async function joinCores(processes: Processes): Promise<void> {
  const files = await vscode.window.showOpenDialog({
    canSelectMany: true,
    filters: FILTERS,
    openLabel: t("Join"),
    title: t("A full core and those saved since, in any order"),
  });
  if (!files || files.length === 0) return;
  const target = await vscode.window.showSaveDialog({
    ...saveTarget("joined.core"),
    filters: FILTERS,
    title: t("Save the joined core"),
  });
  if (!target) return;
  const elsewhere = [...files, target].find(({ scheme }) => scheme !== "file");
  if (elsewhere)
    throw new Error(
      t(
        "{0} is not on this computer: core files are joined where they can be read a piece at a time.",
        elsewhere.toString(),
      ),
    );
  const params = { paths: files.map(({ fsPath }) => fsPath), target: target.fsPath, sort: true };
  const bytes = await withProgress(t("WriteWatch: joining core files…"), (told, signal) =>
    processes.agent().joinCores(params, told, signal),
  );
  void vscode.window.showInformationMessage(
    t(
      "WriteWatch: joined {0} core files to one of {1}, untouched memory included.",
      files.length,
      formatSize(bytes / PAGE_SIZE),
    ),
  );
}

type WhatItem = vscode.QuickPickItem & { readonly choice: Omit<CoreChoice, "path"> };

async function askWhat({ title, pid, session }: PickedProcess): Promise<Omit<CoreChoice, "path"> | undefined> {
  const items: WhatItem[] = [
    {
      label: t("Used memory"),
      description: t("what the process has stored to; a debugger reads the rest in its files"),
      choice: { files: "changed", since: false },
    },
    {
      label: t("Used memory and files' pages"),
      description: t("programs and libraries so far as they are in memory: for another computer"),
      choice: { files: "in memory", since: false },
    },
    ...(session?.isArmed
      ? [
          {
            label: t("Only what was written since the last core"),
            description: t("small; joined with the files before by WriteWatch: Join Core Files…"),
            choice: { files: "changed" as const, since: true },
          },
        ]
      : []),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Save the memory of {0} ({1})", title, pid),
    placeHolder: session ? t("What to save") : t("What to save; its threads are held meanwhile"),
    ignoreFocusOut: true,
  });
  return picked?.choice;
}

function withProgress<T>(
  title: string,
  work: (told: (progress: CoreProgress) => void, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      let shown = 0;
      const told = ({ done, all }: CoreProgress): void => {
        const percent = all === 0 ? 100 : (done / all) * 100;
        progress.report({
          increment: percent - shown,
          message: t("{0} of {1}", formatSize(done / PAGE_SIZE), formatSize(all / PAGE_SIZE)),
        });
        shown = percent;
      };
      return work(told, signalOf(token));
    },
  );
}
