// One process's memory (struct mm_struct): its areas, its page tables, and who watches them change.
import type { Frames } from "./frames.ts";
import type { Machine } from "./machine.ts";
import { PageTable } from "./page-table.ts";
import { VmaList } from "./vma-list.ts";
import type { ChangeObserver } from "./walker.ts";
import { splitHugeAt } from "./zap.ts";

/** What the memory has cost so far. */
export interface MemoryCounters {
  /** Page faults, those of the kernel's own accesses too. */
  faults: number;
  /** Faults that only took a userfaultfd's protection away. */
  protectionFaults: number;
}

export class AddressSpace {
  readonly machine: Machine;
  readonly vmas = new VmaList(page => splitHugeAt(this, page));
  readonly table = new PageTable();
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

  constructor(machine: Machine) {
    this.machine = machine;
  }

  get frames(): Frames {
    return this.machine.frames;
  }

  /** Pages of page tables, upper levels included. */
  get tables(): number {
    return this.table.tables;
  }
}
