// Shows the source line that a step ran, or where something happened.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import type { SourceLocation, Step } from "../recording/step.ts";
import { uriOfSource } from "./sources.ts";

/** Reveals the line without taking the focus from where it is; does nothing for a step without a source file. */
export async function revealStep(step: Step | undefined): Promise<void> {
  if (step?.from) await revealPlace(step.from);
}

/** As {@link revealStep}. */
export async function revealPlace({ source, line: number }: SourceLocation): Promise<void> {
  const uri = source === undefined ? undefined : uriOfSource(source);
  if (!uri) return;
  const line = Math.max(0, number - 1);
  const range = new vscode.Range(line, 0, line, 0);
  const options: vscode.TextDocumentShowOptions = { preserveFocus: true, preview: true, selection: range };
  try {
    await vscode.window.showTextDocument(uri, options);
  } catch {
    vscode.window.setStatusBarMessage(t("WriteWatch: {0} can't be opened", source), 4000);
  }
}
