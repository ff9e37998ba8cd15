// Writes the numbers, texts and bytes of a record, and remembers what later records may refer to.

import type { TypeTable } from "../../names/types/type.ts";

/** What the records of one file share: texts that were told, and last values. */
export class WrittenBefore {
  readonly texts = new Map<string, number>();
  readonly tables = new Map<TypeTable, number>();
  /** By the form that repeats them. */
  readonly last = new Map<object, unknown>();
}

const encoder = new TextEncoder();
const doubles = new DataView(new ArrayBuffer(8));

export class Sink {
  readonly before: WrittenBefore;
  private bytes = new Uint8Array(256);
  private used = 0;

  constructor(before: WrittenBefore) {
    this.before = before;
  }

  get length(): number {
    return this.used;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.used] = value;
    this.used += 1;
  }

  /** LEB128 of a whole number from 0 to 2^53. */
  whole(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${value} can't be written down as a whole number`);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  /** Eight bytes, little-endian. */
  double(value: number): void {
    doubles.setFloat64(0, value, true);
    this.raw(new Uint8Array(doubles.buffer));
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** Its length in bytes, then UTF-8. */
  text(text: string): void {
    const bytes = encoder.encode(text);
    this.whole(bytes.length);
    this.raw(bytes);
  }

  /** What was written so far, until more is. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.used);
  }

  /** Begins anew in the same memory. */
  clear(): void {
    this.used = 0;
  }

  private room(more: number): void {
    if (this.used + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.used + more, this.bytes.length * 2));
    larger.set(this.written());
    this.bytes = larger;
  }
}
