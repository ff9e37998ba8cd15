// Where everything stands in a core file: header, program headers, notes, the zeroes that untouched memory shares, then the pages.
import { addressOf, PAGE_SIZE } from "../memory/page.ts";
import { viewOf } from "../names/bytes.ts";
import { type ChainNote, chainNote, inheritedNote } from "./chain.ts";
import { encodeNotes, type Note } from "./notes.ts";
import { type Piece, PieceList } from "./pieces.ts";

const HEADER = 64;
const SEGMENT = 56;
const SECTION = 64;
/** e_phnum for "more than fit here": the number stands in the first section header (PN_XNUM, elf(5)). */
const MANY = 0xffff;
/** What a reader takes: it keeps the work on a hostile file small. */
export const MOST_SEGMENTS = 1 << 20;
/** As many segments for untouched memory, roughly: the fewer, the more zeroes must stand in the file. */
const ZERO_SEGMENTS = 4096;
/** The most zeroes in a file, pages: 64 MiB. They are a hole where the file system has holes. */
const MOST_ZEROES = 1 << 14;

/**
 * Memory that was stored to here and there has as many runs of pages as there are stores: beyond so many segments a debugger takes long
 * to begin, and what is untouched between two pages is told as their bytes.
 */
const FEW_SEGMENTS = 50_000;
const LEAST_GAP = 4;
const LARGEST_GAP = 1 << 24;

