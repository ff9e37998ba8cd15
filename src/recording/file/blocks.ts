// The file around the records: a head, then blocks that are compressed each for itself, so that a file that is cut off opens up to its last whole one.
import { crc32 } from "../../common/crc32.ts";
import { BadShape } from "../../common/shape.ts";

/** As PNG has it: a byte that no text has, line ends that a careless copy would change, an end of file for who lists it. */
const MAGIC = Uint8Array.of(0x89, 0x57, 0x57, 0x52, 0x0d, 0x0a, 0x1a, 0x0a);
/** Rises where readers of before would misread a file; what they may pass over (further records, further fields) raises nothing. */
export const VERSION = 1;
const HEAD_BYTES = 16;
const BLOCK_HEAD_BYTES = 16;
/** "WWB1", little-endian. */
const BLOCK_MARK = 0x31425757;

/** Bytes of records that one block holds at most. */
export const MOST_BLOCK_BYTES = 4 * 1024 * 1024;
/** What deflate adds at most where nothing can be compressed, generously. */
const MOST_ADDED = 64 * 1024;
/** Bytes of a file, and of its records, that are read: compressed zeroes are a thousandth of themselves. */
export const MOST_FILE_BYTES = 512 * 1024 * 1024;
const MOST_RECORD_BYTES = 2048 * 1024 * 1024;

export function fileHead(): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  head.set(MAGIC);
  new DataView(head.buffer).setUint32(8, VERSION, true);
  return head;
}

/** @param bytes of records, at most {@link MOST_BLOCK_BYTES}. */
export async function blockOf(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = await pumped(new CompressionStream("deflate-raw"), bytes, Number.POSITIVE_INFINITY);
  const block = new Uint8Array(BLOCK_HEAD_BYTES + packed.length);
  const view = new DataView(block.buffer);
  view.setUint32(0, BLOCK_MARK, true);
  view.setUint32(4, packed.length, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, crc32(packed), true);
  block.set(packed, BLOCK_HEAD_BYTES);
  return block;
}

/** How a file ended. */
export type FileEnd =
  | { readonly whole: true }
  /** At this offset something else stands than a block, or the file ends within one. */
  | { readonly whole: false; readonly at: number; readonly why: string };

/**
 * Gives what is in each block, one after another, as long as they are whole.
 * @throws {BadShape} it is no such file, of a newer version, or larger than can be read; or a block is not what it says.
 */
export async function readBlocks(file: Uint8Array, take: (bytes: Uint8Array) => void): Promise<FileEnd> {
  checkHead(file);
  let total = 0;
  let at = HEAD_BYTES;
  let ahead: Promise<Uint8Array> | undefined;
  const ended = async (why: string): Promise<FileEnd> => {
    if (ahead) take(await ahead);
    return { whole: false, at, why };
  };
  while (at < file.length) {
    const head = blockHead(file, at);
    if (typeof head === "string") return ended(head);
    const packed = file.subarray(at + BLOCK_HEAD_BYTES, at + BLOCK_HEAD_BYTES + head.packedBytes);
    if (crc32(packed) !== head.checksum) return ended("a block is damaged");
    total += head.bytes;
    if (total > MOST_RECORD_BYTES) throw new BadShape(`it unpacks to more than ${MOST_RECORD_BYTES / 1024 / 1024} MiB`);
    // The next block is unpacked by another thread while this one is read.
    const next = unpacked(packed, head.bytes, at);
    next.catch(() => {});
    if (ahead) take(await ahead);
    ahead = next;
    at += BLOCK_HEAD_BYTES + head.packedBytes;
  }
  if (ahead) take(await ahead);
  return { whole: true };
}

function checkHead(file: Uint8Array): void {
  if (file.length > MOST_FILE_BYTES) throw new BadShape(`it has more than ${MOST_FILE_BYTES / 1024 / 1024} MiB`);
  if (file.length === 0) throw new BadShape("it is empty");
  if (MAGIC.some((byte, i) => i < file.length && file[i] !== byte))
    throw new BadShape("it is no recording of WriteWatch's");
  if (file.length < HEAD_BYTES) throw new BadShape("it is cut off before its first block");
  const version = viewOf(file).getUint32(8, true);
  if (version > VERSION)
    throw new BadShape(
      `it was written by a newer WriteWatch (format ${version}; this one reads ${VERSION}): update it`,
    );
  if (version === 0) throw new BadShape("it is no recording of WriteWatch's: its format is 0");
}

interface BlockHead {
  readonly packedBytes: number;
  readonly bytes: number;
  readonly checksum: number;
}

/** @returns a text where no whole block stands there. @throws {BadShape} of one that is larger than any. */
function blockHead(file: Uint8Array, at: number): BlockHead | string {
  if (at + BLOCK_HEAD_BYTES > file.length) return "the file is cut off";
  const view = viewOf(file);
  if (view.getUint32(at, true) !== BLOCK_MARK) return "a block is damaged";
  const packedBytes = view.getUint32(at + 4, true);
  const bytes = view.getUint32(at + 8, true);
  if (bytes > MOST_BLOCK_BYTES || packedBytes > MOST_BLOCK_BYTES + MOST_ADDED)
    throw new BadShape(`the block at byte ${at} says that it holds ${Math.max(bytes, packedBytes)} bytes`);
  if (at + BLOCK_HEAD_BYTES + packedBytes > file.length) return "the file is cut off";
  return { packedBytes, bytes, checksum: view.getUint32(at + 12, true) };
}

async function unpacked(packed: Uint8Array, expected: number, at: number): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await pumped(new DecompressionStream("deflate-raw"), packed, expected);
  } catch (error) {
    if (error instanceof BadShape) throw error;
    throw new BadShape(`the block at byte ${at} can't be unpacked`);
  }
  if (bytes.length !== expected) throw new BadShape(`the block at byte ${at} holds ${bytes.length} bytes`);
  return bytes;
}

/** What comes out of a stream into which the bytes go. @param most bytes: it is given up where more come. */
async function pumped(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  most: number,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // Its failure is the reader's, too.
  const fed = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  fed.catch(() => {});
  const reader = stream.readable.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      void reader.cancel().catch(() => {});
      throw new BadShape(`a block holds more than the ${most} bytes that it says`);
    }
    pieces.push(value);
  }
  return joined(pieces, length);
}

/** The pieces as one. @param length of all of them, bytes. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}
