// What a program can ask of the simulated kernel: the memory calls of Linux, with its own numbers, flags and errors.

/**
 * A process's calls. mmap, munmap, mprotect, mremap, madvise, ioctl and fork may be {@link INTERRUPTED}; mmap, mremap, madvise, ioctl, read,
 * processVmRead and processVmWrite may answer {@link WAITS}. Addresses, lengths and offsets are unsigned 64-bit values of any size, as the registers that carry them;
 * each call answers what the real one returns, and -errno (a negative `Errno`) where that fails. Constants are those of abi.ts.
 */
export interface SystemCalls {
  /** mmap(2). @returns the mapping's address. `file` is a descriptor, or -1 with MAP_ANONYMOUS. */
  mmap(address: bigint, length: bigint, protection: number, flags: number, file: number, offset: bigint): number;
  munmap(address: bigint, length: bigint): number;
  mprotect(address: bigint, length: bigint, protection: number): number;
  /** mremap(2). @returns the mapping's new address. */
  mremap(address: bigint, oldLength: bigint, newLength: bigint, flags: number, newAddress: bigint): number;
  /** brk(2) as the kernel has it: answers the break that holds afterwards, whatever was asked. */
  brk(address: bigint): number;
  madvise(address: bigint, length: bigint, advice: number): number;
  /** memfd_create(2) without flags: a file that lives in memory. @returns a descriptor. */
  memfdCreate(name: string): number;
  /** open(2) of a file the machine holds (see Machine.createFile). @returns a descriptor. */
  open(path: string, flags: number): number;
  ftruncate(descriptor: number, length: bigint): number;
  close(descriptor: number): number;
  /** userfaultfd(2). @returns a descriptor. */
  userfaultfd(flags: number): number;
  /**
   * read(2) of a userfaultfd's messages into the program's memory; of any other file EINVAL.
   * @returns bytes: 32 a message.
   */
  read(descriptor: number, address: bigint, length: bigint): number;
  /**
   * ioctl(2) on a userfaultfd, a pagemap or maps. `argument` is the struct's address in the calling process's memory; or its u64 words,
   * in and out, of whoever calls from outside. Regions of PAGEMAP_SCAN go to the process's memory, at the struct's `vec`.
   */
  ioctl(descriptor: number, request: number, argument: bigint | BigUint64Array): number;
  /** open(2) of /proc/PID/pagemap. @returns a descriptor for PAGEMAP_SCAN and readPagemap. */
  openPagemap(pid: number): number;
  /** open(2) of /proc/PID/maps. @returns a descriptor for PROCMAP_QUERY; its text can't be read. */
  openMaps(pid: number): number;
  /** pread(2) of a pagemap: one u64 a page from page number `first` on. @returns how many were filled. */
  readPagemap(descriptor: number, first: bigint, into: BigUint64Array): number;
  /** Writing to /proc/self/clear_refs: 4 begins a new account of soft-dirty pages. */
  clearRefs(kind: number): number;
  /** process_vm_readv(2) of one range. @returns bytes read, fewer where a page could not be. */
  processVmRead(pid: number, address: bigint, into: Uint8Array): number;
  /** process_vm_writev(2) of one range. @returns bytes written, fewer where a page could not be. */
  processVmWrite(pid: number, address: bigint, from: Uint8Array): number;
  /** fork(2). @returns the child's PID; Machine.process finds it. */
  fork(): number;
  /** execve(2), as far as memory goes: everything is replaced by a fresh program's mappings. */
  exec(): number;
  /** _exit(2). */
  exit(code: number): void;
  /**
   * The program's own loads. @throws {HeldAccess} a userfaultfd holds it: it is to be made again, from the byte that is held on, once the
   * wait is over; {MemoryFault} as the processor and the kernel raise it; what lay before the fault was read.
   * @param call number of the system call in which the kernel loads for the program; absent: an instruction of its own does.
   */
  load(address: number, into: Uint8Array, call?: number): void;
  /** The program's own stores: of up to 8 bytes all or none. @throws {HeldAccess}; {MemoryFault} what lay before the fault was written. */
  store(address: number, from: Uint8Array, call?: number): void;
}

/**
 * What a call answers that was interrupted because the machine's Work is spent (ERESTARTSYS): the same call, made again, goes on where
 * it was. Until then no other call may be made.
 */
export const INTERRUPTED = -512;

/**
 * What a call answers that waits, in a fault of its own or for something to read: the same call, made again by the same thread once its
 * task's wait is over, goes on where it was. Other threads go on meanwhile.
 */
export const WAITS = -513;

/** A call that the kernel never lets end: it tries over and over, until the process is killed. */
export class NeverReturns extends Error {
  constructor(what: string) {
    super(`${what} never returns`);
    this.name = "NeverReturns";
  }
}

/** A signal the kernel would send for an access (include/uapi/asm-generic/siginfo.h). */
export class MemoryFault extends Error {
  readonly signal: "SIGSEGV" | "SIGBUS";
  /**
   * SEGV_MAPERR: nothing is mapped there. SEGV_ACCERR: the mapping does not allow it. BUS_ADRERR: beyond the file's end. SI_KERNEL:
   * no page table could translate it; the address told is 0.
   */
  readonly reason: "SEGV_MAPERR" | "SEGV_ACCERR" | "BUS_ADRERR" | "SI_KERNEL";
  readonly address: number;
  readonly isWrite: boolean;

  constructor(reason: MemoryFault["reason"], address: number, isWrite: boolean) {
    const signal = reason === "BUS_ADRERR" ? "SIGBUS" : "SIGSEGV";
    super(`${signal} (${reason}) at 0x${address.toString(16)}, ${isWrite ? "writing" : "reading"}`);
    this.name = "MemoryFault";
    this.signal = signal;
    this.reason = reason;
    this.address = address;
    this.isWrite = isWrite;
  }
}

/** Bits of an address that are translated; all above are like the highest of them. */
const VIRTUAL_BITS = 48;

/** The signal for an access to where nothing is, or can be, mapped. */
export function unmappedFault(address: bigint, isWrite: boolean): MemoryFault {
  const isCanonical = BigInt.asUintN(64, BigInt.asIntN(VIRTUAL_BITS, address)) === address;
  if (isCanonical) return new MemoryFault("SEGV_MAPERR", Number(address), isWrite);
  // The processor refuses it before any fault, and does not tell the address.
  return new MemoryFault("SI_KERNEL", 0, isWrite);
}
