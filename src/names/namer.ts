// Names any address of a process, at one standstill: looks at its mappings, files, heaps and threads, and calls each byte what it is.
import { findMapping, kindOf, type Mapping } from "../memory/mapping.ts";
import { addressOf, pageOf } from "../memory/page.ts";
import type { MemoryReader } from "./bytes.ts";
import type { ElfFile } from "./elf/elf-file.ts";
import type { ElfSymbol } from "./elf/symbols.ts";
import { Heap, type HeapPlace } from "./heap/heap.ts";
import { type MappedFiles, type Module, Modules, segmentAt } from "./modules.ts";
import { isRuntime, type Name, type NamedRange, nameOfMapping } from "./name.ts";
import { plainName } from "./plain-name.ts";
import { CONTROL_BLOCK_SIZE, type ThreadInfo, type ThreadMemory, threadsIn } from "./threads.ts";
import type { Type } from "./types/type.ts";

/** A process that stands still. */
export interface NamedProcess {
  readonly id: number;
  /** In address order. */
  readonly mappings: readonly Mapping[];
  readonly memory: MemoryReader;
  /** The memory as it was before what is being named was changed: a heap that is damaged now may make sense there. */
  readonly earlier?: MemoryReader | undefined;
  readonly files: MappedFiles;
  readonly threads: readonly ThreadInfo[];
  /** Where the types of variables are put, so far as the files' are read; absent: nobody wants them. */
  readonly types?: Type[] | undefined;
  /** Where the kernel writes into each thread's memory on its own account, from the control block on; undefined: nowhere that is known. */
  readonly rseq?: { readonly offset: number; readonly bytes: number } | undefined;
}

/** A name, and the first address that it does not hold for any more. */
type Found = Omit<NamedRange, "start">;

/** Good for one standstill: what it has read of the process stays as it was. */
export class Namer {
  private readonly process: NamedProcess;
  private readonly modules: Modules;
  private readonly heap: Heap;
  private readonly heapBefore: Heap | undefined;
  /** By index of the mapping. */
  private readonly threads = new Map<number, readonly ThreadMemory[]>();
  private readonly types = new Map<ElfFile, Map<string, number | undefined>>();
  private threadLocalTotal: number | undefined;

  constructor(process: NamedProcess) {
    const { mappings, memory, earlier, files } = process;
    this.process = process;
    this.modules = new Modules(files, mappings);
    const data = mappings
      .filter(({ permissions, inode, name }) => permissions.startsWith("rw") && inode !== 0 && /\/libc[.-]/.test(name))
      .concat(mappings.filter((mapping, i) => i < 16 && mapping.permissions === "rw-p" && mapping.name !== "[heap]"))
      .map(({ start, end }) => ({ start: addressOf(start), end: addressOf(end) }));
    this.heap = new Heap(memory, mappings, data);
    this.heapBefore = earlier && new Heap(earlier, mappings, data);
  }

  /** Looks at what naming an address takes long for: its heap. Gives way every millisecond or so. */
  *prepare(address: number): Generator<void> {
    yield* this.heap.prepare(address);
    if (this.heapBefore) yield* this.heapBefore.prepare(address);
  }

  /** What the first byte of [start, end) is called. */
  nameOf(start: number, end: number): Name {
    return this.pieces(start, end, 1)[0]?.name ?? { kind: "unmapped" };
  }

  /**
   * Cuts [start, end) where names end.
   * @param most how many pieces at most; where there are more, the last one's end tells from where on to ask again.
   */
  pieces(start: number, end: number, most: number): NamedRange[] {
    const pieces: NamedRange[] = [];
    for (let at = start; at < end && pieces.length < most; ) {
      const { name, end: until } = this.look(at);
      const stop = Math.max(at + 1, Math.min(until, end));
      pieces.push({ start: at, end: stop, name });
      at = stop;
    }
    return pieces;
  }

  /** What an address is to malloc; undefined outside its memory. */
  heapAt(address: number): HeapPlace | undefined {
    const mapping = this.process.mappings[findMapping(this.process.mappings, pageOf(address))];
    const isHeap = mapping && mapping.inode === 0 && (mapping.name === "[heap]" || !mapping.name.startsWith("["));
    return isHeap ? this.heap.at(address) : undefined;
  }

