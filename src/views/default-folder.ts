// Where a save dialog begins.
import { homedir } from "node:os";
import * as vscode from "vscode";

/** The first folder of the workspace, else the user's home. */
export function defaultFolder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
}
