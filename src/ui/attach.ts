// "Attach to Process…": watches a live process that no debugger holds; and the picker of its launch configuration.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import { ATTACHED } from "../debuggers/attached/debugger.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { type Processes, pickProcess } from "./pick-process.ts";
import { plainLabel } from "./plain-label.ts";

const TITLE = t("Watch a process without a debugger");

/** The commands, by their names without "writewatch.". */
export function attachCommands(
  processes: Processes,
  sessions: DebugSessions,
): Record<string, (...args: never[]) => unknown> {
  return {
    pickProcess: async () => {
      const picked = await pickProcess(processes, sessions, TITLE);
      return picked && String(picked.pid);
    },
    attachProcess: async (pid?: unknown) => {
      const picked =
        typeof pid === "number" ? { pid, title: t("process {0}", pid) } : await pickProcess(processes, sessions, TITLE);
      if (!picked) return;
      await vscode.debug.startDebugging(undefined, {
        type: ATTACHED,
        request: "attach",
        name: `${plainLabel(picked.title)} (${picked.pid})`,
        pid: picked.pid,
        internalConsoleOptions: "neverOpen",
      });
    },
  };
}
