// A simulated process: its descriptors and its memory, and the calls on them.
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE, USER_PAGES_END } from "../../memory/page.ts";
import { MapFlag, OpenFlag, ProcmapQuery, SystemCall, Uffd } from "../abi.ts";
import { Errno } from "../errno.ts";
import { AddressSpace, type Host } from "./address-space.ts";
import { madvise } from "./advise.ts";
import { Refusal } from "./fault.ts";
import { forkMemory } from "./fork.ts";
import { loadProgram } from "./load-program.ts";
import { brk, mmap, munmap, unmapPages } from "./map.ts";
import { listMappings, queryMapping } from "./mapping-query.ts";
import type { MemoryFile } from "./memory-file.ts";
import { mprotect } from "./mprotect.ts";
import type { Description } from "./open-file.ts";
import { orNoMemory } from "./out-of-memory.ts";
import { pagemapIoctl } from "./pagemap-ioctl.ts";
import { clearRefs, readPagemap } from "./pagemap-read.ts";
import { type Reached, reachByte, readBytes, transferRemote, writeBytes } from "./populate.ts";
import { mremap } from "./remap.ts";
import { INTERRUPTED, MemoryFault, type SystemCalls, unmappedFault, WAITS } from "./system-calls.ts";
import { copyOut, structAt, structOf, type UserStruct } from "./user-struct.ts";
import { readUserfaultfd, releaseUserfaultfd, userfaultfdIoctl } from "./userfaultfd.ts";
import { UserfaultfdContext } from "./userfaultfd-context.ts";
import { HeldAccess, Task } from "./waiting.ts";
import { finished, type Resumable } from "./work.ts";

/** Descriptors 0 to 2 are the standard streams. */
const FIRST_DESCRIPTOR = 3;
/** What one instruction stores at once. */
const WORD_BYTES = 8;
/** Who accesses a process's memory from outside of the machine. */
const OUTSIDE = new Task(0);
/** RLIMIT_NOFILE. */
const MOST_DESCRIPTORS = 1024;

/** The computer as its processes see it: its files, and the other processes. */
export interface Computer extends Host {
  process(pid: number): Process | undefined;
  /** A process with that memory: a forked child. */
  adopt(name: string, mm: AddressSpace): Process;
  /** Forgets a process that has ended, once it has been waited for. */
  reap(pid: number): void;
  /** Creates a file on disk of so many bytes, all zero, that processes can open by its path. */
  createFile(path: string, bytes: number): void;
  file(path: string): MemoryFile | undefined;
  newMemfd(name: string): MemoryFile;
  /** Gives a file another size; pages beyond it go, private copies of them too. */
  truncate(file: MemoryFile, bytes: number): void;
}

export class Process implements SystemCalls {
  readonly machine: Computer;
  readonly pid: number;
  readonly name: string;
  /** Replaced by exec. */
  mm: AddressSpace;
  /** How many threads run in it; they share everything here. */
  threads = 1;
  isAlive = true;
  exitCode: number | undefined;
  private readonly descriptors = new Map<number, Description>();
  /** Descriptors that exec closes (O_CLOEXEC). */
  private readonly closedOnExec = new Set<number>();
  /** Its threads by their numbers. */
  readonly tasks = new Map<number, Task>();
  /** The thread whose calls and accesses these are. */
  task: Task;

  /** @param mm its memory; absent: that of a program freshly loaded. */
  constructor(machine: Computer, pid: number, name: string, mm?: AddressSpace) {
    this.machine = machine;
    this.pid = pid;
    this.name = name;
    this.mm = mm ?? loadProgram(machine, name);
    this.task = this.addTask(pid);
  }

  /** A thread more. @param id as gettid(2) answers it there. */
  addTask(id: number): Task {
    const task = new Task(id);
    this.tasks.set(id, task);
    return task;
  }

  /** As /proc/PID/maps lists them. */
  mappings(): Mapping[] {
    return this.isAlive ? listMappings(this.mm) : [];
  }

  /** What a descriptor refers to. */
  description(descriptor: number): Description | undefined {
    return this.descriptors.get(descriptor);
  }

  /** Whether a descriptor refers to the file. */
  hasOpen(file: MemoryFile): boolean {
    for (const description of this.descriptors.values()) {
      if (description.kind === "file" && description.file === file) return true;
    }
    return false;
  }

