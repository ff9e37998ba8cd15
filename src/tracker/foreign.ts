// Memory that the program watches itself, by a userfaultfd of its own: its written pages are the program's news, not ours to take.
import type { Kernel, Pagemap, Userfaultfd } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import type { RegionVector } from "../kernel/region-vector.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { PageSet } from "../memory/page-set.ts";
import * as Scans from "./scans.ts";

export class ForeignMemory {
  /** Pages that are registered, and not with us. */
  pages = PageSet.EMPTY;
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;
  private readonly vector: RegionVector;
  /** Pages that were registered outside what we had armed, when it was last asked whose they are. */
  private asked = PageSet.EMPTY;

  /** @param vector for short scans. */
  constructor(kernel: Kernel, pid: number, pagemap: Pagemap, userfaultfd: Userfaultfd, vector: RegionVector) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = pagemap;
    this.userfaultfd = userfaultfd;
    this.vector = vector;
  }

  /**
   * Looks between the armed pages for registered ones, before a scan re-arms them: the kernel passes over mappings that are not
   * registered at all, so that each gap costs one short call.
   */
  look(armed: PageSet): void {
    const outside = this.registeredOutside(armed);
    if (outside.equals(this.asked)) return;
    this.asked = outside;
    const foreign: [number, number][] = [];
    if (!outside.isEmpty) {
      for (const { start, end } of this.kernel.mappings(this.pid)) {
        for (const [first, last] of outside.clip(start, end).pairs())
          if (!this.isOurs(first, last)) foreign.push([first, last]);
      }
    }
    this.pages = PageSet.from(foreign);
  }

  private registeredOutside(armed: PageSet): PageSet {
    const found: [number, number][] = [];
    let from = 0;
    for (const [start, end] of [...armed.pairs(), [USER_PAGES_END, USER_PAGES_END]]) {
      if (from < start) found.push(...Scans.scanSet(this.pagemap, Scans.REGISTERED, this.vector, from, start).pairs());
      from = end;
    }
    return PageSet.from(found);
  }

  /** A stack or a mapping that grew is registered with us already, and registering it again changes nothing. */
  private isOurs(start: number, end: number): boolean {
    try {
      this.userfaultfd.register(start, end);
      return true;
    } catch (error) {
      if (error instanceof KernelError && error.code !== "ESRCH" && error.code !== "ENOMEM") return false;
      throw error;
    }
  }
}
