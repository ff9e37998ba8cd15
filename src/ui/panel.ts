// The "Memory Writes" view: hosts the page, tells it the shown session's state and does what its buttons say.
import * as vscode from "vscode";
import { Emitter } from "../common/emitter.ts";
import type { Step } from "../recording/step.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import type { PanelCommand, SnapshotView, ToHost, ToPage } from "./panel-messages.ts";
import { mappingRows, sessionView, stepView } from "./panel-state.ts";
import { revealStep } from "./reveal.ts";

export const PANEL_ID = "writewatch.panel";

export class MemoryWritesPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  /** The page has painted a step; milliseconds from the message's arrival there to the end of the frame. For measurements. */
  readonly onPainted = new Emitter<{ step: number; milliseconds: number }>();
  private readonly sessions: DebugSessions;
  private readonly media: vscode.Uri;
  private readonly missing: () => Promise<string | undefined>;
  private readonly disposables: vscode.Disposable[];
  private view: vscode.WebviewView | undefined;
  private snapshot: SnapshotView | undefined;
  private sentSession: TrackedSession | undefined;
  private sentLayout: unknown;
  private sentResident: unknown;
  private sentSteps = 0;

  /**
   * @param media the folder of the page's script and style.
   * @param missing asks why native programs can't be watched here; undefined where they can.
   */
  constructor(sessions: DebugSessions, media: vscode.Uri, missing: () => Promise<string | undefined>) {
    this.sessions = sessions;
    this.media = media;
    this.missing = missing;
    this.disposables = [
      sessions.onChange.listen(() => this.update()),
      sessions.onStep.listen(({ session, step }) => this.addStep(session, step)),
    ];
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [this.media] };
    view.webview.onDidReceiveMessage((message: ToHost) => void this.receive(message));
    view.onDidDispose(() => {
      this.view = undefined;
    });
    view.webview.html = this.html(view.webview);
  }

  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${PANEL_ID}.focus`);
  }

  showSnapshot(snapshot: SnapshotView): void {
    this.snapshot = snapshot;
    this.post({ type: "snapshot", snapshot });
  }

  problem(message: string): void {
    this.post({ type: "problem", message });
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async receive(message: ToHost): Promise<void> {
    switch (message.type) {
      case "ready":
        this.sentSession = undefined;
        this.update();
        if (this.snapshot) this.post({ type: "snapshot", snapshot: this.snapshot });
        await this.tellMissing();
        break;
      case "command":
        await vscode.commands.executeCommand(`writewatch.${message.command satisfies PanelCommand}`);
        break;
      case "show":
        this.sessions.show(message.session);
        break;
      case "select":
        await revealStep(this.sessions.shown?.recording.steps.byNumber(message.step));
        break;
      case "saveSnapshot":
        await vscode.commands.executeCommand("writewatch.saveSnapshot", this.snapshot);
        break;
      case "closeSnapshot":
        this.snapshot = undefined;
        break;
      case "painted":
        this.onPainted.fire(message);
        break;
    }
  }

  /** Tells the page what it does not know yet of the shown session. */
  private update(): void {
    const { shown } = this.sessions;
    this.post({
      type: "sessions",
      sessions: this.sessions.all.map(sessionView),
      ...(shown ? { shown: shown.id } : {}),
    });
    if (!shown) return;
    const switched = shown !== this.sentSession;
    const wasReset = shown.recording.steps.count < this.sentSteps;
    if (switched || shown.recording.layout !== this.sentLayout || shown.recording.resident !== this.sentResident)
      this.postMappings(shown);
    if (switched || wasReset) {
      this.sentSession = shown;
      this.sentSteps = shown.recording.steps.count;
      this.post({ type: "steps", steps: [...shown.recording.steps].map(stepView) });
    }
  }

  private async tellMissing(): Promise<void> {
    const why = await this.missing();
    if (why !== undefined) this.post({ type: "missing", why });
  }

  private addStep(session: TrackedSession, step: Step): void {
    if (session !== this.sessions.shown) return;
    if (session !== this.sentSession) {
      this.update();
      return;
    }
    // The mappings first: the page draws the step's pages in them.
    this.postMappings(session);
    this.sentSteps = session.recording.steps.count;
    this.post({ type: "step", step: stepView(step) });
  }

  private postMappings(session: TrackedSession): void {
    this.sentLayout = session.recording.layout;
    this.sentResident = session.recording.resident;
    // A session that was never armed has none, and must not show those of the one before.
    this.post({
      type: "mappings",
      rows: session.recording.layout ? mappingRows(session.recording.layout) : [],
      resident: session.recording.resident.runs,
    });
  }

  private post(message: ToPage): void {
    void this.view?.webview.postMessage(message);
  }

  private html(webview: vscode.Webview): string {
    const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const uri = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(this.media, file)).toString();
    const policy = [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src ${webview.cspSource} 'nonce-${nonce}'`,
      `font-src ${webview.cspSource}`,
    ].join("; ");
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri("webview.css")}">
<title>Memory Writes</title>
</head>
<body>
<div id="app"></div>
<script nonce="${nonce}" src="${uri("webview.js")}"></script>
</body>
</html>`;
  }
}