  mmap(address: bigint, length: bigint, protection: number, flags: number, file: number, offset: bigint): number {
    const description = flags & MapFlag.ANONYMOUS ? undefined : this.descriptors.get(file);
    return this.perform(
      () => mmap(this.mm, address, length, protection, flags, description, offset),
      SystemCall.mmap,
      ...[address, length, protection, flags, file, offset],
    );
  }

  munmap(address: bigint, length: bigint): number {
    return this.perform(() => munmap(this.mm, address, length), SystemCall.munmap, address, length);
  }

  mprotect(address: bigint, length: bigint, protection: number): number {
    return this.perform(
      () => mprotect(this.mm, address, length, protection),
      SystemCall.mprotect,
      ...[address, length, protection],
    );
  }

  mremap(address: bigint, oldLength: bigint, newLength: bigint, flags: number, newAddress: bigint): number {
    return this.perform(
      () => mremap(this.mm, address, oldLength, newLength, flags, newAddress),
      SystemCall.mremap,
      ...[address, oldLength, newLength, flags, newAddress],
    );
  }

  brk(address: bigint): number {
    return brk(this.mm, address);
  }

  madvise(address: bigint, length: bigint, advice: number): number {
    return this.perform(
      () => madvise(this.mm, address, length, advice),
      SystemCall.madvise,
      ...[address, length, advice],
    );
  }

  memfdCreate(name: string): number {
    return this.newDescriptor({ kind: "file", file: this.machine.newMemfd(name), isWritable: true });
  }

  open(path: string, flags: number): number {
    const file = this.machine.file(path);
    if (!file) return -Errno.ENOENT;
    return this.newDescriptor({ kind: "file", file, isWritable: (flags & OpenFlag.RDWR) !== 0 }, flags);
  }

  ftruncate(descriptor: number, length: bigint): number {
    if (length > 0x7fffffffffffffffn) return -Errno.EINVAL;
    const description = this.descriptors.get(descriptor);
    if (!description) return -Errno.EBADF;
    if (description.kind !== "file" || !description.isWritable) return -Errno.EINVAL;
    this.machine.truncate(description.file, Number(length));
    return 0;
  }

  close(descriptor: number): number {
    const description = this.descriptors.get(descriptor);
    if (!description) return -Errno.EBADF;
    this.descriptors.delete(descriptor);
    this.closedOnExec.delete(descriptor);
    dropDescription(description);
    if (description.kind === "file" && description.file.inMemory) this.machine.dropUnused(description.file);
    return 0;
  }

  userfaultfd(flags: number): number {
    if (flags & ~(OpenFlag.CLOEXEC | OpenFlag.NONBLOCK | Uffd.USER_MODE_ONLY)) return -Errno.EINVAL;
    const isNonblocking = (flags & OpenFlag.NONBLOCK) !== 0;
    const context = new UserfaultfdContext(this.mm, flags);
    return this.newDescriptor({ kind: "userfaultfd", context, isNonblocking }, flags);
  }

  read(descriptor: number, address: bigint, length: bigint): number {
    return this.perform(
      () => this.reading(descriptor, address, length),
      SystemCall.read,
      ...[descriptor, address, length],
    );
  }

  private *reading(descriptor: number, address: bigint, length: bigint): Resumable<number> {
    const description = this.descriptors.get(descriptor);
    if (!description) return -Errno.EBADF;
    if (description.kind !== "userfaultfd") return -Errno.EINVAL;
    const { context, isNonblocking } = description;
    const struct = structAt(this.mm, address);
    const put = (offset: number, message: Uint8Array) => struct.write(offset, message);
    return yield* readUserfaultfd(context, length, !isNonblocking, put);
  }

  ioctl(descriptor: number, request: number, argument: bigint | BigUint64Array): number {
    const description = this.descriptors.get(descriptor);
    if (!description) return -Errno.EBADF;
    const struct = typeof argument === "bigint" ? structAt(this.mm, argument) : structOf(argument);
    const place = typeof argument === "bigint" ? argument : 0n;
    return this.perform(
      () => this.controlling(description, request, struct),
      SystemCall.ioctl,
      ...[descriptor, request, place],
    );
  }

