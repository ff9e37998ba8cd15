// Saves a recording to a file: steps as JSON Lines, as the trace command prints them; a process scan as JSON.
import * as vscode from "vscode";
import { armedJson, layoutJson, stepJson } from "../recording/json.ts";
import type { Recording } from "../recording/recording.ts";
import { ScanRecording } from "../recording/scan.ts";
import { saveTarget, utf8 } from "./files.ts";
import { scanJson } from "./scan-json.ts";

/** Asks where to, and saves there. */
export async function saveRecording(recording: Recording): Promise<void> {
  if (recording instanceof ScanRecording) await saveScan(recording);
  else await saveSteps(recording);
}

async function saveScan(scan: ScanRecording): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    ...saveTarget(`pages-of-${scan.pid}.json`),
    filters: { JSON: ["json"] },
    title: "Save process scan",
  });
  if (target) await vscode.workspace.fs.writeFile(target, utf8(`${JSON.stringify(scanJson(scan), null, 1)}\n`));
}

async function saveSteps(recording: Recording): Promise<void> {
  if (recording.steps.count === 0) {
    void vscode.window.showInformationMessage("WriteWatch: there are no steps to export yet.");
    return;
  }
  const target = await vscode.window.showSaveDialog({
    ...saveTarget("memory-writes.jsonl"),
    filters: { "JSON Lines": ["jsonl"], JSON: ["json"] },
    title: "Export steps",
  });
  if (target) await writeRecording(recording, target);
}

/** Writes what arming came to, the mappings and the steps, one a line. */
export async function writeRecording(recording: Recording, target: vscode.Uri): Promise<void> {
  const { pid, arming, layout, steps } = recording;
  const lines = [
    ...(arming && pid !== undefined ? [armedJson(pid, arming)] : []),
    ...(layout ? [layoutJson(layout)] : []),
    ...[...steps].map(stepJson),
  ];
  await vscode.workspace.fs.writeFile(target, utf8(lines.map(line => `${JSON.stringify(line)}\n`).join("")));
}
