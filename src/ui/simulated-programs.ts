// Simulated programs: opens a copy of a bundled example, and runs the one in the editor.

import * as vscode from "vscode";
import { t } from "../common/l10n.ts";
import { SIMULATED } from "../debuggers/simulated/debugger.ts";
import { utf8 } from "./files.ts";

/** As the build lists them in dist/examples.json: a page in a browser can read a file, but no folder. */
interface Example {
  readonly name: string;
  /** Its first comment. */
  readonly about: string;
  readonly text: string;
}

/**
 * Lets the user pick an example and opens a copy: in the open folder, or untitled where there is none.
 * @param examples dist/examples.json.
 */
export async function openSimulatedProgram(
  examples: vscode.Uri,
  name?: string,
): Promise<vscode.TextDocument | undefined> {
  const bundled = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(examples))) as Example[];
  const example = bundled.find(one => one.name === name) ?? (await pick(bundled));
  if (!example) return undefined;
  const document = await copyOf(example);
  await vscode.window.showTextDocument(document);
  void offerToRun(document);
  return document;
}

async function pick(examples: readonly Example[]): Promise<Example | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const items = examples.map(example => ({ label: example.name, detail: example.about, example }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Open a simulated program"),
    placeHolder: folder ? t("A copy opens in {0}", folder.name) : t("A copy opens, untitled"),
    matchOnDetail: true,
  });
  return picked?.example;
}

async function copyOf({ name, text }: Example): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder || vscode.workspace.fs.isWritableFileSystem(folder.uri.scheme) === false) {
    return vscode.workspace.openTextDocument({ language: "wsim", content: text });
  }
  const target = vscode.Uri.joinPath(folder.uri, name);
  // A copy that is there may have been changed; it stays.
  if (!(await exists(target))) await vscode.workspace.fs.writeFile(target, utf8(text));
  return vscode.workspace.openTextDocument(target);
}

async function offerToRun(document: vscode.TextDocument): Promise<void> {
  const run = t("Run");
  const chosen = await vscode.window.showInformationMessage(
    t("Press F5 to run this program in the simulator, Arm in the panel “Memory Writes”, then F10 to step."),
    run,
  );
  if (chosen === run) await runSimulatedProgram(document.uri);
}

/** @param uri the program; absent: the one in the active editor. */
export async function runSimulatedProgram(uri = vscode.window.activeTextEditor?.document.uri): Promise<void> {
  if (!uri) throw new Error(t("Open a simulated program (.wsim) first."));
  const configuration: vscode.DebugConfiguration = {
    type: SIMULATED,
    request: "launch",
    name: t("Simulate {0}", uri.path.slice(uri.path.lastIndexOf("/") + 1)),
    program: uri.scheme === "file" ? uri.fsPath : uri.toString(),
    stopOnEntry: true,
    internalConsoleOptions: "neverOpen",
  };
  // One that was never saved runs as it stands in the editor.
  const options = { suppressSaveBeforeStart: uri.scheme === "untitled" };
  await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(uri), configuration, options);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
