// Finds thread control blocks among written pages: the kernel itself writes there (rseq), and the step must not be blamed.
import type { Kernel } from "../kernel/kernel.ts";
import { PAGE_SIZE, pageOf } from "../memory/page.ts";
import { PageSet } from "../memory/page-set.ts";

/** glibc keeps tcb and self, both the block's own address, in the first words of struct pthread (sysdeps/x86_64/nptl/tls.h). */
const TCB = 0;
const SELF = 16;
/** And the thread's number here (struct pthread, nptl/descr.h); musl's blocks point to themselves, too, and have none there. */
const THREAD_NUMBER = 0x2d0;
const MOST_THREADS = 2 ** 22;
/** The block's alignment (TCB_ALIGNMENT). */
const ALIGNMENT = 64;
/**
 * Where struct pthread holds the rseq area that glibc registers with the kernel: 2.36, and 2.35 to 2.39 otherwise. Other C
 * libraries, musl among them, register none, and the kernel writes nothing into their threads' blocks.
 */
const RSEQ_OFFSETS = [0x920, 0x9a0] as const;
/** The area's bytes (include/uapi/linux/rseq.h): the processor twice, a pointer, flags, node, and a number that is small, too. */
const RSEQ_BYTES = 32;
const RSEQ = { CPU_START: 0, CPU: 4, FLAGS: 16, NODE: 20, CONCURRENCY: 24 } as const;
const MOST_PROCESSORS = 8192;
/** A page of a long run was hardly written for its thread control block alone. */
const LONGEST_RUN = 16;
/** Pages searched at a stop: 16 MiB are read in some milliseconds. */
const MOST_PAGES = 4096;
/** Runs looked at for that. */
const MOST_RUNS = 1 << 16;
/** Pages remembered as searched in vain. */
const MOST_BARREN = 1 << 18;
/** Pages read in one go. */
const BATCH = 256;

/** A written page that holds a thread's rseq area, or a part of it. */
export interface ThreadPage {
  readonly page: number;
  /** Whether nothing but rseq areas differs from what the page held when it was last asked about; undefined the first time. */
  readonly onlyKernel: boolean | undefined;
}

export class ThreadControlBlocks {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly residentIn: (pages: PageSet) => PageSet;
  /** Addresses of the blocks found, by each page that a block's rseq area may lie in. */
  private readonly blocks = new Map<number, number[]>();
  private found = 0;
  private threads = 0;
  /** Pages searched in vain since the threads were the same. */
  private readonly barren = new Set<number>();
  /** The one that holds in this process, once a block has told: in a single thread on the first processor all fields are 0. */
  private offsets: readonly number[] = RSEQ_OFFSETS;
  /** What the pages told of held then, the rseq areas blanked. */
  private readonly contents = new Map<number, Uint8Array>();

  /** @param residentIn which of the pages are in memory: to read one that is not would bring it there. */
  constructor(kernel: Kernel, pid: number, residentIn: (pages: PageSet) => PageSet) {
    this.kernel = kernel;
    this.pid = pid;
    this.residentIn = residentIn;
  }

  /**
   * Pages, in address order, that hold a thread's rseq area. Reads the pages it knows, and searches the others only while the
   * process has more threads than there are blocks known.
   * @param candidates pages that were written.
   */
  pagesIn(candidates: PageSet): ThreadPage[] {
    const wanted = new Set<number>();
    for (const [page, blocks] of this.blocks) {
      if (!candidates.has(page)) continue;
      wanted.add(page);
      for (const block of blocks) wanted.add(pageOf(block));
    }
    let pages = this.read([...wanted]);
    this.forgetMoved(pages);
    const threads = this.kernel.threadCount(this.pid);
    if (threads !== this.threads) this.barren.clear();
    this.threads = threads;
    if (this.found < threads) {
      pages = new Map([...pages, ...this.search(candidates, pages)]);
    }
    if (this.offsets.length > 1) this.learnOffset(pages);
    const told: ThreadPage[] = [];
    for (const [page, bytes] of pages) {
      const blocks = this.blocks.get(page) ?? [];
      // While two offsets are possible a page is told that would bear the area by either: rather none than a page of the program's.
      const isCertain = (block: number): boolean => this.offsets.every(offset => overlaps(page, block + offset));
      if (!candidates.has(page) || !blocks.some(isCertain)) continue;
      const now = bytes.slice();
      for (const block of blocks) for (const offset of this.offsets) blank(now, page, block + offset);
      const before = this.contents.get(page);
      this.contents.set(page, now);
      told.push({ page, onlyKernel: before && sameBytes(before, now) });
    }
    return told.sort((a, b) => a.page - b.page);
  }

  private learnOffset(pages: ReadonlyMap<number, Uint8Array>): void {
    for (const [page, blocks] of this.blocks) {
      const bytes = pages.get(page);
      if (!bytes) continue;
      for (const block of blocks) {
        const telling = RSEQ_OFFSETS.filter(offset => isRegistered(bytes, block + offset - page * PAGE_SIZE));
        if (telling.length !== 1) continue;
        this.offsets = telling;
        return;
      }
    }
  }

