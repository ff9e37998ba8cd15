// Finds thread control blocks among written pages: the kernel itself writes there (rseq), and the step must not be blamed.
import type { Kernel } from "../kernel/kernel.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../memory/page.ts";
import type { PageSet } from "../memory/page-set.ts";

/** glibc keeps tcb and self, both the block's own address, in the first words of struct pthread (sysdeps/x86_64/nptl/tls.h). */
const SELF_WORDS = [0, 2] as const;
/** The block's alignment (TCB_ALIGNMENT). */
const ALIGNMENT = 64;
/** Where struct pthread of glibc 2.35 to 2.39 holds the rseq area that it registers with the kernel. */
const RSEQ_OFFSET = 0x9a0;
/** A page of a long run was hardly written for its thread control block alone. */
const LONGEST_RUN = 16;
const MOST_PAGES = 512;

export class ThreadControlBlocks {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly isPresent: (page: number) => boolean;
  /** Addresses of the blocks found. */
  private readonly known = new Set<number>();

  /** @param isPresent asks whether a page is in memory: to read one that is not would bring it there. */
  constructor(kernel: Kernel, pid: number, isPresent: (page: number) => boolean) {
    this.kernel = kernel;
    this.pid = pid;
    this.isPresent = isPresent;
  }

  /** Pages (of `candidates`, private anonymous memory that was written) that hold a thread control block or its rseq area. */
  pagesIn(candidates: PageSet): number[] {
    if (this.known.size < this.kernel.threadCount(this.pid)) this.search(candidates);
    const pages = new Set<number>();
    for (const block of this.known) {
      if (!this.isBlock(block)) {
        this.known.delete(block);
        continue;
      }
      for (const page of [pageOf(block), pageOf(block + RSEQ_OFFSET)]) if (candidates.has(page)) pages.add(page);
    }
    return [...pages].sort((a, b) => a - b);
  }

  private search(candidates: PageSet): void {
    let left = MOST_PAGES;
    for (const [start, end] of candidates.pairs()) {
      if (left <= 0) break;
      if (end - start > LONGEST_RUN) continue;
      for (let page = start; page < end && left > 0; page += 1, left -= 1) {
        // The rseq area may lie in the page after its block.
        this.searchPage(page);
        if (!candidates.has(page - 1)) this.searchPage(page - 1);
      }
    }
  }

  private searchPage(page: number): void {
    const bytes = this.read(page);
    if (!bytes) return;
    for (let offset = 0; offset < PAGE_SIZE; offset += ALIGNMENT) {
      const address = addressOf(page) + offset;
      if (pointsToItself(bytes, offset, address)) this.known.add(address);
    }
  }

  private isBlock(address: number): boolean {
    const bytes = this.read(pageOf(address));
    return bytes !== undefined && pointsToItself(bytes, address % PAGE_SIZE, address);
  }

  private read(page: number): Uint8Array | undefined {
    if (!this.isPresent(page)) return undefined;
    const bytes = new Uint8Array(PAGE_SIZE);
    try {
      return this.kernel.readPages(this.pid, Float64Array.of(page, page + 1), bytes) === PAGE_SIZE ? bytes : undefined;
    } catch {
      return undefined;
    }
  }
}

function pointsToItself(bytes: Uint8Array, offset: number, address: number): boolean {
  const view = new DataView(bytes.buffer);
  return SELF_WORDS.every(
    word => offset + word * 8 + 8 <= PAGE_SIZE && view.getBigUint64(offset + word * 8, true) === BigInt(address),
  );
}
