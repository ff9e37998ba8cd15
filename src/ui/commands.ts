// The extension's commands: each acts on the shown session, and says what stands in its way.
import * as vscode from "vscode";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { type Processes, scanProcess } from "./process-scan.ts";
import { saveRecording, writeRecording } from "./save.ts";
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
    exportSteps: () => withSession(session => saveRecording(session.recording)),
    scanProcess: () => scanProcess(processes, sessions, panel),
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
    (_progress, token) => session.arm(token),
  );
}

/** Writes the steps of a session's present run as the trace command prints them: JSON Lines. */
export async function writeSteps(session: TrackedSession, target: vscode.Uri): Promise<void> {
  await writeRecording(session.recording, target);
}
