// Saves a recording as a file of its own, and exports it in forms that other programs read.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import { csvLines } from "../recording/csv.ts";
import { pagesToCopy } from "../recording/file/copies.ts";
import { FileRecording } from "../recording/file/file-recording.ts";
import type { Head } from "../recording/file/records.ts";
import { reportHtml } from "../recording/file/report-html.ts";
import { recordingBytes } from "../recording/file/save.ts";
import { armedJson, layoutJson, stepJson } from "../recording/json.ts";
import type { Recording } from "../recording/recording.ts";
import { ScanRecording } from "../recording/scan.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { saveTarget, utf8 } from "./files.ts";
import { scanCsv, scanJson } from "./scan-json.ts";

const FORMATS = { [t("HTML report")]: ["html"], "JSON Lines": ["jsonl", "json"], CSV: ["csv"] };

export interface SaverSurroundings {
  readonly sessions: DebugSessions;
  /** The folder of the bundles. */
  readonly dist: vscode.Uri;
  readonly version: string;
}

export class Saver {
  private readonly s: SaverSurroundings;

  constructor(surroundings: SaverSurroundings) {
    this.s = surroundings;
  }

  /** Asks where to, and saves there: a process scan as JSON or CSV, any other as a .writewatch file. */
  async save(recording: Recording): Promise<void> {
    if (recording instanceof ScanRecording) return saveScan(recording);
    const target = await vscode.window.showSaveDialog({
      ...saveTarget(`${fileNameOf(recording.title)}.writewatch`),
      filters: { [t("WriteWatch Recordings")]: ["writewatch"] },
      title: t("Save recording"),
    });
    if (target) await this.saveTo(recording, target);
  }

  async saveTo(recording: Recording, target: vscode.Uri): Promise<void> {
    await vscode.workspace.fs.writeFile(target, await this.bytesOf(recording));
  }

  /** Asks where to and in which form, and writes it. */
  async export(recording: Recording): Promise<void> {
    if (recording instanceof ScanRecording) return saveScan(recording);
    const target = await vscode.window.showSaveDialog({
      ...saveTarget(`${fileNameOf(recording.title)}.html`),
      filters: FORMATS,
      title: t("Export steps: as a report (.html), JSON Lines (.jsonl) or CSV (.csv)"),
    });
    if (target) await this.exportTo(recording, target);
  }

  /** By the end of its name: an HTML report, CSV, or JSON Lines. */
  async exportTo(recording: Recording, target: vscode.Uri): Promise<void> {
    const { path } = target;
    const text = path.endsWith(".html")
      ? await this.report(recording)
      : path.endsWith(".csv")
        ? [...csvLines(recording.steps)].join("")
        : jsonLines(recording);
    await vscode.workspace.fs.writeFile(target, utf8(text));
  }

  headOf(recording: Recording): Head {
    if (recording instanceof FileRecording) return recording.head;
    return { title: recording.title, begun: Date.now(), writer: `WriteWatch ${this.s.version}` };
  }

  private async bytesOf(recording: Recording): Promise<Uint8Array> {
    if (recording instanceof FileRecording) return recordingBytes(recording, recording.head, recording.copyRecords());
    const session = this.s.sessions.all.find(({ recording: own }) => own === recording);
    // Of a program that has ended there are none to be had: then pages are known so far as the differences tell.
    const copies = await session?.copies(pagesToCopy(recording.steps)).catch(() => undefined);
    return recordingBytes(recording, this.headOf(recording), copies ? [copies] : []);
  }

  private async report(recording: Recording): Promise<string> {
    const file = async (name: string): Promise<string> =>
      new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.s.dist, name)));
    const [page, style, host] = await Promise.all([file("webview.js"), file("webview.css"), file("report.js")]);
    const { title } = this.headOf(recording);
    return reportHtml({ title, page, style, host, recording: await this.bytesOf(recording) });
  }
}

/** What arming came to, the mappings and the steps, one a line. */
function jsonLines({ pid, arming, layout, steps }: Recording): string {
  const lines = [
    ...(arming && pid !== undefined ? [armedJson(pid, arming)] : []),
    ...(layout ? [layoutJson(layout)] : []),
    ...[...steps].map(stepJson),
  ];
  return lines.map(line => `${JSON.stringify(line)}\n`).join("");
}

async function saveScan(scan: ScanRecording): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    ...saveTarget(`pages-of-${scan.pid}.json`),
    filters: { JSON: ["json"], CSV: ["csv"] },
    title: t("Save process scan: as JSON, or as CSV with a row for each run of pages"),
  });
  if (!target) return;
  const isCsv = target.path.endsWith(".csv");
  const text = isCsv ? [...scanCsv(scan)].join("") : `${JSON.stringify(scanJson(scan), null, 1)}\n`;
  await vscode.workspace.fs.writeFile(target, utf8(text));
}

/** A session's name as a file's: it may be any text. */
export function fileNameOf(title: string): string {
  const base = title.slice(title.lastIndexOf("/") + 1).replace(/\.writewatch$/, "");
  return (
    base
      .replace(/[^\p{L}\p{N}._-]+/gu, "-")
      .replace(/^[.-]+|-+$/g, "")
      .slice(0, 80) || "recording"
  );
}
