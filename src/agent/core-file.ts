// A core file on disk: written under another name until it is whole, and read a piece at a time.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CoreSink } from "../core/sink.ts";
import type { ByteSource } from "../names/bytes.ts";
import { describeProcess } from "./core-process.ts";
import type { CoreHost } from "./cores.ts";

/**
 * Writes a file by `work`. It has its name when it is whole; where the work fails, what stood there before still stands.
 * @throws {Error} it can't be written, and why; as the work does.
 */
async function writeWhole<T>(path: string, work: (sink: CoreSink) => Promise<T>): Promise<T> {
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  let file: FileHandle | undefined;
  try {
    // What a process held in memory is for nobody else to read.
    file = await open(part, "w", 0o600);
    const sink = new FileSink(file);
    const result = await work(sink);
    await file.truncate(sink.size);
    await file.close();
    file = undefined;
    await rename(part, path);
    return result;
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(part, { force: true });
    throw error instanceof Error && "syscall" in error && "code" in error
      ? new Error(`${path} can't be written: ${error.message}.`, { cause: error })
      : error;
  }
}

/** What an agent on this computer makes core files with. */
export const systemCores: CoreHost = {
  describe: describeProcess,
  write: writeWhole,
  async reading(paths, work) {
    const opened: OpenCore[] = [];
    try {
      for (const path of paths) opened.push(new OpenCore(path));
      return await work(opened.map(source => ({ name: source.path, source })));
    } finally {
      for (const source of opened) source.close();
    }
  },
};

class FileSink implements CoreSink {
  size = 0;
  private readonly file: FileHandle;

  constructor(file: FileHandle) {
    this.file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, at, bytes.length - at, this.size);
      at += bytesWritten;
      this.size += bytesWritten;
    }
  }

  async skip(bytes: number): Promise<void> {
    this.size += bytes;
  }
}

/** A file of which pieces are read; whoever opened it owes it a close. */
class OpenCore implements ByteSource {
  readonly path: string;
  readonly size: number;
  private readonly descriptor: number;

  /** @throws {Error} it can't be opened, and why. */
  constructor(path: string) {
    this.path = path;
    try {
      this.descriptor = openSync(path, "r");
    } catch (error) {
      throw new Error(`${path} can't be opened: ${(error as Error).message}.`, { cause: error });
    }
    const status = fstatSync(this.descriptor);
    if (!status.isFile()) {
      closeSync(this.descriptor);
      throw new Error(`${path} can't be opened: it is no file.`);
    }
    this.size = status.size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (read === 0) break;
      done += read;
    }
    return done === length ? bytes : bytes.subarray(0, done);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
