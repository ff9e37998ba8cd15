// Reads a core file that WriteWatch saved: its pieces, where their bytes stand, its notes. Everything in it is checked.
import { addressOf, PAGE_SIZE, pageOf, USER_PAGES_END } from "../memory/page.ts";
import { type PageSet, RunBuilder } from "../memory/page-set.ts";
import { BadFile, type ByteSource, readExactly, u64, viewOf } from "../names/bytes.ts";
import { type ChainNote, findChainNote, findInherited, isOfChain } from "./chain.ts";
import { MOST_SEGMENTS } from "./layout.ts";
import { decodeNotes, type Note } from "./notes.ts";
import { type Piece, type PieceKind, PieceList } from "./pieces.ts";

export interface CoreFile {
  readonly source: ByteSource;
  readonly chain: ChainNote;
  /** Those of the process, as they stand in the file. */
  readonly notes: readonly Note[];
  /** As {@link planPieces} gave them. */
  readonly pieces: readonly Piece[];
  /** Pages [start, end) whose bytes stand in the file from `offset` on; in address order. */
  readonly stored: readonly StoredRun[];
}

export interface StoredRun {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

const MOST_NOTES = 1 << 28;
const MANY = 0xffff;

/** @throws {BadFile} it is no core of ours, or is damaged or cut off, with what is wrong. */
export function readCore(source: ByteSource): CoreFile {
  const segments = readSegments(source);
  const noteSegments = segments.filter(({ type }) => type === 4);
  if (noteSegments.length !== 1)
    throw new BadFile("it is no core file: it has no notes, or more than one piece of them");
  const [{ offset: notesAt, fileSize: notesSize }] = noteSegments;
  if (notesSize > MOST_NOTES) throw new BadFile(`its notes take ${notesSize} bytes`);
  const notes = decodeNotes(readExactly(source, notesAt, notesSize, "the notes"));
  const chain = findChainNote(notes);
  const pieces = new PieceList();
  const stored: StoredRun[] = [];
  const inherited = findInherited(notes);
  let before = 0;
  const absent = new RunBuilder();
  for (const segment of segments.filter(({ type }) => type === 1)) {
    const piece = pieceOf(segment, chain);
    if (piece.start < before) throw new BadFile("its pieces of memory are in no order, or overlap");
    before = piece.end;
    if (segment.fileSize > 0 && segment.offset + segment.fileSize > source.size) {
      throw new BadFile(
        `it is cut off: it has ${source.size} bytes, and memory in it stands up to ${segment.offset + segment.fileSize}`,
      );
    }
    if (piece.kind === "bytes") stored.push({ start: piece.start, end: piece.end, offset: segment.offset });
    if (piece.kind !== "absent") pieces.add(piece);
    else {
      addSplit(pieces, piece, inherited);
      absent.add(piece.start, piece.end);
    }
  }
  if (!inherited.isWithin(absent.finish()))
    throw new BadFile("it says of memory that it has that it stands in the file before");
  return { source, chain, notes: notes.filter(note => !isOfChain(note)), pieces: pieces.list, stored };
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly size: number;
}

function readSegments(source: ByteSource): Segment[] {
  if (source.size < 64) throw new BadFile(`it is too short for a core file, ${source.size} bytes`);
  const header = viewOf(readExactly(source, 0, 64, "the ELF header"));
  if (header.getUint32(0) !== 0x7f454c46) throw new BadFile("it is no ELF file");
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1 || header.getUint16(16, true) !== 4) {
    throw new BadFile("it is an ELF file, but no 64-bit core");
  }
  const at = u64(header, 32);
  if (header.getUint16(54, true) !== 56) throw new BadFile("its program headers have another size than a core's");
  let count = header.getUint16(56, true);
  if (count === MANY) {
    const section = viewOf(readExactly(source, u64(header, 40), 64, "the section header with the number of segments"));
    count = section.getUint32(44, true);
  }
  if (count > MOST_SEGMENTS) throw new BadFile(`it has ${count} program headers, more than ${MOST_SEGMENTS}`);
  const view = viewOf(readExactly(source, at, count * 56, "the program headers"));
  return Array.from({ length: count }, (_, i) => ({
    type: view.getUint32(i * 56, true),
    flags: view.getUint32(i * 56 + 4, true),
    offset: u64(view, i * 56 + 8),
    address: u64(view, i * 56 + 16),
    fileSize: u64(view, i * 56 + 32),
    size: u64(view, i * 56 + 40),
  }));
}

function pieceOf({ flags, offset, address, fileSize, size }: Segment, { zeroes }: ChainNote): Piece {
  const start = pageOf(address);
  const end = start + size / PAGE_SIZE;
  const isWhole = addressOf(start) === address && Number.isInteger(end) && end > start && end <= USER_PAGES_END;
  if (!isWhole || (fileSize !== 0 && fileSize !== size)) {
    throw new BadFile(`its piece of memory at 0x${address.toString(16)} is none of whole pages`);
  }
  const isZero = fileSize > 0 && offset === zeroes.offset && fileSize <= zeroes.bytes;
  const kind: PieceKind = fileSize === 0 ? "absent" : isZero ? "zeroes" : "bytes";
  return { start, end, flags: flags & 7, kind };
}

/** Of a piece that the file does not tell, the parts that the file before tells are parted from the others. */
function addSplit(pieces: PieceList, piece: Piece, inherited: PageSet): void {
  let page = piece.start;
  for (const [start, end] of inherited.clip(piece.start, piece.end).pairs()) {
    pieces.add({ ...piece, start: page, end: start });
    pieces.add({ ...piece, start, end, kind: "inherited" });
    page = end;
  }
  pieces.add({ ...piece, start: page });
}
