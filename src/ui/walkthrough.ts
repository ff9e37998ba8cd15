// "WriteWatch: Open Walkthrough": the first five minutes, as the manifest tells them.
import * as vscode from "vscode";

/** @param extension this extension's identifier, "publisher.name". */
export function registerWalkthrough(extension: string): vscode.Disposable {
  return vscode.commands.registerCommand("writewatch.openWalkthrough", () =>
    vscode.commands.executeCommand("workbench.action.openWalkthrough", `${extension}#start`, false),
  );
}
