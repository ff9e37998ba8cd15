// Finds a file's symbol tables: by its section headers, or by its dynamic section where they were stripped off.
import { BadFile, type ByteSource, readExactly, u64, viewOf } from "../bytes.ts";
import { type ElfHeaders, fileOffsetOf, SectionType, type Segment, SegmentType } from "./headers.ts";

/** Bytes in a symbol (Elf64_Sym). */
export const SYMBOL_SIZE = 24;

/** Offsets and sizes in the file, bytes. */
export interface SymbolTable {
  readonly name: ".symtab" | ".dynsym";
  readonly offset: number;
  readonly size: number;
  readonly stringsOffset: number;
  readonly stringsSize: number;
}

/** Tags of the dynamic section (d_tag). */
const Tag = { NULL: 0, HASH: 4, STRTAB: 5, SYMTAB: 6, STRSZ: 10, GNU_HASH: 0x6ffffef5 } as const;

/** More than any linker makes: a dynamic section has a few dozen entries. */
const MOST_DYNAMIC_BYTES = 1 << 20;
const MOST_BUCKETS = 1 << 24;

/**
 * The fullest symbol table there is: .symtab holds what .dynsym does and the symbols that are not exported.
 * @throws {BadFile} there is one, and it is damaged.
 */
export function findSymbolTable(source: ByteSource, headers: ElfHeaders): SymbolTable | undefined {
  return (
    sectionTable(headers, SectionType.SYMTAB, ".symtab") ??
    sectionTable(headers, SectionType.DYNSYM, ".dynsym") ??
    dynamicTable(source, headers.segments)
  );
}

function sectionTable({ sections }: ElfHeaders, type: number, name: SymbolTable["name"]): SymbolTable | undefined {
  // A file with its debug information split off keeps the header of what went to the other one, as a section without bytes.
  const table = sections.find(section => section.type === type && section.size >= SYMBOL_SIZE);
  if (!table) return undefined;
  const strings = sections[table.link];
  if (strings?.type !== SectionType.STRTAB) throw new BadFile(`the names of its ${name} are in no section of names`);
  const { offset, size } = table;
  return { name, offset, size, stringsOffset: strings.offset, stringsSize: strings.size };
}

function dynamicTable(source: ByteSource, segments: readonly Segment[]): SymbolTable | undefined {
  const dynamic = segments.find(({ type }) => type === SegmentType.DYNAMIC);
  if (!dynamic || dynamic.fileSize === 0) return undefined;
  if (dynamic.fileSize > MOST_DYNAMIC_BYTES) throw new BadFile(`its dynamic section has ${dynamic.fileSize} bytes`);
  const view = viewOf(readExactly(source, dynamic.offset, dynamic.fileSize, "the dynamic section"));
  const values = new Map<number, number>();
  for (let at = 0; at + 16 <= view.byteLength; at += 16) {
    const tag = u64(view, at);
    if (tag === Tag.NULL) break;
    values.set(tag, u64(view, at + 8));
  }
  const placeOf = (tag: number): number | undefined => {
    const address = values.get(tag);
    return address === undefined ? undefined : fileOffsetOf(segments, address);
  };
  const offset = placeOf(Tag.SYMTAB);
  const stringsOffset = placeOf(Tag.STRTAB);
  if (offset === undefined || stringsOffset === undefined) return undefined;
  const hash = placeOf(Tag.HASH);
  const gnuHash = placeOf(Tag.GNU_HASH);
  const count =
    hash !== undefined ? countByHash(source, hash) : gnuHash !== undefined ? countByGnuHash(source, gnuHash) : 0;
  const stringsSize = values.get(Tag.STRSZ) ?? 0;
  return { name: ".dynsym", offset, size: count * SYMBOL_SIZE, stringsOffset, stringsSize };
}

/** A hash table of the gABI has a chain entry for each symbol; nothing else tells how many there are. */
function countByHash(source: ByteSource, offset: number): number {
  return viewOf(readExactly(source, offset, 8, "the hash table")).getUint32(4, true);
}

/** GNU's has none for the symbols before `symoffset`, and ends each chain with an odd hash: the last chain's end is the table's. */
function countByGnuHash(source: ByteSource, offset: number): number {
  const header = viewOf(readExactly(source, offset, 16, "the hash table"));
  const buckets = header.getUint32(0, true);
  const first = header.getUint32(4, true);
  const bloomWords = header.getUint32(8, true);
  if (buckets > MOST_BUCKETS) throw new BadFile(`its hash table has ${buckets} buckets`);
  const bucketsAt = offset + 16 + bloomWords * 8;
  const view = viewOf(readExactly(source, bucketsAt, buckets * 4, "the hash table's buckets"));
  let last = 0;
  for (let i = 0; i < buckets; i += 1) last = Math.max(last, view.getUint32(i * 4, true));
  if (last < first) return first;
  const chainsAt = bucketsAt + buckets * 4;
  for (;;) {
    const at = chainsAt + (last - first) * 4;
    const piece = source.read(at, Math.min(4096, source.size - at));
    if (piece.length < 4) throw new BadFile("its hash table has no end");
    const chain = viewOf(piece);
    for (let i = 0; i + 4 <= piece.length; i += 4) {
      last += 1;
      if (chain.getUint32(i, true) & 1) return last;
    }
  }
}
