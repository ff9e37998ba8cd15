// What a file says of itself and of where its debug information went: the linker's build-id, and the link that objcopy leaves.
import { type ByteSource, readExactly, textAt, viewOf } from "../bytes.ts";
import { type ElfHeaders, SectionType, SegmentType } from "./headers.ts";

/** Of a note by GNU (n_type). */
const NT_GNU_BUILD_ID = 3;
/** Notes are short; a longer piece holds something else. */
const MOST_NOTE_BYTES = 1 << 16;
/** And so are an id, 20 bytes by default, and a file's name. */
const MOST_ID_BYTES = 64;
const MOST_LINK_BYTES = 4096 + 8;

/** The build-id in hexadecimal, the same in a program and in the debug information split off it. */
export function buildIdOf(source: ByteSource, { sections, segments }: ElfHeaders): string | undefined {
  const pieces = [
    ...sections.filter(({ type }) => type === SectionType.NOTE).map(({ offset, size }) => ({ offset, size })),
    ...segments
      .filter(({ type }) => type === SegmentType.NOTE)
      .map(({ offset, fileSize }) => ({ offset, size: fileSize })),
  ];
  for (const { offset, size } of pieces.slice(0, 64)) {
    if (size > MOST_NOTE_BYTES || offset + size > source.size) continue;
    const id = buildIdIn(readExactly(source, offset, size, "its notes"));
    if (id !== undefined) return id;
  }
  return undefined;
}

function buildIdIn(notes: Uint8Array): string | undefined {
  const view = viewOf(notes);
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = view.getUint32(at, true);
    const size = view.getUint32(at + 4, true);
    const name = at + 12;
    const content = name + Math.ceil(nameSize / 4) * 4;
    if (content + size > notes.length) return undefined;
    if (
      view.getUint32(at + 8, true) === NT_GNU_BUILD_ID &&
      textAt(notes.subarray(name, name + nameSize), 0) === "GNU"
    ) {
      return size > 0 && size <= MOST_ID_BYTES ? hex(notes.subarray(content, content + size)) : undefined;
    }
    at = content + Math.ceil(size / 4) * 4;
  }
  return undefined;
}

export interface DebugLink {
  /** A file's name without a folder. */
  readonly file: string;
  /** CRC-32 of that file's bytes. */
  readonly crc: number;
}

/** What .gnu_debuglink says: a name, zeroes up to four bytes, and a checksum. */
export function debugLinkOf(source: ByteSource, { sections }: ElfHeaders): DebugLink | undefined {
  const section = sections.find(({ name, type }) => name === ".gnu_debuglink" && type !== SectionType.NOBITS);
  if (!section || section.size < 8 || section.size > MOST_LINK_BYTES) return undefined;
  const bytes = readExactly(source, section.offset, section.size, "its .gnu_debuglink");
  const file = textAt(bytes, 0);
  const end = bytes.indexOf(0);
  const at = Math.ceil((end + 1) / 4) * 4;
  // A folder in it would lead the search wherever the file likes.
  if (file === "" || file.includes("/") || end < 0 || at + 4 > bytes.length) return undefined;
  return { file, crc: viewOf(bytes).getUint32(at, true) };
}

export interface SharedLink {
  /** A path, or a file's name beside the one that names it. */
  readonly path: string;
  /** The build-id that it must have. */
  readonly id: string;
}

/** What .gnu_debugaltlink says (dwz): the file that several programs' debug information shares. */
export function sharedLinkOf(source: ByteSource, { sections }: ElfHeaders): SharedLink | undefined {
  const section = sections.find(({ name, type }) => name === ".gnu_debugaltlink" && type !== SectionType.NOBITS);
  if (!section || section.size > MOST_LINK_BYTES) return undefined;
  const bytes = readExactly(source, section.offset, section.size, "its .gnu_debugaltlink");
  const end = bytes.indexOf(0);
  const id = bytes.subarray(end + 1);
  if (end <= 0 || id.length === 0 || id.length > MOST_ID_BYTES) return undefined;
  return { path: textAt(bytes, 0), id: hex(id) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}
