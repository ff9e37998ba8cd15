// For tests: a simulated program under VS Code's debugger, seen from outside alone, so that WriteWatch may run in any extension host.
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as vscode from "vscode";

export interface Place {
  readonly line: number;
  readonly function: string;
  /** How many frames there are. */
  readonly depth: number;
}

const TIMEOUT_MS = 20_000;

/** Resolves once `look` finds something; what it throws on the way counts as nothing. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const found = await Promise.resolve()
      .then(look)
      .catch(() => undefined);
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited ${TIMEOUT_MS / 1000} s in vain for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** Writes the program into the open folder and shows it. */
export async function openProgram(name: string, text: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("No folder is open.");
  const uri = vscode.Uri.joinPath(folder.uri, name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Breakpoints at the lines that hold the texts, instead of all there were; with a condition where one is given. */
export function breakAtLines(
  document: vscode.TextDocument,
  wanted: Readonly<Record<string, string | undefined>>,
): void {
  vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  vscode.debug.addBreakpoints(
    Object.entries(wanted).map(([text, condition]) => {
      const location = new vscode.Location(document.uri, new vscode.Position(lineOf(document, text) - 1, 0));
      return new vscode.SourceBreakpoint(location, true, condition);
    }),
  );
}

/** The first line with the text, from 1. */
export function lineOf(document: vscode.TextDocument, text: string): number {
  const index = document
    .getText()
    .split("\n")
    .findIndex(line => line.includes(text));
  if (index < 0) throw new Error(`${document.uri.path} has no line with "${text}".`);
  return index + 1;
}

/** What F5, F10, F11 and their like do. */
export function press(
  command: "start" | "continue" | "stepOver" | "stepInto" | "stepOut" | "pause" | "stop",
): Thenable<unknown> {
  return vscode.commands.executeCommand(`workbench.action.debug.${command}`);
}

/** Puts the folder's launch configurations out of sight, or back. */
export async function setLaunchAside(aside: boolean): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("No folder is open.");
  const [here, away] = ["launch.json", "launch.aside.json"].map(name =>
    vscode.Uri.joinPath(folder.uri, ".vscode", name),
  );
  await (aside ? vscode.workspace.fs.rename(here, away) : vscode.workspace.fs.rename(away, here));
  const count = (): number => vscode.workspace.getConfiguration("launch").get<unknown[]>("configurations", []).length;
  await until("the launch configurations to be gone, or back", () => (count() === 0) === aside || undefined);
}

/** Starts the program in the active editor as F5 does; there is no launch.json. */
export async function start(): Promise<vscode.DebugSession> {
  await press("start");
  return until("a debug session", () => vscode.debug.activeDebugSession);
}

export async function end(): Promise<void> {
  vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
  if (vscode.debug.activeDebugSession) await press("stop");
  await until("the session's end", () => vscode.debug.activeDebugSession === undefined);
}

/** Where the program stands, once it stands in that line. */
export function standsAt(session: vscode.DebugSession, line: number): Promise<Place> {
  return until(`a stop in line ${line}`, async () => {
    const place = await stands(session);
    return place.line === line ? place : undefined;
  });
}

/** Where the program stands; rejects while it runs. */
export async function stands(session: vscode.DebugSession): Promise<Place> {
  // Only what the window has seen as a stop counts: its buttons work from then on.
  if (!(vscode.debug.activeStackItem instanceof vscode.DebugStackFrame)) throw new Error("it runs");
  const { threadId } = vscode.debug.activeStackItem;
  const { stackFrames }: DebugProtocol.StackTraceResponse["body"] = await session.customRequest("stackTrace", {
    threadId,
  });
  return { line: stackFrames[0].line, function: stackFrames[0].name, depth: stackFrames.length };
}
