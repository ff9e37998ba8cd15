// One item in the status bar: armed or not, and the pages that the last step wrote.
import * as vscode from "vscode";
import type { DebugSessions } from "../session/debug-sessions.ts";
import { statusBarText } from "./status-bar-text.ts";

export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly sessions: DebugSessions;
  private readonly disposables: vscode.Disposable[];

  constructor(sessions: DebugSessions) {
    this.sessions = sessions;
    this.item = vscode.window.createStatusBarItem("writewatch.status", vscode.StatusBarAlignment.Left, 10);
    this.item.name = "WriteWatch";
    this.disposables = [
      this.item,
      sessions.onChange.listen(() => this.update()),
      sessions.onStep.listen(() => this.update()),
    ];
  }

  get text(): string {
    return this.item.text;
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private update(): void {
    const session = this.sessions.shown;
    const told = statusBarText(session?.status, session?.recording.steps.last);
    if (!told) {
      this.item.hide();
      return;
    }
    this.item.text = told.text;
    this.item.tooltip = told.tooltip;
    this.item.command = told.command;
    this.item.accessibilityInformation = { label: told.label };
    this.item.show();
  }
}
