// Which document a debugger means: it names a file by its path, or by a URI where the program lies in no file system of the computer's.
import * as vscode from "vscode";

/** Two letters at least before the colon: one would be a drive's. */
const URI = /^[a-z][\w+.-]+:/i;

/** Whether a place's source is this document. */
export function isSource(document: vscode.Uri, source: string): boolean {
  return URI.test(source) ? document.toString() === vscode.Uri.parse(source).toString() : document.fsPath === source;
}

/** The document of a place's source, in whichever file system the window has it; undefined where none can be told. */
export function uriOfSource(source: string): vscode.Uri | undefined {
  if (URI.test(source)) return vscode.Uri.parse(source);
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => source.startsWith(`${uri.fsPath}/`));
  if (folder) return folder.uri.with({ path: source });
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.fsPath === source);
  if (editor) return editor.document.uri;
  return source.startsWith("/") ? vscode.Uri.file(source) : undefined;
}
