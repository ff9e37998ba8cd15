// Looks again and again at what a parent and its forked child share: which pages no longer, and whose store parted them.
import type { Kernel, Pagemap } from "../kernel/kernel.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import {
  copiersOf,
  type ForkDifference,
  type ForkSide,
  forkDifference,
  type SharingEvidence,
} from "../memory/fork-difference.ts";
import { firstEndingAfter, type Mapping } from "../memory/mapping.ts";
import { PageSet } from "../memory/page-set.ts";
import { POPULATED_PRIVATE, STORED_PRIVATE, scanSet } from "./scans.ts";

/** One look. All pages are private memory that was stored to: files' own pages and shared memory are no matter of copies. */
export interface ForkLook {
  readonly evidence: SharingEvidence;
  /** The parent's, and between them what of the child's lies where the parent has none. */
  readonly mappings: readonly Mapping[];
  /** One copy serves both. */
  readonly shared: PageSet;
  /** Each has a copy of its own. */
  readonly copied: PageSet;
  /** Of `copied`, by whose store; a page may be in both, and is in neither where it was parted before the first look, or frames are not to be seen. */
  readonly byParent: PageSet;
  readonly byChild: PageSet;
  readonly onlyParent: PageSet;
  readonly onlyChild: PageSet;
  readonly microseconds: number;
}

export class ForkLens {
  private readonly kernel: Kernel;
  private readonly parent: number;
  private readonly child: number;
  private readonly vector = new RegionVector(1 << 14);
  private before: ForkDifference | undefined;
  private byParent = PageSet.EMPTY;
  private byChild = PageSet.EMPTY;

  constructor(kernel: Kernel, parent: number, child: number) {
    this.kernel = kernel;
    this.parent = parent;
    this.child = child;
  }

  /** @throws {KernelError} ESRCH, ENOENT: one of them has ended; EPERM, EACCES: it is not ours; ENOTTY before Linux 6.7. */
  look(): ForkLook {
    const begin = performance.now();
    const opened: Pagemap[] = [];
    const open = (pid: number): ForkSide => {
      const pagemap = this.kernel.openPagemap(pid);
      opened.push(pagemap);
      const masks = this.kernel.hasSwap(pid) ? POPULATED_PRIVATE : STORED_PRIVATE;
      return { own: scanSet(pagemap, masks, this.vector), entries: (start, end) => pagemap.entries(start, end) };
    };
    try {
      const [parent, child] = [open(this.parent), open(this.child)];
      const now = forkDifference(parent, child);
      if (this.before) {
        const news = copiersOf(this.before, now.copied, parent, child);
        this.byParent = this.byParent.union(news.byParent);
        this.byChild = this.byChild.union(news.byChild);
      }
      // What is shared again, or gone, was copied no more.
      this.byParent = this.byParent.intersect(now.copied);
      this.byChild = this.byChild.intersect(now.copied);
      this.before = now;
      const { frames: _, ...difference } = now;
      return {
        ...difference,
        mappings: together(this.kernel.mappings(this.parent), this.kernel.mappings(this.child)),
        byParent: this.byParent,
        byChild: this.byChild,
        microseconds: Math.round((performance.now() - begin) * 1000),
      };
    } finally {
      for (const pagemap of opened) pagemap.close();
    }
  }
}

/** Pages that one copy no longer serves. */
export function unsharedPages({ copied, onlyParent, onlyChild }: ForkLook): PageSet {
  return copied.union(onlyParent).union(onlyChild);
}

/** The parent's mappings, and of the child's those that overlap none of them. */
function together(parent: readonly Mapping[], child: readonly Mapping[]): Mapping[] {
  const news = child.filter(({ start, end }) => {
    const next = parent.at(firstEndingAfter(parent, start));
    return !next || next.start >= end;
  });
  return [...parent, ...news].sort((a, b) => a.start - b.start);
}
