// An index of a file's symbols in sorted typed arrays: by address in a binary search, by name in one pass over the file's strings.
import { BadFile, type ByteSource, LONGEST_TEXT, readExactly, textAt } from "../bytes.ts";
import { sortedOrder } from "./sorted-order.ts";
import { SYMBOL_SIZE, type SymbolTable } from "./tables.ts";

export interface ElfSymbol {
  /** As the file has it: mangled, where it is C++'s or Rust's. */
  readonly name: string;
  /** Link address; of a thread-local symbol, the offset in the thread's block. */
  readonly address: number;
  /** Bytes; 0 where the file does not say, as of hand-written assembly. */
  readonly size: number;
  readonly function: boolean;
}

/** Types of symbols (the lower half of st_info). */
const Type = { OBJECT: 1, FUNC: 2, COMMON: 5, TLS: 6, GNU_IFUNC: 10 } as const;
/** Sections that are none (st_shndx): not in this file; a number, not an address. */
const UNDEFINED = 0;
const ABSOLUTE = 0xfff1;
const LOCAL = 0;
const GLOBAL = 1;

/** Bytes of symbols read at once, a multiple of a symbol's. */
const PIECE = SYMBOL_SIZE << 13;
/** Symbols that are put in order between two turns. */
const ORDERED = 1 << 15;
/** What a table may have: several times that of the largest programs, browsers with all their debug information. */
const MOST_SYMBOLS = 1 << 23;
/** How far to look for the best of several names of one address, and among the symbols around an address. */
const MOST_ALIASES = 16;
const MOST_ENCLOSING = 1024;
const NONE = 0xffff_ffff;

export class SymbolIndex {
  /** How many it holds. */
  readonly count: number;
  private readonly source: ByteSource;
  private readonly table: SymbolTable;
  /** In ascending order, and beside each what belongs to it. */
  private readonly addresses: Float64Array;
  private readonly sizes: Float64Array;
  /** Offset of the name among the strings. */
  private readonly names: Uint32Array;
  /** Bit 0: a function; bits 1 and 2: 0 local, 1 weak, 2 global. */
  private readonly flags: Uint8Array;
  /** The nearest symbol before that reaches beyond this one's start: what else may hold an address that this one does not. */
  private readonly around: Uint32Array;

  private constructor(source: ByteSource, table: SymbolTable, found: Found) {
    const { count, addresses, sizes, names, flags } = found;
    this.source = source;
    this.table = table;
    this.count = count;
    this.addresses = addresses;
    this.sizes = sizes;
    this.names = names;
    this.flags = flags;
    this.around = new Uint32Array(count);
  }

  /**
   * Reads a table: its data and functions in one index, its thread-local data in another. Gives way every millisecond or so.
   * @throws {BadFile} it lies beyond the file's end, or is larger than any known one.
   */
  static *read(source: ByteSource, table: SymbolTable): Generator<void, Indexes> {
    const count = Math.floor(table.size / SYMBOL_SIZE);
    if (count > MOST_SYMBOLS) throw new BadFile(`its ${table.name} has ${count} symbols, more than ${MOST_SYMBOLS}`);
    const { offset, size, stringsOffset, stringsSize } = table;
    if (!(offset + size <= source.size && stringsOffset + stringsSize <= source.size)) {
      throw new BadFile(`its ${table.name} lies beyond the file's end`);
    }
    const { placed, threadLocal } = yield* readSymbols(source, table, count);
    return {
      placed: yield* SymbolIndex.over(source, table, placed),
      threadLocal: yield* SymbolIndex.over(source, table, threadLocal),
    };
  }

  private static *over(source: ByteSource, table: SymbolTable, found: Found): Generator<void, SymbolIndex> {
    const order = yield* sortedOrder(found.addresses.subarray(0, found.count));
    const index = new SymbolIndex(source, table, yield* ordered(found, order));
    yield* enclosing(index.addresses, index.sizes, index.around);
    return index;
  }

