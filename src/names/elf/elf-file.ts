// One ELF file as naming needs it: which symbol and which section a link address is, with the names that were split off it.
import type { ByteSource } from "../bytes.ts";
import { findDebugFile, type OpenDebugFile } from "./debug-file.ts";
import { type ElfHeaders, readHeaders, type Section, SectionFlag, type Segment, SegmentType } from "./headers.ts";
import { type ElfSymbol, SymbolIndex } from "./symbols.ts";
import { findSymbolTable } from "./tables.ts";

/** A part of the file's memory: a section, or what stands for it where section headers were stripped. */
export interface Part {
  readonly name: string;
  /** Link address and bytes. */
  readonly address: number;
  readonly size: number;
}

/** Each thread's own block of the file's thread-local data (PT_TLS). */
export interface ThreadLocalBlock {
  readonly size: number;
  readonly alignment: number;
}

export class ElfFile {
  readonly segments: readonly Segment[];
  /** Where its symbols come from; undefined where it has none. */
  readonly symbolsFrom: string | undefined;
  /** What could not be had, a sentence each. */
  readonly problems: readonly string[];
  readonly threadLocal: ThreadLocalBlock | undefined;
  private readonly placed: SymbolIndex | undefined;
  private readonly ofThreads: SymbolIndex | undefined;
  /** By address. */
  private readonly parts: readonly Part[];
  private readonly relro: Segment | undefined;

  /**
   * @param open gives files of debug information; absent: the file's own symbols are all there is.
   * @throws {BadFile} it is no ELF file of x86-64, or its headers are damaged.
   */
  constructor(source: ByteSource, open?: OpenDebugFile) {
    const headers = readHeaders(source);
    const problems: string[] = [];
    const attempt = <T>(what: string, work: () => T): T | undefined => {
      try {
        return work();
      } catch (error) {
        problems.push(`${what}: ${error instanceof Error ? error.message : error}.`);
        return undefined;
      }
    };
    this.segments = headers.segments;
    this.parts = partsOf(headers);
    this.relro = headers.segments.find(({ type }) => type === SegmentType.GNU_RELRO);
    const local = headers.segments.find(({ type }) => type === SegmentType.TLS);
    this.threadLocal = local && { size: local.memorySize, alignment: Math.max(1, local.alignment) };

    let from = "the file itself";
    let holder = source;
    let table = attempt("Its symbols can't be read", () => findSymbolTable(source, headers));
    if (open && table?.name !== ".symtab") {
      const other = attempt("Its debug information can't be looked for", () => findDebugFile(source, headers, open));
      const fuller =
        other && attempt(`${other.path} can't be read`, () => findSymbolTable(other.source, other.headers));
      if (other && fuller?.name === ".symtab") {
        table = fuller;
        holder = other.source;
        from = other.path;
      } else if (headers.sections.some(({ name }) => name === ".gnu_debugdata")) {
        problems.push(
          "The names of its own functions are in .gnu_debugdata, compressed by xz, which is not read here: install its debug symbols.",
        );
      }
    }
    const chosen = table;
    const indices = chosen && attempt("Its symbols can't be read", () => SymbolIndex.read(holder, chosen));
    this.placed = indices?.placed;
    this.ofThreads = indices?.threadLocal;
    this.symbolsFrom = indices && from;
    this.problems = problems;
  }

  /** How many symbols it knows. */
  get symbolCount(): number {
    return (this.placed?.count ?? 0) + (this.ofThreads?.count ?? 0);
  }

  /** The symbol whose bytes hold a link address. */
  symbolAt(address: number): ElfSymbol | undefined {
    return this.placed?.at(address);
  }

  /** The data or function of that name as the file spells it. */
  symbolNamed(name: string): ElfSymbol | undefined {
    return this.placed?.named(name);
  }

  /** The thread-local symbol that holds that byte of a thread's block. */
  threadLocalAt(offset: number): ElfSymbol | undefined {
    return this.ofThreads?.at(offset);
  }

  /** All of them by address, thread-local ones last; for tests and lists. */
  *symbols(): Generator<ElfSymbol> {
    if (this.placed) yield* this.placed.all();
    if (this.ofThreads) yield* this.ofThreads.all();
  }

  /** The section that holds a link address. */
  partAt(address: number): Part | undefined {
    return this.parts.find(part => address >= part.address && address - part.address < part.size);
  }

  /** Whether only the loader writes there: what it relocates, and then (mostly) makes read-only. */
  isLoaders(address: number): boolean {
    const { relro } = this;
    if (relro && address >= relro.address && address - relro.address < relro.memorySize) return true;
    return LOADERS.has(this.partAt(address)?.name ?? "");
  }
}

/** Sections that nobody but the loader writes (glibc's elf/dl-reloc.c, elf/do-rel.h). */
const LOADERS = new Set([".got", ".got.plt", ".data.rel.ro", ".dynamic", ".init_array", ".fini_array"]);

function partsOf({ sections, segments }: ElfHeaders): Part[] {
  // A thread-local section without bytes overlaps what follows: its addresses are those of a block that each thread has.
  const placed = ({ flags, address, size }: Section): boolean =>
    (flags & SectionFlag.ALLOC) !== 0 && (flags & SectionFlag.TLS) === 0 && address !== 0 && size > 0;
  const parts = sections.filter(placed).map(({ name, address, size }) => ({ name, address, size }));
  if (parts.length > 0) return parts.sort((a, b) => a.address - b.address);
  const dynamic = segments.filter(({ type }) => type === SegmentType.DYNAMIC);
  const zeroed = segments.filter(
    ({ type, fileSize, memorySize }) => type === SegmentType.LOAD && memorySize > fileSize,
  );
  return [
    ...dynamic.map(({ address, memorySize }) => ({ name: ".dynamic", address, size: memorySize })),
    ...zeroed.map(({ address, fileSize, memorySize }) => ({
      name: ".bss",
      address: address + fileSize,
      size: memorySize - fileSize,
    })),
  ];
}