  private *controlling(description: Description, request: number, struct: UserStruct): Resumable<number> {
    switch (description.kind) {
      case "userfaultfd":
        return yield* userfaultfdIoctl(description.context, request, struct);
      case "pagemap":
        return yield* pagemapIoctl(description.mm, request, struct, (at, bytes) => copyOut(this.mm, at, bytes));
      case "maps":
        if (request !== ProcmapQuery.REQUEST || !this.machine.profile.mappingQuery) return -Errno.ENOTTY;
        return yield* queryMapping(description.mm, struct);
      case "file":
        return -Errno.ENOTTY;
    }
  }

  openPagemap(pid: number): number {
    return this.openMemory("pagemap", pid);
  }

  openMaps(pid: number): number {
    return this.openMemory("maps", pid);
  }

  private openMemory(kind: "pagemap" | "maps", pid: number): number {
    const process = this.machine.process(pid);
    if (!process) return -Errno.ENOENT;
    // One that has ended and is not waited for yet is still there, but its memory is not.
    return process.isAlive ? this.newDescriptor({ kind, mm: process.mm }) : -Errno.ESRCH;
  }

  readPagemap(descriptor: number, first: bigint, into: BigUint64Array): number {
    const description = this.descriptors.get(descriptor);
    if (description?.kind === "userfaultfd") return -Errno.ESPIPE;
    if (description?.kind === "maps") return -Errno.EINVAL;
    // Behind the end of any file here.
    if (description?.kind === "file") return 0;
    if (description?.kind !== "pagemap") return -Errno.EBADF;
    return description.mm.isAlive ? readPagemap(description.mm, Number(first), into) : 0;
  }

  clearRefs(kind: number): number {
    return clearRefs(this.mm, kind);
  }

  processVmRead(pid: number, address: bigint, into: Uint8Array): number {
    // Nobody is looked for to copy nothing.
    if (into.length === 0) return 0;
    const mm = this.machine.process(pid)?.mm;
    if (!mm?.isAlive) return -Errno.ESRCH;
    return this.transfer(SystemCall.process_vm_readv, pid, transferRemote(mm, Number(address), into, false));
  }

  processVmWrite(pid: number, address: bigint, from: Uint8Array): number {
    if (from.length === 0) return 0;
    const mm = this.machine.process(pid)?.mm;
    if (!mm?.isAlive) return -Errno.ESRCH;
    return this.transfer(SystemCall.process_vm_writev, pid, transferRemote(mm, Number(address), from, true));
  }

  private transfer(number: number, pid: number, move: Resumable<number>): number {
    const begin = function* (): Resumable<number> {
      return (yield* move) || -Errno.EFAULT;
    };
    return this.perform(begin, number, pid);
  }

  /** A debugger reads the memory; it never waits. @returns how many bytes could be read. */
  peek(address: number, into: Uint8Array): number {
    this.machine.task = OUTSIDE;
    return orNoMemory(() => readBytes(this.mm, address, into, "debugger").done);
  }

  /** A debugger writes to the memory. @returns how many bytes could be written: not those that a userfaultfd holds. */
  poke(address: number, from: Uint8Array): number {
    this.machine.task = OUTSIDE;
    return orNoMemory(() => writeBytes(this.mm, address, from, "debugger").done);
  }

  fork(): number {
    return this.perform(() => this.forking(), SystemCall.fork);
  }

  private *forking(): Resumable<number> {
    const mm = new AddressSpace(this.machine);
    try {
      yield* forkMemory(this.mm, mm);
    } catch (error) {
      discardMemory(mm);
      throw error;
    }
    const child = this.machine.adopt(this.name, mm);
    for (const [descriptor, description] of this.descriptors) {
      if (description.kind === "userfaultfd") description.context.references += 1;
      child.descriptors.set(descriptor, description);
    }
    for (const descriptor of this.closedOnExec) child.closedOnExec.add(descriptor);
    return child.pid;
  }

  exec(): number {
    this.leaveMemory();
    for (const descriptor of [...this.closedOnExec]) this.close(descriptor);
    this.mm = loadProgram(this.machine, this.name);
    this.threads = 1;
    return 0;
  }

