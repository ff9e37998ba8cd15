// Stands between a simulated program and its processes, and writes down every operation in the order they happen.

import type { Process } from "../../../src/kernel/simulated/process.ts";
import { INTERRUPTED, MemoryFault, type SystemCalls } from "../../../src/kernel/simulated/system-calls.ts";
import { PAGE_SIZE } from "../../../src/memory/page.ts";
import { freshMemory } from "./fresh-memory.ts";
import { accessResult, type CallName, type Operation } from "./operation.ts";

/** Of performer.c. */
const MOST_THREADS = 16;
const MOST_PROCESSES = 64;

const SIGNALS = { SIGSEGV: 11, SIGBUS: 7 } as const;

export class Recorder {
  private operations: Operation[] = [];
  private readonly numbers = new Map<number, number>();
  /** Files by their paths, as the performer numbers them; the program's own is the first. */
  private readonly files = new Map<string, number>([["/program", 0]]);
  private turn = 0;

  readonly wrap = (process: Process): SystemCalls => new RecordedCalls(process, this);

  /** All operations since this was asked last. */
  take(): Operation[] {
    return this.operations.splice(0);
  }

  /** A process's number; a new one where it was just born. */
  numberOf(pid: number): number {
    const number = this.numbers.get(pid) ?? this.numbers.size;
    if (number >= MOST_PROCESSES) throw new Error("a program of this suite begins too many processes");
    this.numbers.set(pid, number);
    return number;
  }

  /** @returns the file's number, and whether it is new. */
  file(path: string): { number: number; isNew: boolean } {
    const isNew = !this.files.has(path);
    const number = this.files.get(path) ?? this.files.size;
    this.files.set(path, number);
    return { number, isNew };
  }

  /** The simulator does not say which thread it was, and to the kernel it is all the same: each of them in turn. */
  note(process: Process, call: CallName, args: readonly (number | bigint)[], result: number, rest = {}): void {
    this.turn += 1;
    this.operations.push({
      process: this.numberOf(process.pid),
      thread: this.turn % Math.max(1, Math.min(process.threads, MOST_THREADS)),
      call,
      args: args.map(BigInt),
      result,
      ...rest,
    });
  }

  /** Pages of the first process that show a file from a page of it on. */
  pagesBehind(process: Process, inode: number, end: number): [number, number][] {
    const first = [...this.numbers].find(([, number]) => number === 0)?.[0] ?? 0;
    const mappings = process.machine.process(first)?.mappings() ?? [];
    return mappings
      .filter(mapping => mapping.inode === inode)
      .map(({ start, end: last, offset }): [number, number] => [
        Math.max(start, start + end - offset / PAGE_SIZE),
        last,
      ])
      .filter(([start, last]) => start < last);
  }
}

class RecordedCalls implements SystemCalls {
  private readonly process: Process;
  private readonly recorder: Recorder;
  /** Fresh from execve: what that has mapped comes before the first operation. */
  private isFresh: boolean;

  constructor(process: Process, recorder: Recorder) {
    this.process = process;
    this.recorder = recorder;
    this.isFresh = recorder.numberOf(process.pid) === 0;
  }

  mmap(address: bigint, length: bigint, protection: number, flags: number, file: number, offset: bigint): number {
    const result = this.process.mmap(address, length, protection, flags, file, offset);
    return this.note("mmap", [address, length, protection, flags, file, offset], result);
  }

  munmap(address: bigint, length: bigint): number {
    return this.note("munmap", [address, length], this.process.munmap(address, length));
  }

  mprotect(address: bigint, length: bigint, protection: number): number {
    return this.note("mprotect", [address, length, protection], this.process.mprotect(address, length, protection));
  }

  mremap(address: bigint, oldLength: bigint, newLength: bigint, flags: number, newAddress: bigint): number {
    const result = this.process.mremap(address, oldLength, newLength, flags, newAddress);
    return this.note("mremap", [address, oldLength, newLength, flags, newAddress], result);
  }

