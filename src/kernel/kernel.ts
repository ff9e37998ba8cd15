// The kernel interface: the system-call surface itself. The tracker is written over this, once, for every kernel.
import type { Disposable } from "../common/disposable.ts";
import type { Mapping } from "../memory/mapping.ts";
import type { RegionVector } from "./region-vector.ts";

/** One PAGEMAP_SCAN: the fields of struct pm_scan_arg, addresses as page numbers, masks as Category bits. */
export interface ScanRequest {
  readonly start: number;
  readonly end: number;
  /** PagemapScan.WP_MATCHING, PagemapScan.CHECK_WPASYNC or 0. */
  readonly flags: number;
  readonly inverted: number;
  /** All of these must be set (after inversion) for a page to match. */
  readonly required: number;
  /** Where not 0: at least one of these must be set (after inversion). */
  readonly anyOf: number;
  /** Which categories the regions report; pages that differ only in others join into one region. */
  readonly returned: number;
  /** 0 for no limit. */
  readonly maxPages?: number;
}

export interface ScanResult {
  /** How many regions of the vector were filled. */
  readonly regions: number;
  /** The page at which the walk ended: the request's end when all of it was seen. */
  readonly walkEnd: number;
}

/** An open /proc/PID/pagemap. It keeps belonging to the memory it was opened on: after exec it answers ESRCH. */
export interface Pagemap {
  /**
   * One PAGEMAP_SCAN ioctl, not repeated: loop on walkEnd for more than the vector holds.
   * @throws {KernelError} EPERM only with CHECK_WPASYNC; ESRCH when the memory is gone; ENOTTY before Linux 6.7.
   */
  scan(request: ScanRequest, into: RegionVector): ScanResult;
  /** The same on another thread, so that the vector filled before can be read meanwhile. One at a time. */
  scanAhead(request: ScanRequest, into: RegionVector): Promise<ScanResult>;
  /**
   * read(2): what stands in the page tables for pages [start, end), a number of 64 bits each as two words, low first.
   * @throws {KernelError} as the kernel's.
   */
  entries(start: number, end: number): Uint32Array;
  close(): void;
}

/** A userfaultfd of the debuggee, held by us. Closing it disarms all it had armed. */
export interface Userfaultfd {
  /**
   * UFFDIO_API, once a descriptor.
   * @returns the features the kernel offers.
   * @throws {KernelError} EINVAL where a feature asked for is not offered.
   */
  negotiate(features: number): number;
  /** UFFDIO_REGISTER in write-protect mode over pages [start, end). */
  register(start: number, end: number): void;
  /** UFFDIO_UNREGISTER over pages [start, end). */
  unregister(start: number, end: number): void;
  /** UFFDIO_WRITEPROTECT over pages [start, end), which must be registered. */
  writeProtect(start: number, end: number): void;
  /** The same with mode 0: lets stores through, and wakes the threads whose stores wait there. */
  unprotect(start: number, end: number): void;
  /**
   * Stores that wait and were not read before (read(2) of struct uffd_msg), oldest first; none where it was negotiated with WP_ASYNC.
   * Never blocks. One that waits no more, for a signal or the thread's end, is not told.
   */
  readFaults(): readonly WriteFault[];
  /** Calls the listener whenever faults may wait to be read, and once more for faults that waited before; one listener at a time. */
  onFault(listener: () => void): Disposable;
  close(): void;
}

/** A store that waits in its page fault: UFFD_EVENT_PAGEFAULT. */
export interface WriteFault {
  /** The first byte that it would write, exact where UFFD_FEATURE_EXACT_ADDRESS was negotiated. */
  readonly address: number;
  /** The system's number of the thread that waits, which is another process's where that one writes (ptrace, process_vm_writev). */
  readonly threadId: number;
  /** Whether write protection made it wait (UFFD_PAGEFAULT_FLAG_WP). */
  readonly writeProtected: boolean;
}

/** What a thread that does not run is about, as /proc/PID/task/TID/syscall tells it. */
export type BlockedCall =
  | {
      /** It waits outside of system calls: in the fault of an instruction of its own, whose address `pc` is, or stopped. */
      readonly kind: "store";
      readonly pc: number;
      readonly sp: number;
    }
  | {
      readonly kind: "system call";
      readonly number: number;
      /** Six of them, as signed numbers; exact up to 2^53. */
      readonly args: readonly number[];
      /** Behind the instruction that made the call. */
      readonly pc: number;
      readonly sp: number;
    };

export interface ThreadState {
  readonly id: number;
  readonly name: string;
  /** As /proc/PID/stat has it: R, S, D, T, t, Z, … */
  readonly state: string;
  /** What it is about, where it does not run. */
  readonly call?: BlockedCall;
}

/** A buffer that an io_uring may fill. */
export interface DeviceBuffer {
  readonly address: number;
  readonly bytes: number;
  /** The ring's descriptor in the process. */
  readonly descriptor: number;
}

/** What devices may write of a process's memory. */
export interface DeviceMemory {
  readonly buffers: readonly DeviceBuffer[];
  /** Pages pinned for devices in all, those of the buffers included; 0 where nobody counts them. */
  readonly pinnedPages: number;
  /** Descriptors of io_urings with requests that may be under way: begun, and not told as done. */
  readonly busyRings: readonly number[];
}

export interface ProcessStatus {
  /** Text of /proc/PID/status (proc_pid_status(5)). */
  readonly process: string;
  /** The same of the process that asks. */
  readonly own: string;
  /** The file that it runs, as /proc/PID/exe names it; left out where that can't be asked. */
  readonly executable?: string;
  /** Whether that is the program asked about; left out where it can't be told: the program is a script, or not found. */
  readonly runsProgram?: boolean;
  /**
   * Whether its tracer descends from the process that started the one that asks. That is VS Code's extension host, or the trace command, and
   * both start debug adapters.
   */
  readonly tracedFromHere: boolean;
  /** Its descriptors that are userfaultfds, ascending. */
  readonly userfaultfds: readonly number[];
}

