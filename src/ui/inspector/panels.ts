// Inspectors in editors of their own: any number of them, each with one recording, following the steps until it is frozen.

import * as vscode from "vscode";
import { type Disposable, DisposableList } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import { t } from "../../common/l10n.ts";
import type { Log } from "../../common/log.ts";
import { connectOver } from "../../common/post-message.ts";
import type { Recording } from "../../recording/recording.ts";
import { pageHtml } from "../page-html.ts";
import { type PanelActions, type PanelModel, PanelService } from "../panel-service.ts";
import type { Changed, InspectedRange } from "../protocol.ts";
import { noticeOf, type Recordings } from "../recordings.ts";

export interface InspectorSurroundings {
  readonly recordings: Recordings;
  /** The folder of the page's script and style. */
  readonly media: vscode.Uri;
  readonly extras: PanelModel["extras"];
  readonly actions: PanelActions;
  readonly log: Log;
}

interface Open extends Disposable {
  readonly recording: Recording;
  readonly service: PanelService;
}

export class InspectorPanels implements Disposable {
  private readonly surroundings: InspectorSurroundings;
  private readonly open = new Set<Open>();

  constructor(surroundings: InspectorSurroundings) {
    this.surroundings = surroundings;
  }

  get count(): number {
    return this.open.size;
  }

  /** One more, beside the editor that is active. */
  show(recording: Recording, range: InspectedRange): void {
    const { media, extras, actions, log } = this.surroundings;
    const title = t("Inspector: {0}", range.words ?? `0x${range.start.toString(16)}`);
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
    const panel = vscode.window.createWebviewPanel("writewatch.inspector", title, place, {
      enableScripts: true,
      localResourceRoots: [media],
    });
    const port = {
      post: (message: unknown): void => void panel.webview.postMessage(message),
      listen: (listener: (message: unknown) => void) => panel.webview.onDidReceiveMessage(listener),
    };
    const recordings = new OneRecording(recording, this.surroundings.recordings);
    const service = new PanelService(connectOver(port, log), { recordings, extras, actions, log });
    const made: Open = {
      recording,
      service,
      dispose: () => {
        service.dispose();
        recordings.dispose();
        panel.dispose();
      },
    };
    this.open.add(made);
    panel.onDidDispose(() => {
      this.open.delete(made);
      service.dispose();
      recordings.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, media, range);
  }

  /** A step was chosen elsewhere: those of its recording follow. */
  follow(recording: Recording, step: number): void {
    for (const each of this.open) if (each.recording === recording) each.service.select(recording.id, step);
  }

  dispose(): void {
    for (const each of [...this.open]) each.dispose();
  }
}

/** One recording, whatever the panel shows. */
class OneRecording implements Disposable {
  readonly onChange = new Emitter<Changed>();
  readonly shown: Recording;
  private readonly all: Recordings;
  private readonly disposables = new DisposableList();

  constructor(recording: Recording, all: Recordings) {
    this.shown = recording;
    this.all = all;
    let newest = recording.steps.last?.number ?? 0;
    this.disposables.add(
      recording.onChange(change => {
        const notice = noticeOf(recording, change, newest);
        newest = notice.newest;
        this.onChange.fire(notice.changed);
      }),
    );
    this.disposables.add(all.onChange.listen(({ state }) => state && this.onChange.fire({ state: true })));
  }

  items(): ReturnType<Recordings["items"]> {
    return this.all.items();
  }

  find(id: string): Recording | undefined {
    return id === this.shown.id ? this.shown : undefined;
  }

  /** It shows one alone. */
  show(): void {}

  close(): void {}

  dispose(): void {
    this.disposables.dispose();
  }
}
