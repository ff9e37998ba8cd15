// The "Memory Writes" view: hosts the page, and does in VS Code what its buttons say.
import * as vscode from "vscode";
import { DisposableList } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type { Log } from "../common/log.ts";
import { connectOver } from "../common/post-message.ts";
import type { Recording } from "../recording/recording.ts";
import { InspectorPanels } from "./inspector/panels.ts";
import { memoryPath } from "./memory-at.ts";
import { hasHexEditor, openMemory } from "./memory-files.ts";
import { pageHtml } from "./page-html.ts";
import { type PanelActions, PanelService } from "./panel-service.ts";
import type { InspectedRange, PanelCommand } from "./protocol.ts";
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
  private readonly actions: PanelActions;
  /** Those in editors of their own. */
  readonly inspectors: InspectorPanels;
  /** What the page is to inspect. */
  private picked: { readonly recording: string; readonly range: InspectedRange } | undefined;
  /** A step that the page is to choose. */
  private wanted: { readonly recording: string; readonly step: number } | undefined;

  constructor(surroundings: PanelSurroundings) {
    this.surroundings = surroundings;
    this.recordings = surroundings.recordings;
    const { recordings, media, log } = surroundings;
    this.actions = this.actionsIn(recordings);
    // What an inspector says of the panel's state is the panel's own: its buttons alone act elsewhere.
    const extras = (): { hasHexEditor: boolean } => ({ hasHexEditor: hasHexEditor() });
    this.inspectors = new InspectorPanels({ recordings, media, extras, actions: this.actions, log });
    this.disposables.add(this.inspectors);
    this.disposables.add(
      this.onChoose.listen(({ recording, step }) => {
        this.inspectors.follow(recording, step);
      }),
    );
    this.disposables.add(vscode.extensions.onDidChange(() => this.service?.stateChanged()));
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
      actions: this.actions,
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

  /** Shows the panel with a range in its inspector; in an editor of its own where `isBeside`. */
  async inspect(recording: Recording, range: InspectedRange, isBeside = false): Promise<void> {
    if (isBeside) {
      this.inspectors.show(recording, range);
      return;
    }
    this.recordings.show(recording.id);
    this.picked = { recording: recording.id, range };
    await this.show();
    this.service?.stateChanged();
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

  private actionsIn(recordings: Recordings): PanelActions {
    return {
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
      inspect: (recording, expression) => {
        recordings.show(recording.id);
        return vscode.commands.executeCommand("writewatch.inspect", { expression });
      },
      openRange: (recording, { how, ...range }) => {
        if (how === "inspector") this.inspectors.show(recording, range);
        else void openMemory(memoryPath({ recording: recording.id, ...range }, range.words));
      },
      copy: text => vscode.env.clipboard.writeText(text),
      dismissProblem: () => this.tellProblem(undefined),
      painted: told => this.onPainted.fire(told),
    };
  }

  private extras(): { missing?: string; problem?: string; hasHexEditor: boolean } {
    this.askForMissing();
    this.tellWanted();
    return {
      hasHexEditor: hasHexEditor(),
      ...(this.missingText === undefined ? {} : { missing: this.missingText }),
      ...(this.problemText === undefined ? {} : { problem: this.problemText }),
    };
  }

  /** The page asks for the state first of all: a step that it is to choose comes behind the answer. */
  private tellWanted(): void {
    const { wanted, picked } = this;
    this.wanted = undefined;
    this.picked = undefined;
    if (!wanted && !picked) return;
    setTimeout(() => {
      if (wanted) this.service?.select(wanted.recording, wanted.step);
      if (picked) this.service?.pick(picked.recording, { words: "", ...picked.range });
    });
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
