// The headers of a 64-bit little-endian ELF file: what it is, its segments and its sections (elf(5), System V gABI chapters 4 and 5).
import { BadFile, type ByteSource, readExactly, textAt, u64, viewOf } from "../bytes.ts";

/** Program header types (p_type). */
export const SegmentType = { LOAD: 1, DYNAMIC: 2, NOTE: 4, TLS: 7, GNU_RELRO: 0x6474e552 } as const;

/** Section header types (sh_type). */
export const SectionType = { SYMTAB: 2, STRTAB: 3, NOTE: 7, NOBITS: 8, DYNSYM: 11 } as const;

/** Of a section (sh_flags) that is part of the program's memory, and of one that is part of each thread's. */
export const SectionFlag = { ALLOC: 2, TLS: 0x400 } as const;

/** Of a segment (p_flags). */
export const SegmentFlag = { EXECUTE: 1, WRITE: 2, READ: 4 } as const;

/** Addresses are link addresses: where the file is loaded is added. Sizes and offsets in bytes. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  /** The number of another section, of which kind depends on the type: a symbol table's strings. */
  readonly link: number;
}

export interface ElfHeaders {
  /** A program at fixed addresses; a library, or a program that may be loaded anywhere; something else: an object file, a core. */
  readonly type: "fixed" | "relocatable" | "other";
  readonly segments: readonly Segment[];
  /** Empty where they were stripped off. */
  readonly sections: readonly Section[];
}

const HEADER_SIZE = 64;
const SEGMENT_SIZE = 56;
const SECTION_SIZE = 64;
/** Far more than linkers make, and what keeps the work on a hostile file small. */
const MOST_SEGMENTS = 4096;
const MOST_SECTIONS = 1 << 16;
const LONGEST_SECTION_NAME = 256;
/** The same for all names of sections, bytes. */
const MOST_SECTION_NAMES = 1 << 22;

/** @throws {BadFile} it is no ELF file of that sort, or is damaged. */
export function readHeaders(source: ByteSource): ElfHeaders {
  if (source.size < HEADER_SIZE) throw new BadFile(`it is too short for an ELF file, ${source.size} bytes`);
  const header = viewOf(readExactly(source, 0, HEADER_SIZE, "the ELF header"));
  if (header.getUint32(0) !== 0x7f454c46) throw new BadFile("it is no ELF file");
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1) {
    throw new BadFile("it is not a 64-bit little-endian ELF file, the only sort that x86-64 runs natively");
  }
  const type = header.getUint16(16, true);
  return {
    type: type === 2 ? "fixed" : type === 3 ? "relocatable" : "other",
    segments: readSegments(source, header),
    sections: readSections(source, header),
  };
}

function readSegments(source: ByteSource, header: DataView): Segment[] {
  const offset = u64(header, 32);
  const entry = header.getUint16(54, true);
  const count = header.getUint16(56, true);
  if (offset === 0 || count === 0) return [];
  if (entry !== SEGMENT_SIZE) throw new BadFile(`its program headers have ${entry} bytes each, not ${SEGMENT_SIZE}`);
  if (count > MOST_SEGMENTS) throw new BadFile(`it has ${count} program headers, more than ${MOST_SEGMENTS}`);
  const view = viewOf(readExactly(source, offset, count * SEGMENT_SIZE, "the program headers"));
  return Array.from({ length: count }, (_, i) => {
    const at = i * SEGMENT_SIZE;
    return {
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: u64(view, at + 8),
      address: u64(view, at + 16),
      fileSize: u64(view, at + 32),
      memorySize: u64(view, at + 40),
      alignment: u64(view, at + 48),
    };
  });
}

function readSections(source: ByteSource, header: DataView): Section[] {
  const offset = u64(header, 40);
  if (offset === 0) return [];
  const entry = header.getUint16(58, true);
  if (entry !== SECTION_SIZE) throw new BadFile(`its section headers have ${entry} bytes each, not ${SECTION_SIZE}`);
  // Numbers that do not fit stand in the first header, which describes no section.
  const first = viewOf(readExactly(source, offset, SECTION_SIZE, "the section headers"));
  const count = header.getUint16(60, true) || u64(first, 32);
  const names = header.getUint16(62, true);
  const nameSection = names === 0xffff ? first.getUint32(40, true) : names;
  if (count > MOST_SECTIONS) throw new BadFile(`it has ${count} sections, more than ${MOST_SECTIONS}`);
  const view = viewOf(readExactly(source, offset, count * SECTION_SIZE, "the section headers"));
  const strings = nameSection < count ? namesOf(source, view, nameSection * SECTION_SIZE) : new Uint8Array();
  return Array.from({ length: count }, (_, i) => {
    const at = i * SECTION_SIZE;
    return {
      name: textAt(strings, view.getUint32(at, true), LONGEST_SECTION_NAME),
      type: view.getUint32(at + 4, true),
      flags: view.getUint32(at + 8, true),
      address: u64(view, at + 16),
      offset: u64(view, at + 24),
      size: u64(view, at + 32),
      link: view.getUint32(at + 40, true),
    };
  });
}

function namesOf(source: ByteSource, sections: DataView, at: number): Uint8Array {
  const size = u64(sections, at + 32);
  if (size > MOST_SECTION_NAMES) throw new BadFile(`the names of its sections take ${size} bytes`);
  return readExactly(source, u64(sections, at + 24), size, "the names of its sections");
}

/** Where in the file the byte of a link address stands; undefined where it stands in none: zeroed data, or outside. */
export function fileOffsetOf(segments: readonly Segment[], address: number): number | undefined {
  const segment = segments.find(
    ({ type, address: start, fileSize }) => type === SegmentType.LOAD && address >= start && address - start < fileSize,
  );
  return segment && address - segment.address + segment.offset;
}
