// "Open Recording…": shows the steps of a .writewatch file, as Save Recording or the trace command has written it.
import * as vscode from "vscode";
import { MOST_FILE_BYTES } from "../recording/file/blocks.ts";
import { FileRecording } from "../recording/file/file-recording.ts";
import type { MemoryWritesPanel } from "./panel.ts";
import { plainLabel } from "./plain-label.ts";

/** @param file absent: the user is asked. @throws {Error} it can't be read, and why. */
export async function openRecording(panel: MemoryWritesPanel, file?: vscode.Uri): Promise<FileRecording | undefined> {
  const source = file ?? (await pick());
  if (!source) return undefined;
  const name = fileName(source);
  const recording = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `WriteWatch: opening ${plainLabel(name)}…` },
    () => readRecording(source),
  );
  panel.recordings.open(recording);
  await panel.show();
  if (recording.lack) panel.problem(recording.lack);
  return recording;
}

/** @throws {Error} it can't be read, and why. */
export async function readRecording(source: vscode.Uri): Promise<FileRecording> {
  const name = fileName(source);
  return FileRecording.read(name, await bytesOf(source, name));
}

async function bytesOf(source: vscode.Uri, name: string): Promise<Uint8Array> {
  try {
    const { type, size } = await vscode.workspace.fs.stat(source);
    // A pipe or a device would never end.
    if ((type & vscode.FileType.File) === 0) throw new Error("it is no file");
    if (size > MOST_FILE_BYTES) throw new Error(`it has more than ${MOST_FILE_BYTES / 1024 / 1024} MiB`);
    return await vscode.workspace.fs.readFile(source);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} can't be opened: ${why}.`, { cause: error });
  }
}

function fileName({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function pick(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: false,
    filters: { "WriteWatch Recordings": ["writewatch"] },
    title: "Open a recording",
    openLabel: "Open",
  });
  return chosen?.[0];
}
