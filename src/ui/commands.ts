// The extension's commands: each acts on the shown session or recording, and says what stands in its way.

import * as vscode from "vscode";
import { Cancelled } from "../common/deadline.ts";
import { t } from "../common/l10n.ts";
import type { Log } from "../common/log.ts";
import { signalOf } from "../common/rpc.ts";
import type { Recording } from "../recording/recording.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { expressionAsked, type ViewItem } from "./asked-range.ts";
import { joinCores, saveCore } from "./core-files.ts";
import { showFork } from "./fork-lens.ts";
import { inspectMemory, openInHexEditor } from "./inspector/command.ts";
import { addRule, chooseMemory, undoChoice } from "./memory/choose-memory.ts";
import { openRecording } from "./open-recording.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import type { Processes } from "./pick-process.ts";
import { plainMessage } from "./plain-message.ts";
import { scanProcess } from "./process-scan.ts";
import type { RecordToFile } from "./record-to-file.ts";
import { refusalOf, type SessionCommand } from "./refusals.ts";
import type { Saver } from "./save.ts";
import { openSimulatedProgram, runSimulatedProgram } from "./simulated-programs.ts";
import { whoWrote } from "./who-wrote.ts";

export interface CommandSurroundings {
  readonly sessions: DebugSessions;
  readonly panel: MemoryWritesPanel;
  readonly processes: Processes;
  readonly saver: Saver;
  readonly recordToFile: RecordToFile;
  /** The list of bundled simulated programs. */
  readonly examples: vscode.Uri;
  readonly log: Log;
  /** Others' commands, by their names without "writewatch.": what goes wrong in them is told in the same way. */
  readonly more: Record<string, (...args: never[]) => unknown>;
}

export function registerCommands(surroundings: CommandSurroundings): vscode.Disposable[] {
  const { sessions, panel, processes, saver, recordToFile, examples, log, more } = surroundings;
  const session = (command: SessionCommand, work: (session: TrackedSession) => unknown) => async (): Promise<void> => {
    const { shown } = sessions;
    const refusal = refusalOf(command, shown?.status);
    if (refusal !== undefined) say(refusal);
    else if (shown) await work(shown);
  };
  const commands: Record<string, (...args: never[]) => unknown> = {
    showPanel: () => panel.show(),
    // Of links only: it is in no menu.
    showStep: (recording: unknown, step: unknown) => panel.showStep(String(recording), Number(step)),
    arm: session("arm", arm),
    disarm: session("disarm", shown => shown.disarm()),
    scanNow: session("scanNow", shown => shown.scanNow()),
    reset: session("reset", shown => shown.reset()),
    saveRecording: (target?: unknown) =>
      withSteps(surroundings, recording =>
        target instanceof vscode.Uri ? saver.saveTo(recording, target) : saver.save(recording),
      ),
    exportSteps: (target?: unknown) =>
      withSteps(surroundings, recording =>
        target instanceof vscode.Uri ? saver.exportTo(recording, target) : saver.export(recording),
      ),
    // A menu may give something else.
    recordToFile: (target?: unknown) =>
      recordToFile.begin(sessions.shown, target instanceof vscode.Uri ? target : undefined),
    stopRecordingToFile: () => recordToFile.stop(sessions.shown),
    scanProcess: () => scanProcess(processes, sessions, panel),
    showFork: () => showFork(processes, sessions, panel),
    saveCore: () => saveCore(processes, sessions),
    joinCores: () => joinCores(processes),
    openRecording: (file?: vscode.Uri) => openRecording(panel, file),
    openSettings: () => vscode.commands.executeCommand("workbench.action.openSettings", "@ext:writewatch.writewatch"),
    openSimulatedProgram: (name?: string) => openSimulatedProgram(examples, name),
    runSimulatedProgram,
    chooseMemory: () => chooseMemory(sessions.shown),
    undoChoice: () => undoChoice(sessions.shown),
    armThis: (item?: ViewItem) => ruleOf(sessions.shown, "", t("Arm This Memory"), item),
    leaveOutThis: (item?: ViewItem) => ruleOf(sessions.shown, "!", t("Leave This Memory Unarmed"), item),
    whoWrote: (item?: ViewItem) => whoWrote(sessions.shown, panel, item),
    inspect: (item?: ViewItem) => inspectMemory(sessions.shown, panel, false, item),
    inspectBeside: (item?: ViewItem) => inspectMemory(sessions.shown, panel, true, item),
    openInHexEditor: (item?: ViewItem) => openInHexEditor(sessions.shown, panel, item),
    ...more,
  };
  return Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`writewatch.${name}`, async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        // Who called it off knows.
        if (error instanceof Cancelled) return undefined;
        const message = error instanceof Error ? error.message : String(error);
        log.error(() => `'${name}' failed: ${message}`);
        panel.problem(message);
        void vscode.window.showErrorMessage(t("WriteWatch: {0}", plainMessage(message)));
        return undefined;
      }
    }),
  );
}

/** Arming gigabytes takes a while: it shows, and can be cancelled. */
function arm(session: TrackedSession): Thenable<void> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: t("WriteWatch: arming…"), cancellable: true },
    (_progress, token) => session.arm(signalOf(token)),
  );
}

/** @param sign before the rule: "" to arm, "!" to leave out. */
async function ruleOf(
  session: TrackedSession | undefined,
  sign: "" | "!",
  title: string,
  item?: ViewItem,
): Promise<void> {
  const asked = await expressionAsked(title, item);
  if (asked !== undefined)
    await addRule(session, `${sign}${/^0x[0-9a-f]+\s*(\+|\.\.)/i.test(asked) ? "" : "="}${asked}`);
}

/** With the recording that the panel shows, which may be an earlier run or a scan. */
async function withSteps(
  { sessions, panel }: CommandSurroundings,
  work: (recording: Recording) => Promise<void>,
): Promise<void> {
  const recording = panel.recordings.shown;
  if (recording && (recording.kind === "scan" || recording.steps.count > 0)) await work(recording);
  else say(refusalOf("exportSteps", sessions.shown?.status) ?? t("There are no steps to export yet."));
}

function say(message: string): void {
  void vscode.window.showInformationMessage(t("WriteWatch: {0}", plainMessage(message)));
}