export interface CoreLayout {
  /** All that comes before the zeroes. */
  readonly head: Uint8Array;
  /** Zeroes that follow on it, bytes: up to the first page's. */
  readonly gap: number;
  /** What stands behind them: pieces with bytes, and untouched ones between them, whose zeroes stand there. */
  readonly contents: readonly Piece[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Who it is and what it follows on; where its zeroes stand is found here, and the gap where it follows from the memory alone. */
export type Identity = Omit<ChainNote, "zeroes" | "gap"> & { readonly gap?: number };

/** @param pieces of one address space, see {@link planPieces}. @param processNotes see there. @throws {Error} there are too many. */
export function layOut(pieces: readonly Piece[], processNotes: readonly Note[], identity: Identity): CoreLayout {
  const inherited = pieces.filter(({ kind }) => kind === "inherited");
  const notes = inherited.length === 0 ? processNotes : [...processNotes, inheritedNote(inherited)];
  const gap = identity.gap ?? gapFor(pieces);
  const { whole, contents } = joined(pieces, gap);
  const zeroPages = zeroesFor(whole);
  const segments = whole.flatMap(piece => partsOf(piece, zeroPages));
  const count = segments.length + 1;
  if (count > MOST_SEGMENTS) {
    throw new Error(`Its memory lies in ${count} pieces, more than the ${MOST_SEGMENTS} that a core file may have.`);
  }
  const without = { offset: 0, bytes: 0 };
  const notesAt = HEADER + count * SEGMENT;
  const notesSize = encodeNotes([...notes, chainNote({ ...identity, gap, zeroes: without })]).length;
  const sectionAt = count >= MANY ? Math.ceil((notesAt + notesSize) / 8) * 8 : 0;
  const headSize = sectionAt ? sectionAt + SECTION : notesAt + notesSize;
  const zeroes = { offset: Math.ceil(headSize / PAGE_SIZE) * PAGE_SIZE, bytes: addressOf(zeroPages) };
  const head = new Uint8Array(headSize);
  const view = viewOf(head);
  putHeader(view, count, sectionAt);
  putSegment(view, 0, { type: 4, flags: 0, offset: notesAt, address: 0, fileSize: notesSize, size: 0, align: 4 });
  let offset = zeroes.offset + zeroes.bytes;
  for (const [i, { start, end, flags, kind }] of segments.entries()) {
    const size = addressOf(end - start);
    const fileSize = kind === "bytes" || kind === "zeroes" ? size : 0;
    const at = kind === "zeroes" ? zeroes.offset : offset;
    putSegment(view, i + 1, {
      type: 1,
      flags,
      offset: at,
      address: addressOf(start),
      fileSize,
      size,
      align: PAGE_SIZE,
    });
    if (kind === "bytes") offset += size;
  }
  head.set(encodeNotes([...notes, chainNote({ ...identity, gap, zeroes })]), notesAt);
  return { head, gap: zeroes.offset + zeroes.bytes - headSize, contents, size: offset };
}

/** The least gap with which there are few segments; what is inherited counts as bytes, so that a whole chain has that of its full core. */
function gapFor(pieces: readonly Piece[]): number {
  const list = new PieceList();
  for (const piece of pieces) list.add(piece.kind === "inherited" ? { ...piece, kind: "bytes" } : piece);
  let gap = LEAST_GAP;
  while (gap < LARGEST_GAP && joined(list.list, gap).whole.length > FEW_SEGMENTS) gap *= 2;
  return gap;
}

/** Pieces with bytes and short untouched ones between them become one. */
function joined(
  pieces: readonly Piece[],
  gap: number,
): { readonly whole: readonly Piece[]; readonly contents: readonly Piece[] } {
  const whole = new PieceList();
  const contents: Piece[] = [];
  for (const [i, piece] of pieces.entries()) {
    const [before, after] = [pieces[i - 1], pieces[i + 1]];
    const isBetween = continues(before, piece) && continues(piece, after) && isBytes(before) && isBytes(after);
    const isGap = piece.kind === "zeroes" && piece.end - piece.start <= gap && isBetween;
    whole.add(isGap ? { ...piece, kind: "bytes" } : piece);
    if (isGap || isBytes(piece)) contents.push(piece);
  }
  return { whole: whole.list, contents };
}

function isBytes(piece: Piece | undefined): boolean {
  return piece?.kind === "bytes";
}

function continues(piece: Piece | undefined, next: Piece | undefined): boolean {
  return piece !== undefined && next !== undefined && piece.end === next.start && piece.flags === next.flags;
}

/** How many pages of zeroes the untouched pieces share. */
function zeroesFor(pieces: readonly Piece[]): number {
  let all = 0;
  let longest = 0;
  for (const { start, end, kind } of pieces) {
    if (kind !== "zeroes") continue;
    all += end - start;
    longest = Math.max(longest, end - start);
  }
  let pages = 16;
  while (pages * ZERO_SEGMENTS < all && pages < MOST_ZEROES) pages *= 2;
  return Math.min(pages, longest);
}

function partsOf(piece: Piece, zeroPages: number): Piece[] {
  if (piece.kind !== "zeroes") return [piece];
  const parts: Piece[] = [];
  for (let start = piece.start; start < piece.end; start += zeroPages) {
    parts.push({ ...piece, start, end: Math.min(piece.end, start + zeroPages) });
  }
  return parts;
}

function putHeader(view: DataView, count: number, sectionAt: number): void {
  // 64 bits, little end first, version 1.
  view.setUint32(0, 0x7f454c46);
  view.setUint8(4, 2);
  view.setUint8(5, 1);
  view.setUint8(6, 1);
  // ET_CORE for EM_X86_64.
  view.setUint16(16, 4, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(32, BigInt(HEADER), true);
  view.setBigUint64(40, BigInt(sectionAt), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(54, SEGMENT, true);
  view.setUint16(56, Math.min(count, MANY), true);
  if (!sectionAt) return;
  view.setUint16(58, SECTION, true);
  view.setUint16(60, 1, true);
  // sh_info of the section that is none.
  view.setUint32(sectionAt + 44, count, true);
}

interface SegmentFields {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly size: number;
  readonly align: number;
}

function putSegment(view: DataView, index: number, segment: SegmentFields): void {
  const at = HEADER + index * SEGMENT;
  view.setUint32(at, segment.type, true);
  view.setUint32(at + 4, segment.flags, true);
  view.setBigUint64(at + 8, BigInt(segment.offset), true);
  view.setBigUint64(at + 16, BigInt(segment.address), true);
  view.setBigUint64(at + 32, BigInt(segment.fileSize), true);
  view.setBigUint64(at + 40, BigInt(segment.size), true);
  view.setBigUint64(at + 48, BigInt(segment.align), true);
}