  /** The symbol whose bytes hold the address, the innermost where they overlap; undefined where none does. */
  at(address: number): ElfSymbol | undefined {
    let i = this.lastUpTo(address);
    if (i < 0) return undefined;
    let place = -1;
    for (let steps = 0; steps < MOST_ENCLOSING; steps += 1) {
      const start = this.addresses[i];
      if (address < start + this.sizes[i]) return this.best(i);
      // A symbol without a size is a place: only its own address is known to be it.
      if (place < 0 && address === start) place = i;
      if (this.around[i] === NONE) break;
      i = this.around[i];
    }
    return place < 0 ? undefined : this.best(place);
  }

  /** Where the next symbol begins after an address; undefined where none does. */
  nextAfter(address: number): number | undefined {
    return this.addresses[this.lastUpTo(address) + 1];
  }

  /** The symbol of that name, as the file spells it; the exported one where there are several. */
  named(name: string): ElfSymbol | undefined {
    const offsets = this.offsetsOf(name);
    let best = -1;
    for (let i = 0; i < this.count; i += 1) {
      if (offsets.has(this.names[i]) && (best < 0 || this.flags[i] >> 1 > this.flags[best] >> 1)) best = i;
    }
    return best < 0 ? undefined : this.symbol(best);
  }

  /** All of them by address; for tests and lists. */
  *all(): Generator<ElfSymbol> {
    for (let i = 0; i < this.count; i += 1) yield this.symbol(i);
  }

  /** Of several names of one thing: an exported one before a local one, then the one with fewer underscores before it. */
  private best(i: number): ElfSymbol {
    let best = i;
    let name = this.nameOf(i);
    const better = (k: number): boolean => {
      const by = Number(this.flags[k] > 1) - Number(this.flags[best] > 1);
      return by !== 0 ? by > 0 : underscores(this.nameOf(k)) < underscores(name);
    };
    for (let k = i - 1; k >= 0 && k > i - MOST_ALIASES && this.addresses[k] === this.addresses[i]; k -= 1) {
      if (this.sizes[k] !== this.sizes[i] || !better(k)) continue;
      best = k;
      name = this.nameOf(k);
    }
    return this.symbol(best);
  }

  private symbol(i: number): ElfSymbol {
    return {
      name: this.nameOf(i),
      address: this.addresses[i],
      size: this.sizes[i],
      function: (this.flags[i] & 1) !== 0,
    };
  }

  private nameOf(i: number): string {
    const { stringsOffset, stringsSize } = this.table;
    const offset = this.names[i];
    // Most are short: one look reads them.
    for (let length = 128; ; length *= 8) {
      const bytes = this.source.read(stringsOffset + offset, Math.max(0, Math.min(length, stringsSize - offset)));
      if (bytes.includes(0) || bytes.length < length || length >= LONGEST_TEXT) return textAt(bytes, 0);
    }
  }

