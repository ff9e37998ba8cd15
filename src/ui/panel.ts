// The "Memory Writes" view: hosts the page, and does in VS Code what its buttons say.
import * as vscode from "vscode";
import { DisposableList } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type { Log } from "../common/log.ts";
import { connectOver } from "../common/post-message.ts";
import type { Recording } from "../recording/recording.ts";
import { pageHtml } from "./page-html.ts";
import { PanelService } from "./panel-service.ts";
import type { PanelCommand } from "./protocol.ts";
import type { Recordings, SessionSource, SessionsSource } from "./recordings.ts";

export const PANEL_ID = "writewatch.panel";

export interface PanelSurroundings {
  readonly recordings: Recordings;
  readonly sessions: SessionsSource;
  /** The folder of the page's script and style. */
  readonly media: vscode.Uri;
  /** Asks why native programs can't be watched here; undefined where they can. */
  missing(): Promise<string | undefined>;
  /** Asks where to save a scan, or a file in another form. */
  save(recording: Recording): unknown;
  readonly log: Log;
}

/** A step that was chosen in the panel. */
export interface Choice {
  readonly recording: Recording;
  readonly step: number;
  /** Whether its source line is to be shown, too. */
  readonly reveal: boolean;
  /** Whether it stays chosen when further steps come. */
  readonly stay: boolean;
}

export class MemoryWritesPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  /** The page has painted a step; milliseconds from the notice's arrival there to the end of the frame. For measurements. */
  readonly onPainted = new Emitter<{ step: number; milliseconds: number }>();
  readonly onChoose = new Emitter<Choice>();
  readonly recordings: Recordings;
  private readonly surroundings: PanelSurroundings;
  private readonly disposables = new DisposableList();
  /** Sessions that a problem may have been told of. */
  private readonly known = new WeakSet<SessionSource>();
  private view: vscode.WebviewView | undefined;
  private service: PanelService | undefined;
  private problemText: string | undefined;
  private missingText: string | undefined;
  private askedForMissing = false;
  /** A step that the page is to choose. */
  private wanted: { readonly recording: string; readonly step: number } | undefined;

  constructor(surroundings: PanelSurroundings) {
    this.surroundings = surroundings;
    this.recordings = surroundings.recordings;
    this.disposables.add(surroundings.sessions.onChange.listen(session => this.sessionChanged(session)));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { recordings, media, log } = this.surroundings;
    this.service?.dispose();
    this.view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [media] };
    const port = {
      post: (message: unknown): void => void view.webview.postMessage(message),
      listen: (listener: (message: unknown) => void) => view.webview.onDidReceiveMessage(listener),
    };
    const service = new PanelService(connectOver(port, log), {
      recordings,
      extras: () => this.extras(),
      actions: {
        execute: (command: PanelCommand) => vscode.commands.executeCommand(`writewatch.${command}`),
        save: recording => this.surroundings.save(recording),
        choose: (recording, step, options) => this.onChoose.fire({ recording, step, ...options }),
        whoWrote: (recording, start, end) => {
          recordings.show(recording.id);
          const expression = `0x${start.toString(16)}+${end - start}`;
          return vscode.commands.executeCommand("writewatch.whoWrote", { expression });
        },
        range: (action, recording, start, end) => {
          recordings.show(recording.id);
          const expression = `0x${start.toString(16)}+${end - start}`;
          return vscode.commands.executeCommand(`writewatch.${action}`, { expression });
        },
        locate: (shown, expression) => {
          const session = this.surroundings.sessions.all.find(({ recording }) => recording === shown);
          return session?.locate?.(expression).then(({ address }) => address);
        },
        copy: text => vscode.env.clipboard.writeText(text),
        dismissProblem: () => this.tellProblem(undefined),
        painted: told => this.onPainted.fire(told),
      },
      log,
    });
    this.service = service;
    view.onDidDispose(() => {
      service.dispose();
      if (this.service === service) this.service = undefined;
      if (this.view === view) this.view = undefined;
    });
    view.webview.html = pageHtml(view.webview, media);
  }

  async show(): Promise<void> {
    await vscode.commands.executeCommand(`${PANEL_ID}.focus`);
  }

  /** Shows in the page what went wrong, until it is dismissed or another session begins. */
  problem(message: string): void {
    this.tellProblem(message);
  }

  /** Shows the panel with a step chosen, also where the page is not there yet. A recording that is gone is let be. */
  async showStep(recording: string, step: number): Promise<void> {
    if (this.recordings.find(recording) === undefined) return;
    this.recordings.show(recording);
    this.wanted = { recording, step };
    await this.show();
    this.service?.stateChanged();
  }

  dispose(): void {
    this.disposables.dispose();
    this.service?.dispose();
  }

  private extras(): { missing?: string; problem?: string } {
    this.askForMissing();
    this.tellWanted();
    return {
      ...(this.missingText === undefined ? {} : { missing: this.missingText }),
      ...(this.problemText === undefined ? {} : { problem: this.problemText }),
    };
  }

  /** The page asks for the state first of all: a step that it is to choose comes behind the answer. */
  private tellWanted(): void {
    const { wanted } = this;
    this.wanted = undefined;
    if (wanted) setTimeout(() => this.service?.select(wanted.recording, wanted.step));
  }

  /** Asked once, and only while the page has nothing better to show: the answer costs a process. */
  private askForMissing(): void {
    if (this.askedForMissing || this.recordings.shown) return;
    this.askedForMissing = true;
    void this.surroundings.missing().then(why => {
      this.missingText = why;
      if (why !== undefined) this.service?.stateChanged();
    });
  }

  private sessionChanged(session: SessionSource): void {
    if (this.known.has(session)) return;
    this.known.add(session);
    if (this.problemText !== undefined) this.tellProblem(undefined);
  }

  private tellProblem(message: string | undefined): void {
    this.problemText = message;
    this.service?.stateChanged();
  }
}
