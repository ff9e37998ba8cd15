// Where a core file's bytes go: one after another, so that it can be written as it is read.
import { PAGE_SIZE } from "../memory/page.ts";

export interface CoreSink {
  write(bytes: Uint8Array): Promise<void>;
  /** So many zeroes: a hole, where the file system has holes. */
  skip(bytes: number): Promise<void>;
}

/** Writes pages, of which those that hold nothing but zeroes become holes. */
export async function writePages(sink: CoreSink, bytes: Uint8Array): Promise<void> {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    if (!isZero(words, at / 4)) {
      at += PAGE_SIZE;
      continue;
    }
    let end = at + PAGE_SIZE;
    while (end < bytes.length && isZero(words, end / 4)) end += PAGE_SIZE;
    if (at > from) await sink.write(bytes.subarray(from, at));
    await sink.skip(end - at);
    from = end;
    at = end;
  }
  if (from < bytes.length) await sink.write(bytes.subarray(from));
}

function isZero(words: Uint32Array, from: number): boolean {
  for (let i = from; i < from + PAGE_SIZE / 4; i += 1) if (words[i] !== 0) return false;
  return true;
}

/** A file in memory, for where there is no file system of Node's. @throws {Error} on more than it may hold. */
export class MemorySink implements CoreSink {
  private readonly parts: Uint8Array[] = [];
  private size = 0;
  private readonly most: number;

  /** @param most bytes. */
  constructor(most: number) {
    this.most = most;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.grow(bytes.length);
    this.parts.push(bytes.slice());
  }

  async skip(bytes: number): Promise<void> {
    this.grow(bytes);
    this.parts.push(new Uint8Array(bytes));
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  private grow(bytes: number): void {
    this.size += bytes;
    if (this.size <= this.most) return;
    throw new Error(
      `The core file would have more than ${this.most / 2 ** 20} MiB, which is all that can be written to this kind of folder: choose one on the computer where the program runs.`,
    );
  }
}
