// Where the program's output goes: a file that is opened at once, or our standard error; a disk that fills up is told.
import { closeSync, constants, createWriteStream, openSync, statSync } from "node:fs";
import type { Writable } from "node:stream";

export class OutputFile {
  private readonly stream: Writable;
  private readonly path: string | undefined;
  private failure: Error | undefined;
  private ended: Promise<void> | undefined;

  /**
   * @param path absent: standard error.
   * @throws {Error} nothing can be written there, with the reason.
   */
  constructor(path: string | undefined) {
    this.path = path;
    this.stream = path === undefined ? process.stderr : createWriteStream(path, { fd: open(path) });
    if (path !== undefined) {
      this.stream.on("error", error => {
        this.failure ??= error;
      });
    }
  }

  /**
   * Where nothing can be written any more, what comes is let go: the program must not wait for a full disk.
   * @returns whether more can come now; else {@link whenDrained} tells when.
   */
  write(chunk: string | Uint8Array): boolean {
    return this.failure !== undefined || this.stream.write(chunk);
  }

  whenDrained(listener: () => void): void {
    // A stream that fails does not drain; it closes.
    const once = (): void => {
      this.stream.off("drain", once).off("close", once);
      listener();
    };
    if (this.failure) listener();
    else this.stream.once("drain", once).once("close", once);
  }

  /** Waits until all is written. @throws {Error} not all could be, with the reason; once. */
  async end(): Promise<void> {
    if (this.path === undefined) return;
    const first = this.ended === undefined;
    this.ended ??= new Promise(resolve => {
      if (this.stream.destroyed) return resolve();
      this.stream.once("close", resolve);
      this.stream.end();
    });
    await this.ended;
    if (first && this.failure) {
      throw new Error(
        `The program's output could not be written to ${this.path}: ${this.failure.message}. Free some space, or give --output another file.`,
      );
    }
  }
}

/** A FIFO that nobody reads would be waited for without end. */
function open(path: string): number {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFIFO()) {
      closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    }
    return openSync(path, "w");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENXIO" ? "it is a FIFO that nobody reads" : message;
    throw new Error(`The program's output can't go to ${path}: ${why}. Give --output another file.`);
  }
}
