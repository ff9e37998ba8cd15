// What saving a file takes: where the dialog begins, and bytes.
import * as vscode from "vscode";

/** Options of a save dialog: the name in the workspace's first folder, else in the user's home, where there is one. */
export function saveTarget(name: string): { readonly defaultUri?: vscode.Uri } {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? home();
  return folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {};
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function home(): vscode.Uri | undefined {
  // A browser's extension host has no environment.
  const path = typeof process === "undefined" ? undefined : (process.env?.HOME ?? process.env?.USERPROFILE);
  return path ? vscode.Uri.file(path) : undefined;
}
