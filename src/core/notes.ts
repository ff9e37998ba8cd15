// The notes of a core file: what it tells of the process beside its memory (include/uapi/linux/elfcore.h, fs/binfmt_elf.c; x86-64).

import type { Mapping } from "../memory/mapping.ts";
import { addressOf, PAGE_SIZE } from "../memory/page.ts";
import { BadFile, textAt, viewOf } from "../names/bytes.ts";

/**
 * Types of the notes whose owner is CORE. The kernel's own cores have NT_X86_XSTATE besides, the upper halves of vector registers:
 * its form differs from processor to processor, and gdb 13 warns of the newer ones for each thread.
 */
export const NoteType = {
  PRSTATUS: 1,
  FPREGSET: 2,
  PRPSINFO: 3,
  AUXV: 6,
  FILE: 0x46494c45,
} as const;

export interface Note {
  readonly owner: string;
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** One thread as the core tells it. */
export interface CoreThread {
  readonly id: number;
  /** struct user_regs_struct, 27 numbers of 64 bits; undefined where nobody could be asked. */
  readonly registers?: Uint8Array | undefined;
  /** struct user_fpregs_struct, 512 bytes. */
  readonly floatingPoint?: Uint8Array | undefined;
}

export interface CoreProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly user: number;
  readonly userGroup: number;
  /** Of its states the letter that ps shows. */
  readonly state: string;
  readonly nice: number;
  /** At most 15 characters count. */
  readonly name: string;
  /** The command line, arguments parted by spaces. */
  readonly command: string;
  /** /proc/PID/auxv; empty where it can't be had. */
  readonly auxv: Uint8Array;
  /** The thread to look at first comes first. */
  readonly threads: readonly CoreThread[];
  /** The signal that it stands for; 0 for none. */
  readonly signal: number;
}

/** Bytes of struct user_regs_struct. */
export const REGISTERS_SIZE = 27 * 8;
/** Places in it of the stack pointer and of the code's. */
export const RSP = 19;
export const RIP = 16;
const PRSTATUS_SIZE = 336;
const PRPSINFO_SIZE = 136;
const encoder = new TextEncoder();

/** The notes in the order in which the kernel writes them: those of the process follow on its first thread's status. */
export function processNotes(process: CoreProcess, mappings: readonly Mapping[]): Note[] {
  const core = (type: number, bytes: Uint8Array): Note => ({ owner: "CORE", type, bytes });
  const [first, ...others] = process.threads;
  const state = ({ floatingPoint }: CoreThread): Note[] =>
    floatingPoint ? [core(NoteType.FPREGSET, floatingPoint)] : [];
  return [
    core(NoteType.PRSTATUS, threadStatus(first, process)),
    core(NoteType.PRPSINFO, processInfo(process)),
    core(NoteType.AUXV, process.auxv),
    core(NoteType.FILE, mappedFiles(mappings)),
    ...state(first),
    ...others.flatMap(thread => [core(NoteType.PRSTATUS, threadStatus(thread, process)), ...state(thread)]),
  ];
}

/** struct elf_prstatus. */
function threadStatus(thread: CoreThread, process: CoreProcess): Uint8Array {
  const bytes = new Uint8Array(PRSTATUS_SIZE);
  const view = viewOf(bytes);
  view.setInt32(0, process.signal, true);
  view.setInt16(12, process.signal, true);
  view.setInt32(32, thread.id, true);
  view.setInt32(36, process.parent, true);
  view.setInt32(40, process.group, true);
  view.setInt32(44, process.session, true);
  if (thread.registers) bytes.set(thread.registers.subarray(0, REGISTERS_SIZE), 112);
  view.setInt32(328, thread.floatingPoint ? 1 : 0, true);
  return bytes;
}

/** struct elf_prpsinfo. */
function processInfo(process: CoreProcess): Uint8Array {
  const bytes = new Uint8Array(PRPSINFO_SIZE);
  const view = viewOf(bytes);
  view.setUint8(0, Math.max(0, "RSDTZW".indexOf(process.state)));
  view.setUint8(1, process.state.charCodeAt(0));
  view.setUint8(2, process.state === "Z" ? 1 : 0);
  view.setInt8(3, process.nice);
  view.setUint32(16, process.user, true);
  view.setUint32(20, process.userGroup, true);
  view.setInt32(24, process.pid, true);
  view.setInt32(28, process.parent, true);
  view.setInt32(32, process.group, true);
  view.setInt32(36, process.session, true);
  bytes.set(encoder.encode(process.name).subarray(0, 15), 40);
  bytes.set(encoder.encode(process.command).subarray(0, 79), 56);
  return bytes;
}

/** NT_FILE: how many, the unit of offsets, [start, end, offset] each, then the names. */
function mappedFiles(mappings: readonly Mapping[]): Uint8Array {
  const files = mappings.filter(({ inode, name }) => inode !== 0 && name.startsWith("/"));
  const names = files.map(({ name }) => encoder.encode(`${name}\0`));
  const table = 16 + files.length * 24;
  const bytes = new Uint8Array(table + names.reduce((sum, { length }) => sum + length, 0));
  const view = viewOf(bytes);
  const put = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);
  put(0, files.length);
  put(8, PAGE_SIZE);
  let at = table;
  for (const [i, { start, end, offset }] of files.entries()) {
    put(16 + i * 24, addressOf(start));
    put(24 + i * 24, addressOf(end));
    put(32 + i * 24, offset / PAGE_SIZE);
    bytes.set(names[i], at);
    at += names[i].length;
  }
  return bytes;
}

/** The notes as they stand in the file: each its sizes and type, the owner's name and the content, filled up to four bytes. */
export function encodeNotes(notes: readonly Note[]): Uint8Array {
  const sizes = notes.map(({ owner, bytes }) => 12 + padded(owner.length + 1) + padded(bytes.length));
  const all = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = viewOf(all);
  let at = 0;
  for (const [i, { owner, type, bytes }] of notes.entries()) {
    view.setUint32(at, owner.length + 1, true);
    view.setUint32(at + 4, bytes.length, true);
    view.setUint32(at + 8, type, true);
    all.set(encoder.encode(owner), at + 12);
    all.set(bytes, at + 12 + padded(owner.length + 1));
    at += sizes[i];
  }
  return all;
}

/** @throws {BadFile} they do not end where they should. */
export function decodeNotes(all: Uint8Array): Note[] {
  const view = viewOf(all);
  const notes: Note[] = [];
  for (let at = 0; at < all.length; ) {
    if (at + 12 > all.length) throw new BadFile("its last note is cut off");
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const content = at + 12 + padded(nameSize);
    if (content + size > all.length) throw new BadFile("its last note is cut off");
    notes.push({
      owner: textAt(all.subarray(at + 12, at + 12 + nameSize), 0),
      type: view.getUint32(at + 8, true),
      bytes: all.subarray(content, content + size),
    });
    at = content + padded(size);
  }
  return notes;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
