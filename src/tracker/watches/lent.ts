// Pages that the tracker has lent to watches: registered with the synchronous userfaultfd, and not with its own.
import type { Kernel, Pagemap, Userfaultfd } from "../../kernel/kernel.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import type { RegionVector } from "../../kernel/region-vector.ts";
import { PageSet } from "../../memory/page-set.ts";
import * as Scans from "../scans.ts";

export class Lent {
  readonly userfaultfd: Userfaultfd;
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly vector: RegionVector;
  /** Registered with the synchronous userfaultfd, and protected unless they are open. */
  pages = PageSet.EMPTY;
  /** Those of them whose stores are let through now. */
  private readonly open = new Set<number>();
  /** Let through since the last {@link collect}. */
  private opened = new Set<number>();

  constructor(kernel: Kernel, pid: number, userfaultfd: Userfaultfd, pagemap: Pagemap, vector: RegionVector) {
    this.kernel = kernel;
    this.pid = pid;
    this.userfaultfd = userfaultfd;
    this.pagemap = pagemap;
    this.vector = vector;
  }

  /** @throws {KernelError} as the kernel refuses; then nothing of it is taken. */
  take(start: number, end: number): void {
    this.userfaultfd.register(start, end);
    try {
      this.userfaultfd.writeProtect(start, end);
    } catch (error) {
      this.unregister(start, end);
      throw error;
    }
    this.pages = this.pages.union(PageSet.of(start, end));
  }

  /** Whoever waits there goes on. */
  giveBack(start: number, end: number): void {
    this.pages = this.pages.subtract(PageSet.of(start, end));
    for (const page of this.open) if (page >= start && page < end) this.open.delete(page);
    this.unregister(start, end);
  }

  /** Lets the stores to a page through, and wakes who waits there. */
  openPage(page: number): void {
    this.opened.add(page);
    this.open.add(page);
    this.userfaultfd.unprotect(page, page + 1);
  }

  shutPage(page: number): void {
    if (!this.open.delete(page)) return;
    this.userfaultfd.writeProtect(page, page + 1);
  }

  /**
   * The pages that were written since the last time: those that were opened, and those that the program gave back meanwhile, whose
   * protection went with them; these are protected again. The program stands.
   */
  collect(): PageSet {
    const { pages, opened, open } = this;
    this.opened = new Set(open);
    let written = setOf(opened);
    if (pages.isEmpty) return written;
    const found = this.scan(Scans.UNPROTECTED).union(this.scan(Scans.ABSENT)).intersect(pages);
    const bare = found.subtract(setOf(open));
    for (const [start, end] of bare.pairs()) written = written.union(this.protectAgain(start, end));
    return written;
  }

  /** @returns those that are still registered. The others are unmapped, perhaps mapped anew, and the tracker's to look at. */
  private protectAgain(start: number, end: number): PageSet {
    if (this.isProtected(start, end)) return PageSet.of(start, end);
    // Registration is a matter of whole mappings.
    const parts = this.kernel
      .mappings(this.pid)
      .map((mapping): [number, number] => [Math.max(start, mapping.start), Math.min(end, mapping.end)])
      .filter(([from, to]) => from < to && this.isProtected(from, to));
    const still = PageSet.from(parts);
    this.pages = this.pages.subtract(PageSet.of(start, end).subtract(still));
    return still;
  }

  private isProtected(start: number, end: number): boolean {
    try {
      this.userfaultfd.writeProtect(start, end);
      return true;
    } catch (error) {
      if (error instanceof KernelError && error.code !== "ESRCH") return false;
      throw error;
    }
  }

  private scan(masks: typeof Scans.RESIDENT): PageSet {
    const runs = [...this.pages.pairs()];
    const found: [number, number][] = [];
    for (const [start, end] of runs) {
      Scans.scanRegions(this.pagemap, masks, start, end, this.vector, (first, last) => found.push([first, last]));
    }
    return PageSet.from(found);
  }

  private unregister(start: number, end: number): void {
    try {
      this.userfaultfd.unregister(start, end);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      // It is unmapped, or the process gone.
    }
  }
}

/** Single pages as a set. */
function setOf(pages: Iterable<number>): PageSet {
  return PageSet.from([...pages].map((page): [number, number] => [page, page + 1]));
}