  exit(code: number): void {
    if (!this.isAlive) return;
    this.exitCode = code;
    this.leaveMemory();
    this.isAlive = false;
    for (const descriptor of [...this.descriptors.keys()]) this.close(descriptor);
  }

  load(address: number, into: Uint8Array, call?: number): void {
    const waited = this.beginAccess(call);
    this.raise(readBytes(this.mm, address, into, call === undefined ? "instruction" : "system call"), address, false);
    if (waited) this.endWait();
  }

  store(address: number, from: Uint8Array, call?: number): void {
    const waited = this.beginAccess(call);
    // One instruction's store across the end of a page needs both pages before it changes either.
    const before = PAGE_SIZE - (address % PAGE_SIZE);
    if (call === undefined && from.length <= WORD_BYTES && before < from.length) {
      const next = address + before;
      // What has waited goes on in the fault in which it was, before the instruction is made anew.
      if (waited && this.task.heldAt === next) this.raise(reachByte(this.mm, next, true), next, true, 0);
      this.raise(reachByte(this.mm, address, true), address, true);
      this.raise(reachByte(this.mm, next, true), next, true, 0);
    }
    const how = call === undefined ? "instruction" : "system call";
    this.raise(writeBytes(this.mm, address, from, how), address, true);
    if (waited) this.endWait();
  }

  private endWait(): void {
    this.task.faultsDone += 1;
    this.machine.waits.done.fire();
  }

  /** @returns whether the access goes on that has waited: within its fault, which ends with it. */
  private beginAccess(call: number | undefined): boolean {
    const { task, machine } = this;
    machine.task = task;
    const waited = task.waits !== undefined;
    task.waits = undefined;
    task.entered = call === undefined ? undefined : { number: call, args: [] };
    return waited;
  }

  /** Lets the thread wait, or gives it the signal, where its access was refused. @param made bytes that were reached before. */
  private raise({ done, refusal, wait }: Reached, address: number, isWrite: boolean, made = done): void {
    if (refusal >= 0) return;
    const at = address + done;
    this.task.waits = wait;
    this.task.heldAt = at;
    if (wait) throw new HeldAccess(wait, at, made);
    if (refusal === Refusal.MAPERR) throw unmappedFault(BigInt(at), isWrite);
    throw new MemoryFault(refusal === Refusal.ACCERR ? "SEGV_ACCERR" : "BUS_ADRERR", at, isWrite);
  }

  private newDescriptor(description: Description, flags = 0): number {
    let descriptor = FIRST_DESCRIPTOR;
    while (this.descriptors.has(descriptor)) descriptor += 1;
    if (descriptor >= MOST_DESCRIPTORS) return -Errno.EMFILE;
    this.descriptors.set(descriptor, description);
    if (flags & OpenFlag.CLOEXEC) this.closedOnExec.add(descriptor);
    return descriptor;
  }

  /** Goes on with the call that the thread is in, or begins one. @returns its answer, INTERRUPTED or WAITS. */
  private perform(begin: () => Resumable<number>, number: number, ...args: readonly (bigint | number)[]): number {
    const { task, machine } = this;
    machine.task = task;
    if (task.call && task.isWaiting) return WAITS;
    const call = task.call ?? begin();
    task.call = undefined;
    task.waits = undefined;
    const answer = orNoMemory(() => {
      for (;;) {
        const { done, value } = call.next();
        if (done) return value;
        task.waits = value;
        if (!value && !machine.work.isSpent) continue;
        task.call = call;
        return value ? WAITS : INTERRUPTED;
      }
    });
    if (!task.call) task.entered = undefined;
    else task.entered ??= { number, args: args.map(arg => BigInt.asUintN(64, BigInt(arg))) };
    return answer;
  }

  private leaveMemory(): void {
    for (const task of this.tasks.values()) task.giveUp();
    discardMemory(this.mm);
  }
}

/** The memory ends, whoever still refers to it. */
function discardMemory(mm: AddressSpace): void {
  finished(unmapPages(mm, 0, USER_PAGES_END));
  mm.table.release();
  mm.isAlive = false;
}

/** One reference less. */
export function dropDescription(description: Description): void {
  if (description.kind !== "userfaultfd") return;
  description.context.references -= 1;
  if (description.context.references === 0) releaseUserfaultfd(description.context);
}
