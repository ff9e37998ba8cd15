// For tests of the simulated kernel: a process, and what its pages are, in few words.
import { Advice, MapFlag, PagemapScan, Protection, TRACKING_FEATURES } from "../../../src/kernel/abi.ts";
import type { Pagemap, Userfaultfd } from "../../../src/kernel/kernel.ts";
import { RegionVector } from "../../../src/kernel/region-vector.ts";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import type { Process } from "../../../src/kernel/simulated/process.ts";
import type { KernelProfile } from "../../../src/kernel/simulated/profile.ts";
import { simulatedKernel } from "../../../src/kernel/simulated/simulated-kernel.ts";
import { Category } from "../../../src/memory/category.ts";
import { PAGE_SIZE, pageOf } from "../../../src/memory/page.ts";

export const PAGE = BigInt(PAGE_SIZE);

export class Bench {
  readonly process: Process;
  readonly pagemap: Pagemap;

  constructor(profile?: KernelProfile) {
    const machine = new Machine(profile);
    this.process = machine.spawn();
    this.pagemap = simulatedKernel(() => machine).openPagemap(this.process.pid);
  }

  /** Maps pages of private memory. @returns the first page. */
  map(pages: number, flags = 0, at = 0n): number {
    const all = MapFlag.PRIVATE | MapFlag.ANONYMOUS | flags | (at === 0n ? 0 : MapFlag.FIXED);
    const address = this.process.mmap(at, BigInt(pages) * PAGE, Protection.READ | Protection.WRITE, all, -1, 0n);
    if (address < 0) throw new Error(`mmap: ${address}`);
    return pageOf(address);
  }

  write(page: number): void {
    this.process.store(page * PAGE_SIZE, Uint8Array.of(1));
  }

  read(page: number): void {
    this.process.load(page * PAGE_SIZE, new Uint8Array(1));
  }

  discard(start: number, end: number): void {
    this.process.madvise(BigInt(start) * PAGE, BigInt(end - start) * PAGE, Advice.DONTNEED);
  }

  /** Arms pages [start, end). */
  arm(start: number, end: number): Userfaultfd {
    const kernel = simulatedKernel(() => this.process.machine);
    const descriptor = this.process.userfaultfd(0);
    const userfaultfd = kernel.takeUserfaultfd(this.process.pid, descriptor);
    this.process.close(descriptor);
    userfaultfd.negotiate(TRACKING_FEATURES);
    userfaultfd.register(start, end);
    userfaultfd.writeProtect(start, end);
    return userfaultfd;
  }

  /** Pages of [start, end) that have all of these categories, counted from `start`. */
  pagesWith(categories: number, start: number, end: number, flags = 0): number[] {
    const vector = new RegionVector(end - start);
    const masks = { flags, inverted: 0, required: categories, anyOf: 0, returned: 0 };
    const { regions } = this.pagemap.scan({ ...masks, start, end }, vector);
    const pages: number[] = [];
    for (let i = 0; i < regions; i += 1) {
      for (let page = vector.start(i); page < vector.end(i); page += 1) pages.push(page - start);
    }
    return pages;
  }

  written(start: number, end: number): number[] {
    return this.pagesWith(Category.WRITTEN, start, end);
  }

  /** Written pages, armed again in the same step. */
  takeWritten(start: number, end: number): number[] {
    return this.pagesWith(Category.WRITTEN, start, end, PagemapScan.WP_MATCHING);
  }
}
