// A growing buffer of u64 words, the one form in which programs and accounts of both sides travel and are compared.

export class WordWriter {
  private buffer = Buffer.alloc(64 * 1024);
  private used = 0;

  /** Words written so far. */
  get length(): number {
    return this.used / 8;
  }

  /** @param word an integer, exact; a negative one as the kernel's registers have it. */
  put(word: number): void {
    const at = this.grow();
    this.buffer.writeInt32LE(word | 0, at);
    this.buffer.writeInt32LE(Math.floor(word / 2 ** 32) | 0, at + 4);
  }

  putBig(word: bigint): void {
    const at = this.grow();
    this.buffer.writeBigUInt64LE(BigInt.asUintN(64, word), at);
  }

  /** Bytes with their count in words before them, the last word filled up with zeroes. */
  putBytes(bytes: Uint8Array): void {
    const words = Math.ceil(bytes.length / 8);
    this.put(words);
    for (let i = 0; i < words; i++) {
      const at = this.grow();
      this.buffer.fill(0, at, at + 8);
      this.buffer.set(bytes.subarray(i * 8, i * 8 + 8), at);
    }
  }

  /** Replaces a word written before. @param index in words. */
  set(index: number, word: number): void {
    this.buffer.writeBigInt64LE(BigInt(word), index * 8);
  }

  /** What was written; a view that holds until the next write. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  clear(): void {
    this.used = 0;
  }

  private grow(): number {
    if (this.used + 8 > this.buffer.length)
      this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.buffer.length)]);
    const at = this.used;
    this.used += 8;
    return at;
  }
}

/** Reads words one after the other. */
export class WordReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.at + 8 > this.buffer.length;
  }

  /** The next word, signed; 0 past the end. */
  next(): bigint {
    if (this.isAtEnd) return 0n;
    const word = this.buffer.readBigInt64LE(this.at);
    this.at += 8;
    return word;
  }

  /** The next `count` words, unsigned. */
  take(count: number): bigint[] {
    return Array.from({ length: Math.min(count, (this.buffer.length - this.at) / 8) }, () =>
      BigInt.asUintN(64, this.next()),
    );
  }
}
