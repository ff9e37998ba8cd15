// One ELF file as naming needs it: which symbol and which section a link address is, with the names that were split off it.
import type { ByteSource } from "../bytes.ts";
import { DebugTypes } from "../dwarf/debug-types.ts";
import { type DebugFile, findDebugFile, findSharedFile, type OpenDebugFile } from "./debug-file.ts";
import {
  type ElfHeaders,
  readHeaders,
  type Section,
  SectionFlag,
  SectionType,
  type Segment,
  SegmentType,
} from "./headers.ts";
import { type ElfSymbol, SymbolIndex } from "./symbols.ts";
import { findSymbolTable, type SymbolTable } from "./tables.ts";

/** A part of the file's memory: a section, or what stands for it where section headers were stripped. */
export interface Part {
  readonly name: string;
  /** Link address and bytes. */
  readonly address: number;
  readonly size: number;
}

/** Each thread's own block of the file's thread-local data (PT_TLS). */
export interface ThreadLocalBlock {
  /** Link address of what it begins as. */
  readonly address: number;
  readonly size: number;
  readonly alignment: number;
}

interface Symbols {
  readonly placed: SymbolIndex;
  readonly threadLocal: SymbolIndex;
  readonly from: string;
}

export class ElfFile {
  readonly type: ElfHeaders["type"];
  readonly segments: readonly Segment[];
  readonly threadLocal: ThreadLocalBlock | undefined;
  private readonly source: ByteSource;
  private readonly headers: ElfHeaders;
  private readonly open: OpenDebugFile | undefined;
  /** By address. */
  private readonly parts: readonly Part[];
  private readonly relro: Segment | undefined;
  private readonly trouble: string[] = [];
  private read: Symbols | undefined | "not yet" = "not yet";
  private reading: Generator<void, Symbols | undefined> | undefined;
  private split: DebugFile | undefined | "not yet" = "not yet";
  private debugTypes: DebugTypes | undefined;

  /**
   * Reads the headers; symbols are read when they are first asked for.
   * @param open gives files of debug information; absent: the file's own symbols are all there is.
   * @throws {BadFile} it is no ELF file of x86-64, or its headers are damaged.
   */
  constructor(source: ByteSource, open?: OpenDebugFile) {
    const headers = readHeaders(source);
    this.source = source;
    this.open = open;
    this.headers = headers;
    this.type = headers.type;
    this.segments = headers.segments;
    this.parts = partsOf(headers);
    this.relro = headers.segments.find(({ type }) => type === SegmentType.GNU_RELRO);
    const local = headers.segments.find(({ type }) => type === SegmentType.TLS);
    this.threadLocal = local && {
      address: local.address,
      size: local.memorySize,
      alignment: Math.max(1, local.alignment),
    };
  }

  /** Where its symbols come from: "the file itself", or another file's path; undefined where it has none. */
  get symbolsFrom(): string | undefined {
    return this.index?.from;
  }

  /** What could not be had of its symbols, a sentence each. */
  get problems(): readonly string[] {
    void this.index;
    const { problem } = this.debugTypes ?? {};
    return problem === undefined ? this.trouble : [...this.trouble, problem];
  }

  /** How many symbols it knows. */
  get symbolCount(): number {
    return (this.index?.placed.count ?? 0) + (this.index?.threadLocal.count ?? 0);
  }

  /** The symbol whose bytes hold a link address. */
  symbolAt(address: number): ElfSymbol | undefined {
    return this.index?.placed.at(address);
  }

  /** Where the next symbol begins after a link address; undefined where none does. */
  nextSymbolAfter(address: number): number | undefined {
    return this.index?.placed.nextAfter(address);
  }

  /** The data or function of that name as the file spells it. */
  symbolNamed(name: string): ElfSymbol | undefined {
    return this.index?.placed.named(name);
  }

