// Shows the source line that a step ran.
import * as vscode from "vscode";
import type { Step } from "../recording/step.ts";

/** Reveals the line without taking the focus from where it is; does nothing for a step without a source file. */
export async function revealStep(step: Step | undefined): Promise<void> {
  const source = step?.from?.source;
  const uri = source === undefined ? undefined : uriOf(source);
  if (!step?.from || !uri) return;
  const line = Math.max(0, step.from.line - 1);
  const range = new vscode.Range(line, 0, line, 0);
  const options: vscode.TextDocumentShowOptions = { preserveFocus: true, preview: true, selection: range };
  try {
    await vscode.window.showTextDocument(uri, options);
  } catch {
    vscode.window.setStatusBarMessage(`WriteWatch: ${source} can't be opened`, 4000);
  }
}

/** A location is a path; the document may be of any file system: a browser's, or none yet. */
function uriOf(path: string): vscode.Uri | undefined {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => path.startsWith(`${uri.fsPath}/`));
  if (folder) return folder.uri.with({ path });
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.fsPath === path);
  if (editor) return editor.document.uri;
  return path.startsWith("/") ? vscode.Uri.file(path) : undefined;
}
