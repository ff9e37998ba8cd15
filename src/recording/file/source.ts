// Reads the numbers, texts and bytes of a record from a file that anyone may have made: never past its end, never more than it can hold.
import { BadShape } from "../../common/shape.ts";
import type { TypeTable } from "../../names/types/type.ts";

/** Characters of a text; paths are the longest. */
const MOST_TEXT_BYTES = 16 * 1024;
/** Texts that records share, and their bytes in all. */
const MOST_TEXTS = 1_000_000;
const MOST_SHARED_BYTES = 64 * 1024 * 1024;
/** Items of lists that one file may have us handle, copies of lists that a few bytes change included: some seconds' work. */
const MOST_ITEMS = 500_000_000;

/** What the records of one file share, as {@link WrittenBefore}. */
export class ReadBefore {
  readonly last = new Map<object, unknown>();
  readonly tables: TypeTable[] = [];
  private readonly texts: string[] = [];
  private textBytes = 0;
  private items = 0;

  /** The text of that number. */
  sharedText(index: number, source: Source): string {
    if (index < this.texts.length) return this.texts[index];
    if (index > this.texts.length) throw new BadShape(`text ${index} is referred to before it is told`);
    const start = source.at;
    const text = source.text();
    this.textBytes += source.at - start;
    if (this.texts.length === MOST_TEXTS || this.textBytes > MOST_SHARED_BYTES)
      throw new BadShape("there are more texts than a recording can have");
    this.texts.push(text);
    return text;
  }

  /** So many items are about to be handled. @throws {BadShape} they are too many for any recording. */
  spend(items: number): void {
    this.items += items;
    if (this.items > MOST_ITEMS) throw new BadShape("it takes more work to read than any recording");
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

export class Source {
  readonly before: ReadBefore;
  at = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, before: ReadBefore) {
    // Of a Buffer, which it may be in Node, slice() would be no copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.before = before;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw new BadShape("it ends too early");
    this.at += 1;
    return this.bytes[this.at - 1];
  }

  /** LEB128; up to 2^53. */
  whole(most = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 8; i += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > most) throw new BadShape(`${value} is above ${most}`);
        return value;
      }
      factor *= 0x80;
    }
    throw new BadShape("a number is too large");
  }

  /** Whether a whole number is there with all its bytes, or something that is none. */
  holdsWhole(): boolean {
    for (let i = 0; i < 8; i += 1) {
      if (this.at + i >= this.bytes.length) return false;
      if (this.bytes[this.at + i] < 0x80) return true;
    }
    return true;
  }

  double(): number {
    this.need(8);
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  /** A view of them. */
  raw(length: number): Uint8Array {
    this.need(length);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    const bytes = this.raw(this.whole(MOST_TEXT_BYTES));
    try {
      return decoder.decode(bytes);
    } catch {
      throw new BadShape("a text is no UTF-8");
    }
  }

  /** How many items a list has, each of at least a byte. */
  count(most: number): number {
    const count = this.whole(most);
    if (count > this.left) throw new BadShape(`a list of ${count} items ends too early`);
    this.before.spend(count);
    return count;
  }

  private need(length: number): void {
    if (length > this.left) throw new BadShape("it ends too early");
  }
}
