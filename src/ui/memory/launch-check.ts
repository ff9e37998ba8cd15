// Says at a session's start what can't be used of "writewatch" in its launch configuration: not only when something is armed by it.

import * as vscode from "vscode";
import { t } from "../../common/l10n.ts";
import type { Log } from "../../common/log.ts";
import { launchOptions } from "../../session/memory-rules.ts";
import { plainMessage } from "../plain-message.ts";

export function checkLaunches(log: Log): vscode.Disposable {
  return vscode.debug.onDidStartDebugSession(({ configuration, workspaceFolder }) => {
    try {
      launchOptions(configuration);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn(message);
      const open = t("Open launch.json");
      void vscode.window.showErrorMessage(t("WriteWatch: {0}", plainMessage(message)), open).then(async chosen => {
        if (chosen !== open) return;
        if (!workspaceFolder) return void vscode.commands.executeCommand("workbench.action.debug.configure");
        await vscode.window.showTextDocument(vscode.Uri.joinPath(workspaceFolder.uri, ".vscode/launch.json"));
      });
    }
  });
}
