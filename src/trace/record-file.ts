// The trace command's --record: the recording goes to a file while the program is stepped.
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { RecordingStream } from "../recording/file/stream.ts";
import type { TrackedSession } from "../session/tracked-session.ts";

export class RecordFile {
  private readonly path: string;
  private readonly descriptor: number;
  private stream: RecordingStream | undefined;
  private isClosed = false;

  /** Opened at once: a path that can't be written is told before anything runs. @throws {Error} with the reason. */
  constructor(path: string) {
    this.path = path;
    try {
      this.descriptor = openSync(path, "w");
    } catch (error) {
      throw new Error(`The recording can't be written: ${(error as Error).message}. Give --record another file.`, {
        cause: error,
      });
    }
  }

  /** The session's memory is armed. */
  begin(session: TrackedSession, program: string): void {
    this.stream = new RecordingStream(session.recording, {
      head: { title: basename(program), begun: Date.now(), writer: writerName() },
      write: async bytes => this.write(bytes),
      copies: pages => session.copies(pages),
    });
  }

  /** The program stands at the end of a step. */
  async afterStep(): Promise<void> {
    await this.stream?.flushStep();
  }

  /** @throws {Error} not all could be written, with the reason. */
  async close(): Promise<void> {
    const { stream } = this;
    this.stream = undefined;
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      await stream?.close();
    } finally {
      closeSync(this.descriptor);
    }
  }

  private write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
    } catch (error) {
      throw new Error(
        `The recording could not be written to ${this.path}: ${(error as Error).message}. Free some space, or give --record another file.`,
        { cause: error },
      );
    }
  }
}

/** "WriteWatch 0.1.0". */
function writerName(): string {
  const manifest = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  return `WriteWatch ${version}`;
}
