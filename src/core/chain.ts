// Which core file follows on which: the note by which a chain of them is known.
import { addressOf, PAGE_SIZE, USER_PAGES_END } from "../memory/page.ts";
import { PageSet, RunBuilder } from "../memory/page-set.ts";
import { BadFile, u64, viewOf } from "../names/bytes.ts";
import type { Note } from "./notes.ts";

/** The owner's name of our notes; a debugger passes over notes whose owner it does not know. */
export const OWNER = "WRITEWATCH";
const CHAIN_NOTE = 1;
const INHERITED_NOTE = 2;
const VERSION = 1;
const SIZE = 64;
/** A full file follows on none. */
export const NO_BASE = "0".repeat(32);

/** Where a file stands in its chain, how its memory is cut into segments, and where in the file the zeroes are that all untouched memory shares. */
export interface ChainNote {
  /** 16 bytes, in hexadecimal. */
  readonly id: string;
  /** The id of the file that it follows on; {@link NO_BASE} where it needs none. */
  readonly base: string;
  /** 0 for a chain's first file. */
  readonly sequence: number;
  readonly pid: number;
  /** Untouched runs of at most so many pages between pages with bytes are in the same segment, see {@link layOut}. */
  readonly gap: number;
  /** Bytes from the file's beginning, and how many: no page's bytes stand there. */
  readonly zeroes: { readonly offset: number; readonly bytes: number };
}

export function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

export function chainNote({ id, base, sequence, pid, gap, zeroes }: ChainNote): Note {
  const bytes = new Uint8Array(SIZE);
  const view = viewOf(bytes);
  view.setUint32(0, VERSION, true);
  view.setUint32(4, sequence, true);
  bytes.set(fromHex(id), 8);
  bytes.set(fromHex(base), 24);
  view.setUint32(40, pid, true);
  view.setUint32(44, gap, true);
  view.setBigUint64(48, BigInt(zeroes.offset), true);
  view.setBigUint64(56, BigInt(zeroes.bytes), true);
  return { owner: OWNER, type: CHAIN_NOTE, bytes };
}

/** @throws {BadFile} there is none, or one of a version that is not known. */
export function findChainNote(notes: readonly Note[]): ChainNote {
  const note = notes.find(({ owner, type }) => owner === OWNER && type === CHAIN_NOTE);
  if (!note)
    throw new BadFile("it is a core file, but none that WriteWatch saved: it does not tell what it follows on");
  const { bytes } = note;
  const view = viewOf(bytes);
  if (bytes.length !== SIZE || view.getUint32(0, true) !== VERSION) {
    throw new BadFile("it was saved by another version of WriteWatch, whose notes this one does not know");
  }
  return {
    id: toHex(bytes.subarray(8, 24)),
    base: toHex(bytes.subarray(24, 40)),
    sequence: view.getUint32(4, true),
    pid: view.getUint32(40, true),
    gap: view.getUint32(44, true),
    zeroes: { offset: u64(view, 48), bytes: u64(view, 56) },
  };
}

/** Which pages are as in the file before: [start, end) pairs of addresses. They look like memory that the file does not tell. */
export function inheritedNote(ranges: readonly { readonly start: number; readonly end: number }[]): Note {
  const bytes = new Uint8Array(ranges.length * 16);
  const view = viewOf(bytes);
  for (const [i, { start, end }] of ranges.entries()) {
    view.setBigUint64(i * 16, BigInt(addressOf(start)), true);
    view.setBigUint64(i * 16 + 8, BigInt(addressOf(end)), true);
  }
  return { owner: OWNER, type: INHERITED_NOTE, bytes };
}

/** @returns the pages that {@link inheritedNote} tells; none where there is no such note. @throws {BadFile} it tells no pages. */
export function findInherited(notes: readonly Note[]): PageSet {
  const note = notes.find(({ owner, type }) => owner === OWNER && type === INHERITED_NOTE);
  if (!note) return PageSet.EMPTY;
  if (note.bytes.length % 16 !== 0) throw new BadFile("its list of inherited pages is cut off");
  const view = viewOf(note.bytes);
  const builder = new RunBuilder();
  let before = 0;
  for (let at = 0; at < note.bytes.length; at += 16) {
    const [start, end] = [u64(view, at) / PAGE_SIZE, u64(view, at + 8) / PAGE_SIZE];
    const isRange = Number.isInteger(start) && Number.isInteger(end) && start >= before && start < end;
    if (!isRange || end > USER_PAGES_END) throw new BadFile("its list of inherited pages is in no order");
    builder.add(start, end);
    before = end;
  }
  return builder.finish();
}

/** Whether a note tells of the chain, and not of the process. */
export function isOfChain({ owner }: Note): boolean {
  return owner === OWNER;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], digits => Number.parseInt(digits, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}
