// The debuggee's own output: a FIFO it writes to, poured into a file or our standard error, byte for byte.
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { OutputFile } from "./output-file.ts";

/** How long to wait for the last output of a program that has ended: a child it left may hold the FIFO open. */
const LAST_WORDS = 2000;

export class ProgramOutput {
  /** Path of the FIFO. */
  readonly path: string;
  private readonly folder: string;
  /** Held open so that the reader sees no end before the program has opened its own. */
  private writer: number | undefined;
  private readonly reader: Socket;
  private readonly file: OutputFile;
  private readonly ended: Promise<void>;

  /** @param file where the output goes; absent: standard error. */
  constructor(file: string | undefined) {
    // Opened first: a path that can't be written is told before anything runs.
    this.file = new OutputFile(file);
    this.folder = mkdtempSync(join(tmpdir(), "writewatch-"));
    this.path = join(this.folder, "output");
    execFileSync("mkfifo", [this.path]);
    const descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writer = openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.reader = new Socket({ fd: descriptor, readable: true, writable: false });
    this.reader.on("data", chunk => {
      if (this.file.write(chunk)) return;
      this.reader.pause();
      this.file.whenDrained(() => this.reader.resume());
    });
    this.ended = finished(this.reader, { writable: false }).catch(() => {});
  }

  /** Waits for what the program wrote last, and cleans up. @throws {Error} the output could not be written, once. */
  async close(): Promise<void> {
    if (this.writer !== undefined) closeSync(this.writer);
    this.writer = undefined;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      this.ended,
      new Promise(resolve => {
        timer = setTimeout(resolve, LAST_WORDS);
      }),
    ]);
    clearTimeout(timer);
    this.reader.destroy();
    rmSync(this.folder, { recursive: true, force: true });
    await this.file.end();
  }
}
