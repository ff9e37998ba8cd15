// Finds thread control blocks among written pages: the kernel itself writes there (rseq), and the step must not be blamed.
import type { Kernel } from "../kernel/kernel.ts";
import type { Mapping } from "../memory/mapping.ts";
import { PAGE_SIZE, pageOf, USER_PAGES_END } from "../memory/page.ts";
import { PageSet } from "../memory/page-set.ts";
import { type RseqArea, RseqAreas } from "./rseq-areas.ts";

/** glibc keeps tcb and self, both the block's own address, in the first words of struct pthread (sysdeps/x86_64/nptl/tls.h). */
const TCB = 0;
const SELF = 16;
/** And the thread's number here (struct pthread, nptl/descr.h); musl's blocks point to themselves, too, and have none there. */
const THREAD_NUMBER = 0x2d0;
const MOST_THREADS = 2 ** 22;
/** The block's alignment (TCB_ALIGNMENT). */
const ALIGNMENT = 64;
/** What the kernel writes into an area: the processor twice, a pointer, flags, node, and a number that is small, too. */
const RSEQ = { CPU_START: 0, CPU: 4, FLAGS: 16, NODE: 20, CONCURRENCY: 24 } as const;
const KERNEL_BYTES = 28;
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
  private readonly library = new RseqAreas();
  /** Where a block's area may lie: where several places are possible, one holds, once a block has told which. */
  private areas: readonly RseqArea[] = [];
  private told: readonly RseqArea[] = [];
  /** Addresses of the blocks found, by each page that a block's rseq area may lie in. */
  private readonly blocks = new Map<number, number[]>();
  /** The same by the page that a block begins in. */
  private readonly homes = new Map<number, number[]>();
  private found = 0;
  private threads = 0;
  /** Pages searched in vain since the threads were the same. */
  private readonly barren = new Set<number>();
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
   * @param candidates pages that were written; @param mappings of now.
   */
  pagesIn(candidates: PageSet, mappings: readonly Mapping[]): ThreadPage[] {
    this.learnAreas(this.library.look(mappings, (address, bytes) => this.view(address, bytes)));
    if (this.areas.length === 0) return [];
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
    if (this.areas.length > 1) this.learnArea(pages);
    const told: ThreadPage[] = [];
    for (const [page, bytes] of pages) {
      const blocks = this.blocks.get(page) ?? [];
      // While two places are possible a page is told that would bear the area by either: rather none than a page of the program's.
      const isCertain = (block: number): boolean => this.areas.every(area => overlaps(page, block, area));
      if (!candidates.has(page) || !blocks.some(isCertain)) continue;
      const now = bytes.slice();
      for (const block of blocks) for (const area of this.areas) blank(now, page, block, area);
      const before = this.contents.get(page);
      this.contents.set(page, now);
      told.push({ page, onlyKernel: before && sameBytes(before, now) });
    }
    return told.sort((a, b) => a.page - b.page);
  }

  /** What the C library says replaces what was taken for possible until then. */
  private learnAreas(areas: readonly RseqArea[]): void {
    if (areas === this.told) return;
    this.told = areas;
    this.areas = areas;
    this.found = 0;
    for (const known of [this.blocks, this.homes, this.barren, this.contents]) known.clear();
  }

  /** Of several possible places the one that bears an area. In a single thread on the first processor all its fields are 0. */
  private learnArea(pages: ReadonlyMap<number, Uint8Array>): void {
    for (const [page, blocks] of this.blocks) {
      const bytes = pages.get(page);
      if (!bytes) continue;
      for (const block of blocks) {
        const telling = this.areas.filter(({ offset }) => isRegistered(bytes, block + offset - page * PAGE_SIZE));
        if (telling.length !== 1) continue;
        this.areas = telling;
        return;
      }
    }
  }

  /** Of a thread that ended the block may be gone, and something else in its place. */
  private forgetMoved(pages: ReadonlyMap<number, Uint8Array>): void {
    const gone = [...pages].flatMap(([page, bytes]) =>
      (this.homes.get(page) ?? []).filter(block => !isBlock(bytes, block % PAGE_SIZE, block)),
    );
    if (gone.length > 0) this.barren.clear();
    for (const block of gone) {
      this.found -= 1;
      removeFrom(this.homes, pageOf(block), block);
      for (const page of pagesOf(block, this.told)) {
        removeFrom(this.blocks, page, block);
        this.contents.delete(page);
      }
    }
  }

  /** @returns the pages searched, with what they hold, and the pages of the areas found. */
  private search(candidates: PageSet, known: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
    const pages = new Set<number>();
    let last = candidates.previous(candidates.end);
    // From the top: the libraries' and the first thread's own memory lies above what the program maps later.
    for (let i = 0; i < MOST_RUNS && last !== undefined && pages.size < MOST_PAGES; i += 1) {
      const [start, end] = candidates.runsFrom(last, 1);
      last = candidates.previous(start);
      if (end - start > LONGEST_RUN) continue;
      for (const { offset, bytes } of this.areas) {
        // Where a block begins whose area lies in these pages.
        const first = pageOf(start * PAGE_SIZE - offset - bytes + 1);
        for (let page = Math.max(0, first); page <= pageOf(end * PAGE_SIZE - 1 - offset); page += 1) {
          if (!known.has(page) && !this.barren.has(page)) pages.add(page);
        }
      }
    }
    if (this.barren.size > MOST_BARREN) this.barren.clear();
    for (const page of pages) this.barren.add(page);
    const read = this.read([...pages]);
    const areas = new Set<number>();
    for (const [page, bytes] of read) {
      const base = page * PAGE_SIZE;
      for (let offset = 0; offset < PAGE_SIZE; offset += ALIGNMENT) {
        if (!isBlock(bytes, offset, base + offset)) continue;
        for (const area of this.remember(base + offset)) if (!read.has(area) && !known.has(area)) areas.add(area);
      }
    }
    return areas.size === 0 ? read : new Map([...read, ...this.read([...areas].filter(page => candidates.has(page)))]);
  }

  /** @returns the pages that its area may lie in. */
  private remember(block: number): ReadonlySet<number> {
    const pages = pagesOf(block, this.told);
    const home = this.homes.get(pageOf(block)) ?? [];
    if (home.includes(block)) return pages;
    this.found += 1;
    this.homes.set(pageOf(block), [...home, block]);
    for (const page of pages) this.blocks.set(page, [...(this.blocks.get(page) ?? []), block]);
    return pages;
  }

  /** Bytes of the process's memory, where they are in memory. */
  private view(address: number, bytes: number): DataView | undefined {
    const [first, last] = [pageOf(address), pageOf(address + bytes - 1)];
    if (!(first >= 0 && last < USER_PAGES_END && last - first < BATCH)) return undefined;
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const pages = this.read(numbers);
    const whole = new Uint8Array(numbers.length * PAGE_SIZE);
    for (const page of numbers) {
      const held = pages.get(page);
      if (!held) return undefined;
      whole.set(held, (page - first) * PAGE_SIZE);
    }
    return new DataView(whole.buffer, address - first * PAGE_SIZE, bytes);
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

/** The pages that the rseq area of a block may lie in. */
function pagesOf(block: number, areas: readonly RseqArea[]): Set<number> {
  return new Set(areas.flatMap(({ offset, bytes }) => [pageOf(block + offset), pageOf(block + offset + bytes - 1)]));
}

function overlaps(page: number, block: number, { offset, bytes }: RseqArea): boolean {
  return pageOf(block + offset) <= page && page <= pageOf(block + offset + bytes - 1);
}

function removeFrom(blocks: Map<number, number[]>, page: number, block: number): void {
  const left = blocks.get(page)?.filter(other => other !== block) ?? [];
  if (left.length > 0) blocks.set(page, left);
  else blocks.delete(page);
}

/** Whether an area bears what the kernel writes into one that is registered. */
function isRegistered(bytes: Uint8Array, offset: number): boolean {
  if (offset < 0 || offset + KERNEL_BYTES > PAGE_SIZE) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, KERNEL_BYTES);
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

/** Blanks what of a block's rseq area lies in the page. */
function blank(held: Uint8Array, page: number, block: number, { offset, bytes }: RseqArea): void {
  const start = block + offset - page * PAGE_SIZE;
  if (start + bytes > 0 && start < PAGE_SIZE) held.fill(0, Math.max(0, start), Math.min(PAGE_SIZE, start + bytes));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
