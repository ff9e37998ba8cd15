// The editor of .writewatch files: the same page as the panel's, over one recording that no process stands behind.
import * as vscode from "vscode";
import type { Log } from "../common/log.ts";
import { connectOver } from "../common/post-message.ts";
import type { FileRecording } from "../recording/file/file-recording.ts";
import { InspectorPanels } from "./inspector/panels.ts";
import { pickNamed } from "./inspector/pick-named.ts";
import { memoryPath } from "./memory-at.ts";
import { hasHexEditor, type MemoryFiles, openMemory } from "./memory-files.ts";
import { readRecording } from "./open-recording.ts";
import { pageHtml } from "./page-html.ts";
import { type PanelActions, PanelService } from "./panel-service.ts";
import { revealStep } from "./reveal.ts";
import type { Saver } from "./save.ts";
import { recordingsOf } from "./solo.ts";
import { chooseWriter } from "./who-wrote.ts";

const VIEW_TYPE = "writewatch.recording";

export interface EditorSurroundings {
  /** The folder of the page's script and style. */
  readonly media: vscode.Uri;
  readonly saver: Saver;
  readonly memoryFiles: MemoryFiles;
  readonly log: Log;
}

interface RecordingDocument extends vscode.CustomDocument {
  readonly recording: FileRecording;
}

export class RecordingEditor implements vscode.CustomReadonlyEditorProvider<RecordingDocument> {
  private readonly s: EditorSurroundings;

  constructor(surroundings: EditorSurroundings) {
    this.s = surroundings;
  }

  register(): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(VIEW_TYPE, this, {
      webviewOptions: { retainContextWhenHidden: false },
      supportsMultipleEditorsPerDocument: true,
    });
  }

  /** @throws {Error} it can't be read, and why: VS Code shows it in the editor's place. */
  async openCustomDocument(uri: vscode.Uri): Promise<RecordingDocument> {
    return { uri, recording: await readRecording(uri), dispose: () => {} };
  }

  resolveCustomEditor({ recording }: RecordingDocument, { webview, onDidDispose }: vscode.WebviewPanel): void {
    const { media, saver, memoryFiles, log } = this.s;
    const recordings = recordingsOf(recording);
    let problem = recording.lack;
    webview.options = { enableScripts: true, localResourceRoots: [media] };
    const port = {
      post: (message: unknown): void => void webview.postMessage(message),
      listen: (listener: (message: unknown) => void) => webview.onDidReceiveMessage(listener),
    };
    const extras = () => ({
      ...(problem === undefined ? {} : { problem }),
      alone: "editor" as const,
      hasHexEditor: hasHexEditor(),
    });
    const actions: PanelActions = {
      execute: command => vscode.commands.executeCommand(`writewatch.${command}`),
      save: () => saver.export(recording),
      choose: (_recording, step, { reveal }) => {
        if (reveal) void revealStep(recording.steps.byNumber(step));
      },
      whoWrote: async (_recording, start, end) => {
        const writer = await chooseWriter(recording.steps, `0x${start.toString(16)}`, {
          address: start,
          size: end - start,
        });
        if (writer) service.select(recording.id, writer.step.number);
      },
      copy: text => vscode.env.clipboard.writeText(text),
      dismissProblem: () => {
        problem = undefined;
        service.stateChanged();
      },
      inspect: (_recording, expression) => {
        problem = pickNamed(service, recording, expression);
        service.stateChanged();
      },
      openRange: (_recording, { how, ...range }) => {
        if (how === "inspector") inspectors.show(recording, range);
        else void openMemory(memoryPath({ recording: recording.id, ...range }, range.words));
      },
      painted: () => {},
    };
    const service: PanelService = new PanelService(connectOver(port, log), { recordings, extras, actions, log });
    const inspectors = new InspectorPanels({ recordings, media, extras, actions, log });
    const source = memoryFiles.also(recordings);
    onDidDispose(() => {
      inspectors.dispose();
      source.dispose();
      service.dispose();
      recordings.dispose();
    });
    webview.html = pageHtml(webview, media);
  }
}