  /** Of a thread that ended the block may be gone, and something else in its place. */
  private forgetMoved(pages: ReadonlyMap<number, Uint8Array>): void {
    const gone = new Set<number>();
    for (const [page, bytes] of pages) {
      for (const blocks of [this.blocks.get(page), this.blocks.get(page + 1)]) {
        for (const block of blocks ?? [])
          if (pageOf(block) === page && !isBlock(bytes, block % PAGE_SIZE, block)) gone.add(block);
      }
    }
    if (gone.size > 0) this.barren.clear();
    for (const block of gone) {
      this.found -= 1;
      for (const page of pagesOf(block)) {
        const left = this.blocks.get(page)?.filter(other => other !== block) ?? [];
        if (left.length > 0) this.blocks.set(page, left);
        else this.blocks.delete(page);
        this.contents.delete(page);
      }
    }
  }

  /** @returns the pages of the blocks found, with what they hold. */
  private search(candidates: PageSet, known: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
    const pages = new Set<number>();
    let last = candidates.previous(candidates.end);
    // From the top: the libraries' and the first thread's own memory lies above what the program maps later.
    for (let i = 0; i < MOST_RUNS && last !== undefined && pages.size < MOST_PAGES; i += 1) {
      const [start, end] = candidates.runsFrom(last, 1);
      last = candidates.previous(start);
      if (end - start > LONGEST_RUN) continue;
      // The rseq area may lie in the page after its block.
      for (let page = start - 1; page < end; page += 1) if (!known.has(page) && !this.barren.has(page)) pages.add(page);
    }
    if (this.barren.size > MOST_BARREN) this.barren.clear();
    for (const page of pages) this.barren.add(page);
    const read = this.read([...pages]);
    for (const [page, bytes] of read) {
      const base = page * PAGE_SIZE;
      for (let offset = 0; offset < PAGE_SIZE; offset += ALIGNMENT) {
        if (isBlock(bytes, offset, base + offset)) this.remember(base + offset);
      }
    }
    return read;
  }

  private remember(block: number): void {
    if (this.blocks.get(pageOf(block + RSEQ_OFFSETS[0]))?.includes(block)) return;
    this.found += 1;
    for (const page of pagesOf(block)) this.blocks.set(page, [...(this.blocks.get(page) ?? []), block]);
  }

  /** What those of the pages hold that are in memory and can be read. */
  private read(pages: readonly number[]): Map<number, Uint8Array> {
    const contents = new Map<number, Uint8Array>();
    if (pages.length === 0) return contents;
    const sorted = [...pages].sort((a, b) => a - b);
    const resident = this.residentIn(PageSet.from(sorted.map(page => [page, page + 1])));
    const there = sorted.filter(page => resident.has(page));
    for (let first = 0; first < there.length; first += BATCH) {
      const batch = there.slice(first, first + BATCH);
      // Where a page can't be read the others behind it still can.
      for (let from = 0; from < batch.length; ) {
        const bytes = new Uint8Array((batch.length - from) * PAGE_SIZE);
        const read = Math.floor(this.readInto(bytes, batch.slice(from)) / PAGE_SIZE);
        for (let i = 0; i < read; i += 1) {
          contents.set(batch[from + i], bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
        }
        from += read + 1;
      }
    }
    return contents;
  }

  /** @returns how many bytes were read. */
  private readInto(into: Uint8Array, pages: readonly number[]): number {
    const runs = Float64Array.from(pages.flatMap(page => [page, page + 1]));
    try {
      return this.kernel.readPages(this.pid, runs, into);
    } catch {
      return 0;
    }
  }
}

/** Where the rseq area of a block may lie. */
function pagesOf(block: number): Set<number> {
  return new Set(RSEQ_OFFSETS.flatMap(offset => [pageOf(block + offset), pageOf(block + offset + RSEQ_BYTES - 1)]));
}

function overlaps(page: number, area: number): boolean {
  return pageOf(area) <= page && page <= pageOf(area + RSEQ_BYTES - 1);
}

/** Whether an area bears what the kernel writes into one that is registered. */
function isRegistered(bytes: Uint8Array, offset: number): boolean {
  if (offset < 0 || offset + RSEQ_BYTES > PAGE_SIZE) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, RSEQ_BYTES);
  const [cpuStart, cpu, flags, node, concurrency] = Object.values(RSEQ).map(at => view.getUint32(at, true));
  return (
    cpuStart === cpu &&
    flags === 0 &&
    Math.max(cpu, node, concurrency) < MOST_PROCESSORS &&
    Math.max(cpu, node, concurrency) > 0
  );
}

/** Whether the two words that point to their own block do so. Words are compared as halves: big integers take much longer. */
function isBlock(bytes: Uint8Array, offset: number, address: number): boolean {
  if (!holds(bytes, offset + TCB, address) || !holds(bytes, offset + SELF, address)) return false;
  // Where the number lies in the next page the two words have to do.
  if (offset + THREAD_NUMBER + 4 > PAGE_SIZE) return true;
  const number = new DataView(bytes.buffer, bytes.byteOffset + offset + THREAD_NUMBER, 4).getUint32(0, true);
  return number > 0 && number <= MOST_THREADS;
}

function holds(bytes: Uint8Array, offset: number, address: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8);
  return view.getUint32(0, true) === address % 2 ** 32 && view.getUint32(4, true) === Math.floor(address / 2 ** 32);
}

/** Blanks what of the rseq area at `address` lies in the page. */
function blank(bytes: Uint8Array, page: number, address: number): void {
  const offset = address - page * PAGE_SIZE;
  if (offset + RSEQ_BYTES > 0 && offset < PAGE_SIZE)
    bytes.fill(0, Math.max(0, offset), Math.min(PAGE_SIZE, offset + RSEQ_BYTES));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
