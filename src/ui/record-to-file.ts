// "Record to File…": a session's recording is written down while it runs, so that nothing is lost with the window.

import * as vscode from "vscode";
import type { Disposable } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import { t } from "../common/l10n.ts";
import type { Head } from "../recording/file/records.ts";
import { RecordingStream } from "../recording/file/stream.ts";
import type { Recording } from "../recording/recording.ts";
import type { DebugSessions } from "../session/debug-sessions.ts";
import type { TrackedSession } from "../session/tracked-session.ts";
import { saveTarget } from "./files.ts";
import { plainMessage } from "./plain-message.ts";
import { fileNameOf } from "./save.ts";

/** A file that grows. */
export interface FileSink {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface Running {
  readonly target: vscode.Uri;
  readonly stream: RecordingStream;
  readonly sink: FileSink;
  readonly subscription: Disposable;
}

export class RecordToFile implements vscode.Disposable {
  /** A recording to a file has begun or ended. */
  readonly onChange = new Emitter<void>();
  private readonly running = new Map<TrackedSession, Running>();
  private readonly headOf: (recording: Recording) => Head;
  private readonly openFile: ((path: string) => Promise<FileSink>) | undefined;
  private readonly subscription: Disposable;

  /** @param openFile of the computer's own file system; absent in a browser. */
  constructor(
    sessions: DebugSessions,
    headOf: (recording: Recording) => Head,
    openFile?: (path: string) => Promise<FileSink>,
  ) {
    this.headOf = headOf;
    this.openFile = openFile;
    this.subscription = sessions.onChange.listen(session => {
      if (session.status.program === "ended") void this.stop(session);
    });
  }

  get isRunning(): boolean {
    return this.running.size > 0;
  }

  /** @param target absent: the user is asked. @throws {Error} there is no session, or the file can't be written. */
  async begin(session: TrackedSession | undefined, target?: vscode.Uri): Promise<void> {
    if (!session || session.status.program === "ended")
      throw new Error(
        t("There is no debug session to record. Start one; what is recorded already goes to the file, too."),
      );
    const present = this.running.get(session);
    if (present) throw new Error(t("It is being recorded to {0} already.", present.target.path));
    const file = target ?? (await pick(session.name));
    if (!file) return;
    const sink = await this.open(file);
    const stream = new RecordingStream(session.recording, {
      head: this.headOf(session.recording),
      write: bytes => sink.write(bytes),
      copies: pages => session.copies(pages),
      failed: why => {
        void vscode.window.showErrorMessage(
          plainMessage(t("WriteWatch: the recording to {0} has ended: {1}", file.path, why)),
        );
        void this.stop(session);
      },
    });
    // Another run is another recording.
    const subscription = session.onRun.listen(() => void this.stop(session));
    this.running.set(session, { target: file, stream, sink, subscription });
    this.onChange.fire();
  }

  /** Completes the session's file; where nothing is recorded, does nothing. */
  async stop(session: TrackedSession | undefined): Promise<void> {
    const running = session && this.running.get(session);
    if (!session || !running) return;
    this.running.delete(session);
    this.onChange.fire();
    running.subscription.dispose();
    try {
      await running.stream.close();
    } finally {
      await running.sink.close();
    }
  }

  dispose(): void {
    this.subscription.dispose();
    for (const session of this.running.keys()) void this.stop(session).catch(() => {});
  }

  private async open(target: vscode.Uri): Promise<FileSink> {
    if (target.scheme === "file" && this.openFile) return this.openFile(target.fsPath);
    return rewriting(target);
  }
}

/** VS Code's own file systems can't append: each time all is written again. */
async function rewriting(target: vscode.Uri): Promise<FileSink> {
  let all = new Uint8Array(0);
  await vscode.workspace.fs.writeFile(target, all);
  return {
    write: async bytes => {
      const longer = new Uint8Array(all.length + bytes.length);
      longer.set(all);
      longer.set(bytes, all.length);
      all = longer;
      await vscode.workspace.fs.writeFile(target, all);
    },
    close: async () => {},
  };
}

function pick(name: string): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    ...saveTarget(`${fileNameOf(name)}.writewatch`),
    filters: { [t("WriteWatch Recordings")]: ["writewatch"] },
    title: t("Record to a file"),
    saveLabel: t("Record"),
  });
}
