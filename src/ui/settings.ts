// The extension's settings, read when they are needed, so that a change takes effect at the next use.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import type { Log } from "../common/log.ts";
import { PAGE_SIZE } from "../memory/page.ts";
import type { SessionSettings } from "../session/tracked-session.ts";
import { ProblemNews, parseSettings, SETTING_NAMES, type Settings } from "./parse-settings.ts";

const PAGES_PER_MEBIBYTE = 1024 ** 2 / PAGE_SIZE;

const news = new ProblemNews();

/** @param log told of values that can't be used; the user is told too, once. */
export function sessionSettings(log: Log): SessionSettings {
  const {
    autoArm,
    watch,
    sparseThreshold,
    backend,
    "contents.budget": mebibytes,
    "stopAtWrite.misses": misses,
  } = settings(log);
  const contentsPages = Math.floor(mebibytes * PAGES_PER_MEBIBYTE);
  return {
    // Arming makes the debuggee run a call of ours. A folder that nobody trusts can't have that done by itself.
    autoArm: autoArm && vscode.workspace.isTrusted,
    mayAutoArm: vscode.workspace.isTrusted,
    resident: true,
    misses,
    arm: {
      watch,
      sparsePages: Math.round(sparseThreshold * PAGES_PER_MEBIBYTE),
      ...(backend === "automatic" ? {} : { backend }),
      ...(contentsPages > 0 ? { contentsPages } : {}),
    },
  };
}

export function lineNoteWanted(): boolean {
  return settings().lineNote;
}

function settings(log?: Log): Settings {
  const values = vscode.workspace.getConfiguration("writewatch");
  const parsed = parseSettings(Object.fromEntries(SETTING_NAMES.map(name => [name, values.get(name)])));
  if (log) for (const problem of news.of(parsed.problems)) tell(problem, log);
  return parsed.settings;
}

function tell(problem: string, log: Log): void {
  log.warn(problem);
  const open = t("Open Settings");
  void vscode.window.showWarningMessage(t("WriteWatch: {0}", problem), open).then(chosen => {
    if (chosen === open) void vscode.commands.executeCommand("workbench.action.openSettings", "writewatch");
  });
}