  /** The thread-local symbol that holds that byte of a thread's block. */
  threadLocalAt(offset: number): ElfSymbol | undefined {
    return this.index?.threadLocal.at(offset);
  }

  /** All of them by address, thread-local ones last; for tests and lists. */
  *symbols(): Generator<ElfSymbol> {
    if (!this.index) return;
    yield* this.index.placed.all();
    yield* this.index.threadLocal.all();
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

  /** Reads some more of its symbols. @returns whether all are there; who asks for one before waits for them. */
  readSome(): boolean {
    if (this.read !== "not yet") return true;
    this.reading ??= this.readSymbols();
    const { reading } = this;
    const next = this.attempt("Its symbols can't be read", () => reading.next());
    if (next?.done === false) return false;
    this.read = next?.value ?? undefined;
    this.reading = undefined;
    return true;
  }

  /** What its variables' types are. */
  get types(): DebugTypes {
    this.debugTypes ??= this.findTypes();
    return this.debugTypes;
  }

  /** The same, where somebody has asked for them before: nothing is looked for. */
  get askedTypes(): DebugTypes | undefined {
    return this.debugTypes;
  }

  private get index(): Symbols | undefined {
    while (!this.readSome());
    return this.read === "not yet" ? undefined : this.read;
  }

  private *readSymbols(): Generator<void, Symbols | undefined> {
    const { source, headers } = this;
    const own = this.attempt("Its symbols can't be read", () => findSymbolTable(source, headers));
    const other = own?.name === ".symtab" ? undefined : this.debugSymbols();
    const table = other?.table ?? own;
    if (!table) return undefined;
    return { ...(yield* SymbolIndex.read(other?.source ?? source, table)), from: other?.path ?? "the file itself" };
  }

  private findTypes(): DebugTypes {
    const has = ({ sections }: ElfHeaders): boolean =>
      sections.some(({ name, type }) => /^\.z?debug_info$/.test(name) && type !== SectionType.NOBITS);
    const { open } = this;
    const other = has(this.headers) ? undefined : this.debugFile();
    const file =
      other && has(other.headers) ? other : { path: open?.path ?? "", source: this.source, headers: this.headers };
    const shared =
      open &&
      this.attempt("What its debug information shares with other programs' can't be read", () =>
        findSharedFile(file.source, file.headers, file.path, open),
      );
    if (shared === "missing") {
      this.trouble.push(
        "The types of some variables are not known: the file that its debug information shares with other programs' is not there (.gnu_debugaltlink).",
      );
    }
    return new DebugTypes(file.source, has(file.headers) ? file.headers.sections : [], {
      paths: [open?.path, other?.path].filter(path => path !== undefined),
      open: (path: string) => open?.open(path),
      unpack: open?.unpack,
      threadLocal: this.threadLocal,
      shared: shared && shared !== "missing" ? { source: shared.source, sections: shared.headers.sections } : undefined,
    });
  }

  /** The file that its debug information was split off to. */
  private debugFile(): DebugFile | undefined {
    const { source, headers, open } = this;
    if (this.split === "not yet")
      this.split =
        open && this.attempt("Its debug information can't be looked for", () => findDebugFile(source, headers, open));
    return this.split;
  }

  private debugSymbols(): { source: ByteSource; path: string; table: SymbolTable } | undefined {
    const { headers } = this;
    const file = this.debugFile();
    const table = file && this.attempt(`${file.path} can't be read`, () => findSymbolTable(file.source, file.headers));
    if (file && table?.name === ".symtab") return { ...file, table };
    if (headers.sections.some(({ name }) => name === ".gnu_debugdata")) {
      this.trouble.push(
        "The names of its own functions are in .gnu_debugdata, compressed by xz, which is not read here: install its debug symbols.",
      );
    }
    return undefined;
  }

  private attempt<T>(what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.trouble.push(`${what}: ${error instanceof Error ? error.message : error}.`);
      return undefined;
    }
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
