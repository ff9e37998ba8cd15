// The extension's commands: each acts on the shown session, and says what stands in its way.
import * as vscode from "vscode";
import { armedJson, stepJson } from "../recording/json.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { saveTarget, utf8 } from "./files.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { type Processes, saveSnapshot, scanProcess } from "./process-scan.ts";
import { openSimulatedProgram, runSimulatedProgram } from "./simulated-programs.ts";

/** @param examples the list of bundled simulated programs. */
export function registerCommands(
  sessions: DebugSessions,
  panel: MemoryWritesPanel,
  processes: Processes,
  examples: vscode.Uri,
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
    scanProcess: () => scanProcess(processes, sessions, panel),
    saveSnapshot,
    openSimulatedProgram: (name?: string) => openSimulatedProgram(examples, name),
    runSimulatedProgram,
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
    (_progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      return session.arm(controller.signal);
    },
  );
}

async function exportSteps(session: TrackedSession): Promise<void> {
  const { steps } = session.recording;
  if (steps.count === 0) {
    void vscode.window.showInformationMessage("WriteWatch: there are no steps to export yet.");
    return;
  }
  const target = await vscode.window.showSaveDialog({
    ...saveTarget("memory-writes.jsonl"),
    filters: { "JSON Lines": ["jsonl"], JSON: ["json"] },
    title: "Export steps",
  });
  if (target) await writeSteps(session, target);
}

/** Writes the steps as the trace command prints them: JSON Lines. */
export async function writeSteps(session: TrackedSession, target: vscode.Uri): Promise<void> {
  const lines = [
    ...(session.recording.arming && session.recording.pid !== undefined
      ? [armedJson(session.recording.pid, session.recording.arming)]
      : []),
    ...[...session.recording.steps].map(stepJson),
  ];
  await vscode.workspace.fs.writeFile(target, utf8(lines.map(line => `${JSON.stringify(line)}\n`).join("")));
}
