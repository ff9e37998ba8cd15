// Finds what a library exports by reading the library where it lies in a process's memory (ELF, System V ABI, AMD64 supplement).
// Its file may be another one by now, or lie where only the process sees it; and only what is in memory anyway is read.

/** Bytes of a process's memory; undefined where not all of them are in memory. */
export type MemoryReader = (address: number, bytes: number) => DataView | undefined;

/** Something that had to be read is not in memory now. */
class NotInMemory extends Error {}

const ELF_64_LITTLE_ENDIAN = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const HEADER = { BYTES: 64, PROGRAM_HEADERS: 32, ENTRY_BYTES: 54, ENTRIES: 56 } as const;
const PROGRAM_HEADER = { BYTES: 56, TYPE: 0, ADDRESS: 16, MEMORY_BYTES: 40 } as const;
const SYMBOL = { BYTES: 24, NAME: 0, SECTION: 6, VALUE: 8 } as const;
const PT_DYNAMIC = 2;
const DT = { NULL: 0, STRTAB: 5, SYMTAB: 6, GNU_HASH: 0x6ffffef5 } as const;
/** A loader has a dozen program headers, some thirty dynamic entries, and chains of one or two symbols; nothing here may run on. */
const MOST_ENTRIES = 256;

/**
 * @param base where the library's first page lies.
 * @returns the symbol's address; undefined where the library defines none of that name; "not in memory" where that can't be told
 *   now, or never, as it is no library.
 */
export function symbolIn(base: number, name: string, read: MemoryReader): number | undefined | "not in memory" {
  const get = (address: number, bytes: number): DataView => {
    const view = read(address, bytes);
    if (!view) throw new NotInMemory();
    return view;
  };
  try {
    return lookUp(base, name, get);
  } catch (error) {
    if (error instanceof NotInMemory) return "not in memory";
    throw error;
  }
}

type Get = (address: number, bytes: number) => DataView;

function lookUp(base: number, name: string, get: Get): number | undefined {
  const { strings, symbols, hashes } = tables(base, get);
  const half = (address: number): number => get(address, 4).getUint32(0, true);
  const [buckets, first, words, shift] = [0, 4, 8, 12].map(offset => half(hashes + offset));
  if (buckets === 0 || words === 0) return undefined;
  const hash = gnuHash(name);
  const filter = get(hashes + 16 + 8 * (Math.floor(hash / 64) % words), 8).getBigUint64(0, true);
  const mayBeThere = (bit: number): boolean => ((filter >> BigInt(bit % 64)) & 1n) === 1n;
  if (!mayBeThere(hash) || !mayBeThere(Math.floor(hash / 2 ** (shift % 32)))) return undefined;
  const table = hashes + 16 + 8 * words;
  const chains = table + 4 * buckets;
  const start = half(table + 4 * (hash % buckets));
  for (let i = start; i >= first && i < start + MOST_ENTRIES; i += 1) {
    const link = half(chains + 4 * (i - first));
    // The lowest bit is none of the hash's: it marks the chain's end.
    if (link >>> 1 === hash >>> 1) {
      const symbol = get(symbols + SYMBOL.BYTES * i, SYMBOL.BYTES);
      const isDefined = symbol.getUint16(SYMBOL.SECTION, true) !== 0;
      if (isDefined && isText(strings + symbol.getUint32(SYMBOL.NAME, true), name, get))
        return base + word(symbol, SYMBOL.VALUE);
    }
    if (link % 2 === 1) return undefined;
  }
  return undefined;
}

/** @throws {NotInMemory} also where it is no library. */
function tables(base: number, get: Get): { strings: number; symbols: number; hashes: number } {
  const header = get(base, HEADER.BYTES);
  if (ELF_64_LITTLE_ENDIAN.some((byte, i) => header.getUint8(i) !== byte)) throw new NotInMemory();
  const entryBytes = header.getUint16(HEADER.ENTRY_BYTES, true);
  const entries = Math.min(header.getUint16(HEADER.ENTRIES, true), MOST_ENTRIES);
  const found = new Map<number, number>();
  for (let i = 0; i < entries; i += 1) {
    const at = base + word(header, HEADER.PROGRAM_HEADERS) + i * entryBytes;
    const programHeader = get(at, PROGRAM_HEADER.BYTES);
    if (programHeader.getUint32(PROGRAM_HEADER.TYPE, true) !== PT_DYNAMIC) continue;
    const dynamic = base + word(programHeader, PROGRAM_HEADER.ADDRESS);
    const most = Math.min(word(programHeader, PROGRAM_HEADER.MEMORY_BYTES) / 16, MOST_ENTRIES);
    for (let j = 0; j < most; j += 1) {
      const entry = get(dynamic + 16 * j, 16);
      if (word(entry, 0) === DT.NULL) break;
      found.set(word(entry, 0), word(entry, 8));
    }
  }
  // Loaders relocate these entries in place, or leave them as they are in the file.
  const table = (tag: number): number => {
    const value = found.get(tag);
    if (value === undefined) throw new NotInMemory();
    return value < base ? base + value : value;
  };
  return { strings: table(DT.STRTAB), symbols: table(DT.SYMTAB), hashes: table(DT.GNU_HASH) };
}

function word(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

function isText(address: number, text: string, get: Get): boolean {
  const view = get(address, text.length + 1);
  return [...text, "\0"].every((letter, i) => view.getUint8(i) === letter.charCodeAt(0));
}

/** The hash function of the section .gnu.hash, which every linker's libraries have. */
function gnuHash(name: string): number {
  let hash = 5381;
  for (const letter of name) hash = (hash * 33 + letter.charCodeAt(0)) % 2 ** 32;
  return hash;
}
