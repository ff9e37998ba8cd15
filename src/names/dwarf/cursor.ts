// Reads numbers and texts of debug information, one after another (DWARF 5, 7.6 "Variable Length Data" and 7.4 "32-Bit and 64-Bit").
import { BadFile, textAt } from "../bytes.ts";

export class Cursor {
  at: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  /** @throws {BadFile} the bytes end before. */
  skip(length: number): void {
    if (!(length >= 0 && this.at + length <= this.end)) throw new BadFile("its debug information is cut off");
    this.at += length;
  }

  u8(): number {
    this.skip(1);
    return this.bytes[this.at - 1];
  }

  u16(): number {
    this.skip(2);
    return this.view.getUint16(this.at - 2, true);
  }

  u24(): number {
    return this.u16() + this.u8() * 0x1_0000;
  }

  u32(): number {
    this.skip(4);
    return this.view.getUint32(this.at - 4, true);
  }

  /** Exact below 2^53. */
  u64(): number {
    const low = this.u32();
    return this.u32() * 0x1_0000_0000 + low;
  }

  /** Unsigned LEB128. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      if (scale > 2 ** 63) throw new BadFile("a number in its debug information is too long");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; ) {
      const byte = this.u8();
      if (scale > 2 ** 63) throw new BadFile("a number in its debug information is too long");
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - scale : value;
    }
  }

  /** Up to the zero byte that ends it. */
  text(): string {
    const zero = this.bytes.indexOf(0, this.at);
    if (zero < 0 || zero >= this.end) throw new BadFile("a text in its debug information has no end");
    const text = textAt(this.bytes, this.at);
    this.at = zero + 1;
    return text;
  }

  block(length: number): Uint8Array {
    this.skip(length);
    return this.bytes.subarray(this.at - length, this.at);
  }
}
