// A simulated process: its descriptors and its memory, and the calls on them.
import type { Mapping } from "../../memory/mapping.ts";
import { USER_PAGES_END } from "../../memory/page.ts";
import { MapFlag, OpenFlag, ProcmapQuery, SystemCall, Uffd } from "../abi.ts";
import { Errno } from "../errno.ts";
import { AddressSpace, type Host } from "./address-space.ts";
import { madvise } from "./advise.ts";
import { forkMemory } from "./fork.ts";
import { loadProgram } from "./load-program.ts";
import { brk, mmap, munmap, unmapPages } from "./map.ts";
import { listMappings, queryMapping } from "./mapping-query.ts";
import type { MemoryFile } from "./memory-file.ts";
import { mprotect } from "./mprotect.ts";
import type { Description } from "./open-file.ts";
import { pagemapIoctl } from "./pagemap-ioctl.ts";
import { clearRefs, readPagemap } from "./pagemap-read.ts";
import { transferRemote } from "./populate.ts";
import { mremap } from "./remap.ts";
import type { SystemCalls } from "./system-calls.ts";
import { Threads } from "./threads.ts";
import { copyOut, structAt, structOf, type UserStruct } from "./user-struct.ts";
import { readUserfaultfd, releaseUserfaultfd, userfaultfdIoctl } from "./userfaultfd.ts";
import { UserfaultfdContext } from "./userfaultfd-context.ts";
import { finished, type Resumable } from "./work.ts";

/** Descriptors 0 to 2 are the standard streams. */
const FIRST_DESCRIPTOR = 3;
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

export class Process extends Threads<Computer> implements SystemCalls {
  readonly pid: number;
  readonly name: string;
  /** How many threads run in it; they share everything here. */
  threads = 1;
  isAlive = true;
  exitCode: number | undefined;
  private readonly descriptors = new Map<number, Description>();
  /** Descriptors that exec closes (O_CLOEXEC). */
  private readonly closedOnExec = new Set<number>();

  /** @param mm its memory; absent: that of a program freshly loaded. */
  constructor(machine: Computer, pid: number, name: string, mm?: AddressSpace) {
    super(machine, mm ?? loadProgram(machine, name), pid);
    this.pid = pid;
    this.name = name;
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

  private newDescriptor(description: Description, flags = 0): number {
    let descriptor = FIRST_DESCRIPTOR;
    while (this.descriptors.has(descriptor)) descriptor += 1;
    if (descriptor >= MOST_DESCRIPTORS) return -Errno.EMFILE;
    this.descriptors.set(descriptor, description);
    if (flags & OpenFlag.CLOEXEC) this.closedOnExec.add(descriptor);
    return descriptor;
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
