// The extension's commands: each acts on the shown session, and says what stands in its way.
import * as vscode from "vscode";
import type { AgentKeeper } from "../agent/keeper.ts";
import { armedJson, stepJson } from "../history/step-json.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { defaultFolder } from "./default-folder.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { saveSnapshot, scanProcess } from "./process-scan.ts";

export function registerCommands(
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
  keeper: AgentKeeper,
): vscode.Disposable[] {
  const withSession = async (work: (session: TrackedSession) => Promise<unknown> | unknown): Promise<void> => {
    const session = sessions.shown;
    if (!session) {
      void vscode.window.showInformationMessage(
        "WriteWatch: no debug session. Start one, stop at a breakpoint, then arm.",
      );
      return;
    }
    await work(session);
  };
  const commands: Record<string, (...args: never[]) => unknown> = {
    showPanel: () => panel.show(),
    arm: () => withSession(session => arm(session)),
    disarm: () => withSession(session => session.disarm()),
    scanNow: () => withSession(session => session.scanNow()),
    reset: () => withSession(session => session.reset()),
    exportSteps: () => withSession(exportSteps),
    scanProcess: () => scanProcess(keeper, sessions, panel),
    saveSnapshot,
  };
  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`writewatch.${name}`, async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        panel.problem(message);
        void vscode.window.showErrorMessage(`WriteWatch: ${message}`);
        return undefined;
      }
    }),
  );
}

/** Arming gigabytes takes a while: it shows, and can be cancelled. */
function arm(session: TrackedSession): Thenable<void> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "WriteWatch: arming…", cancellable: true },
    (_progress, token) => session.arm(token),
  );
}

async function exportSteps(session: TrackedSession): Promise<void> {
  const { steps } = session.history;
  if (steps.length === 0) {
    void vscode.window.showInformationMessage("WriteWatch: there are no steps to export yet.");
    return;
  }
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(defaultFolder(), "memory-writes.jsonl"),
    filters: { "JSON Lines": ["jsonl"], JSON: ["json"] },
    title: "Export steps",
  });
  if (target) await writeSteps(session, target);
}

/** Writes the steps as the trace command prints them: JSON Lines. */
export async function writeSteps(session: TrackedSession, target: vscode.Uri): Promise<void> {
  const lines = [
    ...(session.armed && session.pid !== undefined ? [armedJson(session.pid, session.armed)] : []),
    ...session.history.steps.map(stepJson),
  ];
  await vscode.workspace.fs.writeFile(target, Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join("")));
}
