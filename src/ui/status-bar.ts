// One item in the status bar: armed or not, and the pages that the last step wrote.
import * as vscode from "vscode";
import type { DebugSessions } from "../session/debug-sessions.ts";

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
    if (!session || session.status.program === "ended") {
      this.item.hide();
      return;
    }
    const last = session.recording.steps.last;
    if (session.isArmed) {
      const pages = last?.written.pageCount;
      this.item.text =
        pages === undefined ? "$(shield) Armed" : `$(shield) ${pages.toLocaleString("en")} pages written`;
    } else if (session.status.memory === "lost") {
      this.item.text = "$(warning) WriteWatch lost";
    } else {
      this.item.text = "$(circle-slash) Not armed";
    }
    const arms = !session.isArmed && session.status.can.arm;
    this.item.tooltip = `WriteWatch: ${session.status.message}${arms ? " Click to arm." : " Click to show the panel."}`;
    this.item.command = arms ? "writewatch.arm" : "writewatch.showPanel";
    this.item.accessibilityInformation = { label: `WriteWatch: ${session.status.message}` };
    this.item.show();
  }
}