/** A thread's registers as a core file has them. */
export interface ThreadRegisters {
  readonly id: number;
  /** struct user_regs_struct; undefined where they are not known. */
  readonly registers?: Uint8Array | undefined;
  /** struct user_fpregs_struct. */
  readonly floatingPoint?: Uint8Array | undefined;
}

export interface Kernel {
  /** "uffd-wp" on Linux, "simulated" on the simulator. */
  readonly backend: string;
  openPagemap(pid: number): Pagemap;
  /** pidfd_getfd and the userfaultfd calls on what it gave: takes a copy of the debuggee's descriptor. */
  takeUserfaultfd(pid: number, descriptor: number): Userfaultfd;
  /**
   * All mappings of the process, in address order, as /proc/PID/maps lists them.
   * @param before the list of an earlier call: a kernel may give the same objects again where nothing changed.
   */
  mappings(pid: number, before?: readonly Mapping[]): readonly Mapping[];
  /**
   * Reads memory: [start, end) page runs, one after another into `into`.
   * @returns how many bytes were read; less than asked where a page could not be read.
   */
  readPages(pid: number, runs: Float64Array, into: Uint8Array): number;
  /**
   * Reads one page that {@link readPages} may not, since the program itself may not now (mprotect); a kernel without the method has none.
   * @returns bytes read; 0 where it can't be.
   */
  readProtected?(pid: number, page: number, into: Uint8Array): number;
  /**
   * Copies pages within a process that stands, [start, end) to those from `to` on.
   * @throws {KernelError} EPERM, ESRCH; EFAULT where a page could not be read or written.
   */
  copyPages?(pid: number, start: number, end: number, to: number): void;
  /**
   * Page numbers where mappings begin that are locked in memory (mlock, VM_LOCKED), in address order; a kernel without the method locks none.
   */
  lockedMappings?(pid: number): readonly number[];
  /** Bytes in a page of the mapping at `page` (larger for hugetlb); undefined where the kernel can't tell. */
  mappingPageSize(pid: number, page: number): number | undefined;
  /** How many threads the process has; 0 when it is gone. */
  threadCount(pid: number): number;
  /** Whether the process's pages may be in swap: then a page that is not present may still have been written. */
  hasSwap(pid: number): boolean;
  /**
   * What devices may write; a kernel without devices has no such method.
   * @param before an earlier answer, which may save looks at what was open then; absent: looks at everything.
   */
  deviceMemory?(pid: number, before?: DeviceMemory): DeviceMemory;
  /**
   * Descriptors of the files that the process has open for direct I/O (O_DIRECT); a kernel without devices has no such method.
   * @returns undefined where there are too many descriptors to look at each.
   */
  directFiles?(pid: number): readonly number[] | undefined;
  /**
   * What the kernel says of a process or a thread; a simulated kernel has no such method.
   * @param program path of a program, to learn whether that is what it runs.
   * @returns undefined where there is none of that number.
   */
  status?(pid: number, program?: string): ProcessStatus | undefined;
  /**
   * What a thread waits in.
   * @returns undefined where it runs, and where the process has no such thread.
   */
  blockedCall?(pid: number, threadId: number): BlockedCall | undefined;
  /**
   * How many page faults of the thread the kernel has dealt with to their end: rises when a store that waited is done, and not while
   * it is interrupted and waits anew.
   * @returns undefined where the process has no such thread.
   */
  faultsDone?(pid: number, threadId: number): number | undefined;
  /**
   * Sends a signal to one thread, if a debugger holds it; a simulated kernel has no such method.
   * @returns whether it was sent.
   */
  interrupt?(pid: number, threadId: number, signal: number): boolean;
  /**
   * How many bytes the instruction at an address stores, of which it is known that it does; Infinity for one that repeats itself.
   * @returns undefined where that can't be told; so does a kernel without the method.
   */
  storeWidth?(pid: number, pc: number): number | undefined;
  /**
   * Runs one system call in a process that nobody traces, in one of its threads, which stands for some hundred microseconds; see
   * src/kernel/linux/ptrace. Only for calls that do not wait, and not while any other tracer's work on the process is under way.
   * @returns what the call returned in the process: a negative number is -errno.
   * @throws {KernelError} the kernel refused to attach; {Error} it would harm the process, or can't be done now: nothing was done to it.
   */
  injectCall?(pid: number, number: number, args: readonly number[]): Promise<number>;
  /**
   * Has all threads of a process stand that nobody traces, without a signal; it stands until {@link release}, or until we end.
   * @throws {KernelError}, {Error} as {@link injectCall}; nothing stands then.
   */
  hold?(pid: number): Promise<void>;
  /** Lets a held process go; one that was stopped by a signal before stays so. */
  release?(pid: number): Promise<void>;
  /** Lets a held process go, and holds it again after so many milliseconds, or as soon as {@link hold} is called. */
  runFor?(pid: number, milliseconds: number): Promise<void>;
  /** The registers of a held process's threads, the first thread's first; none where it is not held. */
  heldRegisters?(pid: number): readonly ThreadRegisters[];
  /** The threads of a process; none when it is gone. */
  threads?(pid: number): readonly ThreadState[];
  /** Whether a debugger or a signal holds the thread, so that it waits in no fault until it goes on; absent: never. */
  isStopped?(pid: number, threadId: number): boolean;
  /** Whether the process still exists and is not a zombie. */
  isAlive(pid: number): boolean;
}
