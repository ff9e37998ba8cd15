// "Open Recording…": shows the steps of a file, as an export or the trace command has written it.
import * as vscode from "vscode";
import { FileRecording, MOST_FILE_BYTES } from "../recording/file.ts";
import { DEFAULT_STEP_BUDGET, type StepBudget } from "../recording/step-store.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { plainLabel } from "./plain-label.ts";

/** Several files may be open at once, beside sessions that go on. */
const BUDGET: StepBudget = { ...DEFAULT_STEP_BUDGET, bytes: 64 * 1024 * 1024 };

/** @param file absent: the user is asked. @throws {Error} it can't be read, and why. */
export async function openRecording(panel: MemoryWritesPanel, file?: vscode.Uri): Promise<FileRecording | undefined> {
  const source = file ?? (await pick());
  if (!source) return undefined;
  const name = source.path.slice(source.path.lastIndexOf("/") + 1);
  const recording = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `WriteWatch: opening ${plainLabel(name)}…` },
    () => read(source, name),
  );
  panel.recordings.open(recording);
  await panel.show();
  return recording;
}

async function read(source: vscode.Uri, name: string): Promise<FileRecording> {
  try {
    const { type, size } = await vscode.workspace.fs.stat(source);
    // A pipe or a device would never end.
    if ((type & vscode.FileType.File) === 0) throw new Error("It is no file.");
    if (size > MOST_FILE_BYTES) throw new Error(`It has more than ${MOST_FILE_BYTES / 1024 / 1024} MiB.`);
    const bytes = await vscode.workspace.fs.readFile(source);
    return await FileRecording.read(name, new TextDecoder("utf-8", { fatal: true }).decode(bytes), BUDGET);
  } catch (error) {
    const why = error instanceof TypeError ? "It is no text." : error instanceof Error ? error.message : String(error);
    throw new Error(`${name} can't be opened. ${why}`, { cause: error });
  }
}

async function pick(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: false,
    filters: { "Steps as JSON Lines": ["jsonl", "json"] },
    title: "Open a recording",
    openLabel: "Open",
  });
  return chosen?.[0];
}