  /** The program, and the libraries of which somebody has asked for types before; without the C library. */
  programFiles(): readonly Module[] {
    const program = this.program();
    const found = new Map<ElfFile, Module>(program ? [[program.elf, program]] : []);
    for (const [i, mapping] of this.process.mappings.entries()) {
      const module = isFirstOfFile(mapping) && !isRuntime(mapping.name) ? this.modules.at(i) : undefined;
      if (module?.elf.askedTypes) found.set(module.elf, module);
    }
    return [...found.values()];
  }

  private look(address: number): Found {
    const { mappings } = this.process;
    const index = findMapping(mappings, pageOf(address));
    const mapping = mappings[index];
    return (
      (mapping && kindOf(mapping) !== "kernel"
        ? (this.ofThread(index, address) ?? this.ofModule(index, address) ?? this.ofHeap(mapping, address))
        : undefined) ?? nameOfMapping(mappings, address)
    );
  }

  private ofModule(index: number, address: number): Found | undefined {
    const mapping = this.process.mappings[index];
    const module = this.modules.at(index);
    if (!module || !segmentAt(module, address)) return undefined;
    const { elf, bias, path } = module;
    const link = address - bias;
    const symbol = elf.symbolAt(link);
    if (symbol && !(elf.isLoaders(link) && symbol.name === "_GLOBAL_OFFSET_TABLE_")) {
      const name: Name = {
        kind: "symbol",
        symbol: plainName(symbol.name),
        spelled: symbol.name,
        address: symbol.address + bias,
        offset: link - symbol.address,
        size: symbol.size,
        function: symbol.function,
        file: path,
        type: symbol.function || isRuntime(path) ? undefined : this.typeOf(elf, symbol, false),
      };
      return { name, end: this.nextNameIn(module, address, symbol.address + bias + Math.max(1, symbol.size)) };
    }
    const part = elf.partAt(link);
    const end = Math.min(addressOf(mapping.end), part ? part.address + part.size + bias : Infinity);
    if (!part) return undefined;
    const loader = elf.isLoaders(link);
    const name: Name = { kind: "section", section: part.name, offset: link - part.address, file: path, loader };
    return { name, end: this.nextNameIn(module, address, end) };
  }

  private typeOf(elf: ElfFile, { address, size }: ElfSymbol, isThreadLocal: boolean): number | undefined {
    const { types } = this.process;
    if (!types) return undefined;
    let known = this.types.get(elf);
    if (!known) {
      known = new Map();
      this.types.set(elf, known);
    }
    const key = `${address} ${isThreadLocal}`;
    if (!known.has(key)) known.set(key, elf.types.typeAt(types, address, size, isThreadLocal));
    return known.get(key);
  }

  /** Up to where a name holds, at most `end`: a symbol may begin in the middle of another, or of a section. */
  private nextNameIn({ elf, bias }: Module, address: number, end: number): number {
    const next = elf.nextSymbolAfter(address - bias);
    return next === undefined ? end : Math.min(end, next + bias);
  }

  private ofHeap(mapping: Mapping, address: number): Found | undefined {
    const now = this.heap.at(address);
    if (!now) return undefined;
    const before = now.kind === "unknown" ? this.heapBefore?.at(address) : undefined;
    const damaged = before !== undefined && before.kind !== "unknown";
    const place = damaged ? before : now;
    return {
      name: { kind: "heap", place, ...(damaged ? { damaged } : {}) },
      end: Math.min(addressOf(mapping.end), endOf(place, address)),
    };
  }

  private ofThread(index: number, address: number): Found | undefined {
    const { mappings, memory, threads, id } = this.process;
    const mapping = mappings[index];
    if (mapping.inode !== 0) return undefined;
    let owners = this.threads.get(index);
    if (!owners) {
      owners = threadsIn(memory, mapping, threads, id, hasGuard(mappings, index));
      this.threads.set(index, owners);
    }
    for (const owner of owners) {
      const found = this.besideStack(owner, address);
      if (found) return found;
    }
    const end = addressOf(mapping.end);
    const owner =
      owners.find(({ isStack, controlBlock = end }) => isStack && address < controlBlock) ??
      owners.find(({ isStack, controlBlock }) => isStack && controlBlock === undefined);
    if (!owner) return undefined;
    const { thread, stackPointer, controlBlock } = owner;
    const block = controlBlock === undefined ? end : controlBlock - this.threadLocalBytes();
    // A name ends where its words do: at the stack pointer, and at the red zone's end.
    const marks = stackPointer === undefined ? [] : [stackPointer - 128, stackPointer];
    const stop = [...marks, block].find(mark => mark > address) ?? end;
    return {
      name: { kind: "stack", thread, above: stackPointer === undefined ? undefined : address - stackPointer },
      end: stop,
    };
  }

