// One process's memory (struct mm_struct): its areas, its page tables, and who watches them change.
import type { Frames } from "./frames.ts";
import type { HugetlbPool } from "./hugetlb-pool.ts";
import type { MemoryFile } from "./memory-file.ts";
import { PageTable } from "./page-table.ts";
import type { KernelProfile } from "./profile.ts";
import type { SwapArea } from "./swap-area.ts";
import { VmaList } from "./vma-list.ts";
import type { Task, WaitEvents } from "./waiting.ts";
import type { ChangeObserver } from "./walker.ts";
import type { Work } from "./work.ts";

/** What the memory has cost so far. */
export interface MemoryCounters {
  /** Page faults, those of the kernel's own accesses too. */
  faults: number;
  /** Faults that only took a userfaultfd's protection away. */
  protectionFaults: number;
}

/** The computer as memory sees it. */
export interface Host {
  readonly profile: KernelProfile;
  readonly frames: Frames;
  readonly swap: SwapArea;
  readonly hugetlb: HugetlbPool;
  readonly work: Work;
  readonly waits: WaitEvents;
  /** The thread that runs, to which faults happen. */
  task: Task;
  /** What heuristic overcommit lets a single mapping have (totalram). */
  readonly totalPages: number;
  /** RLIMIT_STACK, bytes. */
  readonly stackLimit: number;
  /** transparent_hugepage/enabled: madvise, or never. */
  readonly transparentHugePages: boolean;
  /** Pages of a file on disk that are read together. */
  readonly readAroundPages: number;
  /** The file behind shared memory of no file (shmem_zero_setup), or behind anonymous hugetlb memory. */
  newSharedMemory(bytes: number, hugetlb: boolean): MemoryFile;
  /** Takes pages [first, end) of a file out of its cache and out of every mapping, private copies too or not. */
  dropFilePages(file: MemoryFile, first: number, end: number, copiesToo: boolean): void;
  /** Forgets the pages of a file in memory that nothing maps and nobody has open any longer. */
  dropUnused(file: MemoryFile): void;
}

export class AddressSpace {
  readonly machine: Host;
  readonly vmas: VmaList;
  readonly table: PageTable;
  readonly observers = new Set<ChangeObserver>();
  readonly counters: MemoryCounters = { faults: 0, protectionFaults: 0 };
  /** The heap's first byte and one past its last (start_brk, brk). */
  startBrk = 0;
  brk = 0;
  /** A byte of the main stack, by which it is known. */
  startStack = 0;
  /** Where mmap looks for room, downwards: a page. */
  mmapBase = 0;
  /** False once the process has ended or called exec. */
  isAlive = true;

  constructor(machine: Host) {
    this.machine = machine;
    this.table = new PageTable(machine.frames, machine.work);
    this.vmas = new VmaList(page => this.table.splitAt(page), machine.profile);
  }

  get work(): Work {
    return this.machine.work;
  }

  get frames(): Frames {
    return this.machine.frames;
  }

  /** Pages of page tables, upper levels included. */
  get tables(): number {
    return this.table.tables;
  }
}