  private lastUpTo(address: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.addresses[middle] <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Where the name stands among the strings, as a whole or as the end of a longer one: linkers share those. */
  private offsetsOf(name: string): Set<number> {
    const { stringsOffset, stringsSize } = this.table;
    const wanted = new TextEncoder().encode(`${name}\0`);
    const offsets = new Set<number>();
    if (wanted.length > LONGEST_TEXT) return offsets;
    const size = 1 << 20;
    for (let begin = 0; begin < stringsSize; begin += size) {
      const length = Math.min(size + wanted.length - 1, stringsSize - begin);
      const piece = this.source.read(stringsOffset + begin, length);
      for (let i = piece.indexOf(wanted[0]); i >= 0; i = piece.indexOf(wanted[0], i + 1)) {
        if (matches(piece, i, wanted)) offsets.add(begin + i);
      }
    }
    return offsets;
  }
}

interface Indexes {
  readonly placed: SymbolIndex;
  readonly threadLocal: SymbolIndex;
}

interface Found {
  count: number;
  addresses: Float64Array;
  sizes: Float64Array;
  names: Uint32Array;
  flags: Uint8Array;
}

function* readSymbols(
  source: ByteSource,
  table: SymbolTable,
  count: number,
): Generator<void, { placed: Found; threadLocal: Found }> {
  const placed = room(count);
  const threadLocal = room(16);
  for (let done = 0; done < count * SYMBOL_SIZE; done += PIECE) {
    yield;
    const length = Math.min(PIECE, count * SYMBOL_SIZE - done);
    const bytes = readExactly(source, table.offset + done, length, `symbols of its ${table.name}`);
    // Words can only be looked at where they are aligned.
    const words = new Uint32Array(
      bytes.byteOffset % 4 === 0 ? bytes.buffer : bytes.slice().buffer,
      bytes.byteOffset % 4 === 0 ? bytes.byteOffset : 0,
      length / 4,
    );
    for (let at = 0; at < words.length; at += 6) {
      const info = words[at + 1];
      const section = info >>> 16;
      if (section === UNDEFINED || section === ABSOLUTE || words[at] >= table.stringsSize) continue;
      const type = info & 0xf;
      const isFunction = type === Type.FUNC || type === Type.GNU_IFUNC;
      if (!isFunction && type !== Type.OBJECT && type !== Type.COMMON && type !== Type.TLS) continue;
      const binding = (info >> 4) & 0xf;
      const rank = binding === LOCAL ? 0 : binding === GLOBAL ? 2 : 1;
      add(
        type === Type.TLS ? threadLocal : placed,
        words[at + 3] * 0x1_0000_0000 + words[at + 2],
        words[at + 5] * 0x1_0000_0000 + words[at + 4],
        words[at],
        (isFunction ? 1 : 0) | (rank << 1),
      );
    }
  }
  return { placed, threadLocal };
}

function* ordered(found: Found, order: Uint32Array): Generator<void, Found> {
  const { length: count } = order;
  const sorted = { ...room(count), count };
  for (let i = 0; i < count; i += 1) {
    const from = order[i];
    sorted.addresses[i] = found.addresses[from];
    sorted.sizes[i] = found.sizes[from];
    sorted.names[i] = found.names[from];
    sorted.flags[i] = found.flags[from];
    if ((i + 1) % ORDERED === 0) yield;
  }
  return sorted;
}

function room(count: number): Found {
  return {
    count: 0,
    addresses: new Float64Array(count),
    sizes: new Float64Array(count),
    names: new Uint32Array(count),
    flags: new Uint8Array(count),
  };
}

function add(found: Found, address: number, size: number, name: number, flags: number): void {
  if (found.count === found.names.length) {
    const larger = room(found.count * 2);
    larger.addresses.set(found.addresses);
    larger.sizes.set(found.sizes);
    larger.names.set(found.names);
    larger.flags.set(found.flags);
    Object.assign(found, larger, { count: found.count });
  }
  const i = found.count;
  found.addresses[i] = address;
  found.sizes[i] = size;
  found.names[i] = name;
  found.flags[i] = flags;
  found.count += 1;
}

/** One pass with a stack of the symbols that are not over yet: what is taken off ends before all that follow begin. */
function* enclosing(addresses: Float64Array, sizes: Float64Array, around: Uint32Array): Generator<void> {
  const open = new Uint32Array(addresses.length);
  let depth = 0;
  for (let i = 0; i < addresses.length; i += 1) {
    while (depth > 0 && addresses[open[depth - 1]] + sizes[open[depth - 1]] <= addresses[i]) depth -= 1;
    around[i] = depth > 0 ? open[depth - 1] : NONE;
    open[depth] = i;
    depth += 1;
    if ((i + 1) % ORDERED === 0) yield;
  }
}

function matches(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let i = 1; i < wanted.length; i += 1) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

function underscores(name: string): number {
  return name.length - name.replace(/^_+/, "").length;
}
