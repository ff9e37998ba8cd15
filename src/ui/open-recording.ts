// "Open Recording…": shows the steps of a .writewatch file, as Save Recording or the trace command has written it.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
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
    { location: vscode.ProgressLocation.Window, title: t("WriteWatch: opening {0}…", plainLabel(name)) },
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
    if ((type & vscode.FileType.File) === 0) throw new Error(t("it is no file"));
    if (size > MOST_FILE_BYTES) throw new Error(t("it has more than {0} MiB", MOST_FILE_BYTES / 1024 / 1024));
    return await vscode.workspace.fs.readFile(source);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(t("{0} can't be opened: {1}.", name, why), { cause: error });
  }
}

function fileName({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function pick(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: false,
    filters: { [t("WriteWatch Recordings")]: ["writewatch"] },
    title: t("Open a recording"),
    openLabel: t("Open"),
  });
  return chosen?.[0];
}