  /** The control block, the kernel's area in it or beside it, and the thread-local variables below it. */
  private besideStack({ controlBlock, thread }: ThreadMemory, address: number): Found | undefined {
    if (controlBlock === undefined) return undefined;
    const { rseq } = this.process;
    const area = rseq && { start: controlBlock + rseq.offset, end: controlBlock + rseq.offset + rseq.bytes };
    if (area && address >= area.start && address < area.end) {
      return { name: { kind: "thread", part: "rseq", thread }, end: area.end };
    }
    const until = (end: number): number => (area && area.start > address ? Math.min(end, area.start) : end);
    if (address >= controlBlock && address < controlBlock + CONTROL_BLOCK_SIZE) {
      return { name: { kind: "thread", part: "control block", thread }, end: until(controlBlock + CONTROL_BLOCK_SIZE) };
    }
    if (address >= controlBlock || address < controlBlock - this.threadLocalBytes()) return undefined;
    const symbol = this.threadLocal(controlBlock, address);
    if (symbol) return { name: { ...symbol.name, thread }, end: until(symbol.end) };
    return { name: { kind: "thread", part: "thread-local data", thread }, end: until(controlBlock) };
  }

  /** A variable of the program itself: its block is the first below each control block (elf/dl-tls.c, _dl_determine_tlsoffset). */
  private threadLocal(
    controlBlock: number,
    address: number,
  ): { name: Extract<Name, { kind: "symbol" }>; end: number } | undefined {
    const program = this.program();
    const block = program?.elf.threadLocal;
    if (!program || !block) return undefined;
    const start = controlBlock - offsetBelow(block);
    const symbol = program.elf.threadLocalAt(address - start);
    if (address < start || !symbol) return undefined;
    const begin = start + symbol.address;
    const name = {
      kind: "symbol" as const,
      symbol: plainName(symbol.name),
      spelled: symbol.name,
      address: begin,
      offset: address - begin,
      size: symbol.size,
      function: false,
      file: program.path,
      type: this.typeOf(program.elf, symbol, true),
    };
    return { name, end: begin + Math.max(1, symbol.size) };
  }

  /** The file that was executed: the kernel maps it first where it is placed at random, and below all else where it is not. */
  private program(): Module | undefined {
    const index = this.process.mappings.findIndex(({ inode }) => inode !== 0);
    return index < 0 ? undefined : this.modules.at(index);
  }

  /** How much lies below each control block before its stack begins: the blocks of all files that were there at the start. */
  private threadLocalBytes(): number {
    this.threadLocalTotal ??= this.process.mappings
      .map((mapping, i) => (isFirstOfFile(mapping) ? this.modules.at(i)?.elf.threadLocal : undefined))
      .reduce((sum, block) => (block ? Math.ceil((sum + block.size) / block.alignment) * block.alignment : sum), 0);
    return this.threadLocalTotal;
  }
}

/** Whether what lies right below may not be touched: the C library sets that before a thread's stack. */
function hasGuard(mappings: readonly Mapping[], index: number): boolean {
  const below = mappings[index - 1];
  return below !== undefined && below.end === mappings[index].start && below.permissions.startsWith("---");
}

function isFirstOfFile({ inode, offset, permissions }: Mapping): boolean {
  return inode !== 0 && offset === 0 && permissions[3] === "p";
}

function offsetBelow({ address, size, alignment }: { address: number; size: number; alignment: number }): number {
  const first = (alignment - (address % alignment)) % alignment;
  return Math.ceil((size - first) / alignment) * alignment + first;
}

/** Up to where a place in the heap is the same. */
function endOf(place: HeapPlace, address: number): number {
  switch (place.kind) {
    case "block":
      return place.block.address + place.block.size;
    case "size":
      return place.of.address;
    case "unused":
      return place.offset < 8 ? address - place.offset + 8 : Infinity;
    case "bookkeeping":
      return (Math.floor(address / 16) + 1) * 16;
    case "unknown":
    case "overflow":
      return Infinity;
  }
}
