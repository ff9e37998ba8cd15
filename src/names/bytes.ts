// Where the bytes of a file come from, and how little-endian numbers are read out of them.
import { PAGE_SIZE } from "../memory/page.ts";

/** A file, read a piece at a time: debug builds of hundreds of MiB are never read whole. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /**
   * @returns the bytes from `offset` on, exactly `length` of them unless the file ends before.
   * @throws {Error} the file can't be read.
   */
  read(offset: number, length: number): Uint8Array;
}

/** Memory of a process, by address. */
export interface MemoryReader {
  /** @returns `length` bytes from `address` on; undefined where not all of them are in memory. */
  read(address: number, length: number): Uint8Array | undefined;
}

/** The same a page at a time: where a page is not in memory, zeroes, which is what most such pages hold. */
export function readWhatIsThere(memory: MemoryReader, address: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = address; at < address + length; ) {
    const end = Math.min(address + length, (Math.floor(at / PAGE_SIZE) + 1) * PAGE_SIZE);
    const page = memory.read(at, end - at);
    if (page) bytes.set(page, at - address);
    at = end;
  }
  return bytes;
}

/** A file that is not what it should be; the message says what is wrong with it. */
export class BadFile extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "BadFile";
  }
}

/** A file that is all in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/**
 * @param what names the piece in the error: "the section headers".
 * @throws {BadFile} the file ends before.
 */
export function readExactly(source: ByteSource, offset: number, length: number, what: string): Uint8Array {
  if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
    throw new BadFile(`${what} (${length} bytes at ${offset}) lie beyond the file's end, ${source.size} bytes`);
  }
  const bytes = source.read(offset, length);
  if (bytes.length < length) throw new BadFile(`the file ended while ${what} were read`);
  return bytes;
}

/** A look at bytes as little-endian numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** 64 bits as a number: exact below 2^53, where all addresses and sizes that a process has lie; above it, roughly. */
export function u64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}

/** The 64-bit number at an address; undefined where that can't be read. */
export function wordAt(memory: MemoryReader, address: number): number | undefined {
  const bytes = memory.read(address, 8);
  return bytes && u64(viewOf(bytes), 0);
}

/** Names are cut there: C++ templates have names of kilobytes, and hostile files of megabytes. Characters. */
export const LONGEST_TEXT = 1 << 14;

/** The text from `offset` up to the next zero byte, or the end of the bytes; cut after `most` bytes. */
export function textAt(bytes: Uint8Array, offset: number, most = LONGEST_TEXT): string {
  const piece = bytes.subarray(offset, offset + most);
  const zero = piece.indexOf(0);
  return UTF8.decode(zero < 0 ? piece : piece.subarray(0, zero));
}

const UTF8 = new TextDecoder();