  brk(address: bigint): number {
    const before = this.process.mm.brk;
    return this.note("brk", [address, before], this.process.brk(address));
  }

  madvise(address: bigint, length: bigint, advice: number): number {
    return this.note("madvise", [address, length, advice], this.process.madvise(address, length, advice));
  }

  memfdCreate(name: string): number {
    const result = this.process.memfdCreate(name);
    return this.note("memfd", [result], result);
  }

  open(path: string, flags: number): number {
    const { number, isNew } = this.recorder.file(path);
    const bytes = this.process.machine.file(path)?.size;
    if (isNew && bytes !== undefined) this.note("create", [number, bytes], 0);
    const result = this.process.open(path, flags);
    return this.note("open", [number, flags, result], result);
  }

  ftruncate(descriptor: number, length: bigint): number {
    const description = this.process.description(descriptor);
    const inode = description?.kind === "file" ? description.file.inode : -1;
    const dropped = this.recorder.pagesBehind(this.process, inode, Math.ceil(Number(length) / PAGE_SIZE));
    const result = this.process.ftruncate(descriptor, length);
    return this.note("ftruncate", [descriptor, length], result, result === 0 ? { dropped } : {});
  }

  close(descriptor: number): number {
    return this.note("close", [descriptor], this.process.close(descriptor));
  }

  read(descriptor: number, address: bigint, length: bigint): number {
    return this.process.read(descriptor, address, length);
  }

  processVmRead(pid: number, address: bigint, into: Uint8Array): number {
    const result = this.process.processVmRead(pid, address, into);
    return this.note("vmread", [this.recorder.numberOf(pid), address, into.length, 0], result);
  }

  processVmWrite(pid: number, address: bigint, from: Uint8Array): number {
    const result = this.process.processVmWrite(pid, address, from);
    return this.note("vmwrite", [this.recorder.numberOf(pid), address, from.length, from[0] ?? 0], result);
  }

  fork(): number {
    const pid = this.process.fork();
    if (pid === INTERRUPTED) return pid;
    this.note("fork", [this.recorder.numberOf(pid)], 0);
    return pid;
  }

  exec(): number {
    const result = this.process.exec();
    this.note("exec", [], result);
    this.isFresh = true;
    return result;
  }

  exit(code: number): void {
    this.note("exit", [], 0);
    this.process.exit(code);
  }

  load(address: number, into: Uint8Array): void {
    this.access("load", address, into.length, 0, () => this.process.load(address, into));
  }

  store(address: number, from: Uint8Array): void {
    this.access("store", address, from.length, from[0] ?? 0, () => this.process.store(address, from));
  }

  userfaultfd = refuse;
  ioctl = refuse;
  openPagemap = refuse;
  openMaps = refuse;
  readPagemap = refuse;
  clearRefs = refuse;

  private access(call: "load" | "store", address: number, length: number, byte: number, run: () => void): void {
    this.begin();
    try {
      run();
      this.note(call, [address, length, byte], accessResult(length, 0));
    } catch (error) {
      if (error instanceof MemoryFault) {
        const result = accessResult(error.address - address, SIGNALS[error.signal]);
        this.note(call, [address, length, byte], result);
      }
      throw error;
    }
  }

  private note(call: CallName, args: readonly (number | bigint)[], result: number, rest = {}): number {
    // It will be made again, and is one call to the live kernel.
    if (result === INTERRUPTED) return result;
    this.recorder.note(this.process, call, args, result, rest);
    return result;
  }

  /** A program's first operation is a store, the return address of its first function. */
  private begin(): void {
    if (!this.isFresh) return;
    this.isFresh = false;
    for (const { call, args, result } of freshMemory(this.process)) this.note(call, args, result);
  }
}

/** A program that watches itself can't be watched by another: these are the differential test's. */
function refuse(): never {
  throw new Error("programs of this suite don't watch themselves");
}
