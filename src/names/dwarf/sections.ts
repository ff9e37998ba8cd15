// A file's sections of debug information as plain bytes: compressed ones are unpacked, each when the whole file's are first read.
import { BadFile, type ByteSource, readExactly, sourceOf, u64, viewOf } from "../bytes.ts";
import { type Section, SectionType } from "../elf/headers.ts";

/** How a section may be compressed. */
export type Packing = "zlib" | "zstd";

/**
 * Unpacks a section while others work.
 * @param size that it has unpacked, bytes: more never come.
 * @throws {Error} it can't be unpacked, and why: a clause without a full stop.
 */
export type Unpack = (how: Packing, packed: Uint8Array, size: number) => Promise<Uint8Array>;

/** Sections by their names, ".dwo" left out. */
export type DebugSections = ReadonlyMap<string, ByteSource>;

/** What is read of debug information; the rest is lines, ranges and locations. */
const READ = new Set([
  ...[".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_str_offsets", ".debug_addr"],
  ...[".debug_cu_index"],
]);
/** A section that the linker has compressed (sh_flags, SHF_COMPRESSED). */
const COMPRESSED = 0x800;
/** Elf64_Chdr: what it is compressed by, and the size that it has unpacked. */
const HEAD_BYTES = 24;
const PACKINGS: Readonly<Record<number, Packing>> = { 1: "zlib", 2: "zstd" };
/** Before there were such heads: "ZLIB" and the size, big-endian, in a section called .zdebug_… */
const OLD_HEAD_BYTES = 12;
/** All unpacked sections of one file are held in memory. Bytes. */
const MOST_UNPACKED = 1 << 29;

/** The sections, read as they are needed, or packed. */
export class StoredSections {
  private readonly source: ByteSource;
  private readonly found = new Map<string, Section>();

  /** @param isSplit whether those that were split off to a file of their own are meant: .debug_info.dwo. */
  constructor(source: ByteSource, sections: readonly Section[], isSplit = false) {
    this.source = source;
    for (const section of sections) {
      const name = section.name.replace(/^\.zdebug_/, ".debug_").replace(/\.dwo$/, "");
      const isWanted = READ.has(name) && section.name.endsWith(".dwo") === (isSplit && !name.endsWith("_index"));
      if (isWanted && section.type !== SectionType.NOBITS) this.found.set(name, section);
    }
  }

  has(name: string): boolean {
    return this.found.has(name);
  }

  /** @throws {BadFile} they are damaged, or compressed as nobody here can unpack. */
  *unpacked(unpack: Unpack | undefined): Generator<Promise<unknown>, DebugSections> {
    const { source } = this;
    const sections = new Map<string, ByteSource>();
    let room = MOST_UNPACKED;
    for (const [name, section] of this.found) {
      const packed = this.packed(section);
      if (!packed) {
        sections.set(name, pieceOf(source, section.offset, section.size, name));
        continue;
      }
      room -= packed.size;
      if (room < 0) throw new BadFile(`unpacked it would take more than ${MOST_UNPACKED / 2 ** 20} MiB`);
      if (!unpack) throw new BadFile("it is compressed, and nothing here unpacks it");
      let bytes: Uint8Array | undefined;
      let problem: string | undefined;
      const done = unpack(packed.how, packed.bytes, packed.size).then(
        all => {
          bytes = all;
        },
        error => {
          problem = error instanceof Error ? error.message : String(error);
        },
      );
      // Whoever waits may go on to something else, and ask again later.
      while (bytes === undefined && problem === undefined) yield done;
      if (bytes?.length !== packed.size)
        throw new BadFile(`${name} can't be unpacked: ${problem ?? "it has another size than it says"}`);
      sections.set(name, sourceOf(bytes));
    }
    return sections;
  }

  private packed(section: Section): { how: Packing; bytes: Uint8Array; size: number } | undefined {
    const { name, offset, size, flags } = section;
    const read = (from: number, length: number): Uint8Array => readExactly(this.source, offset + from, length, name);
    if ((flags & COMPRESSED) !== 0) {
      const head = viewOf(read(0, HEAD_BYTES));
      const how = PACKINGS[head.getUint32(0, true)];
      if (!how) throw new BadFile(`${name} is compressed in a way that is not known, ${head.getUint32(0, true)}`);
      return { how, bytes: read(HEAD_BYTES, size - HEAD_BYTES), size: u64(head, 8) };
    }
    if (!name.startsWith(".zdebug_")) return undefined;
    const head = viewOf(read(0, OLD_HEAD_BYTES));
    if (head.getUint32(0) !== 0x5a4c4942) throw new BadFile(`${name} does not begin as it should`);
    const whole = head.getUint32(4) * 2 ** 32 + head.getUint32(8);
    return { how: "zlib", bytes: read(OLD_HEAD_BYTES, size - OLD_HEAD_BYTES), size: whole };
  }
}

/** Bytes [offset, offset + size) of a source as one of their own. @param what names it in errors. */
export function pieceOf(source: ByteSource, offset: number, size: number, what: string): ByteSource {
  return { size, read: (at, length) => readExactly(source, offset + at, Math.min(length, size - at), what) };
}
