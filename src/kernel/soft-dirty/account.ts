// What of one process is watched by soft-dirty bits, and which of it was stored to since it was last told.
import { isShared, type Mapping } from "../../memory/mapping.ts";
import { PageSet, RunBuilder } from "../../memory/page-set.ts";
import { Errno } from "../errno.ts";
import type { Kernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { halves, isStored, type OpenEntries, type PagemapFiles, type ZeroFrame } from "./entries.ts";

/** Entries read at once: 512 KiB. */
const AT_ONCE = 1 << 16;

export class SoftDirtyAccount {
  readonly pid: number;
  private readonly ground: Kernel;
  private readonly entries: OpenEntries;
  private readonly zero: ZeroFrame | undefined;
  private readonly buffer = new BigUint64Array(AT_ONCE);
  private list: readonly Mapping[] | undefined;
  private watched = PageSet.EMPTY;
  private stored = PageSet.EMPTY;

  constructor(ground: Kernel, files: PagemapFiles, pid: number) {
    this.ground = ground;
    this.entries = files.open(pid);
    this.pid = pid;
    const zero = files.zeroFrame();
    this.zero = zero === undefined ? undefined : halves(zero);
  }

  /** Pages under watch that are still mapped. */
  get registered(): PageSet {
    return this.watched;
  }

  /** Of those the ones stored to since they were last protected. */
  get written(): PageSet {
    return this.stored;
  }

  get mappings(): readonly Mapping[] {
    this.list = this.ground.mappings(this.pid, this.list);
    return this.list;
  }

  register(start: number, end: number): void {
    if (this.watched.isEmpty) this.entries.clear();
    this.watched = this.watched.union(PageSet.of(start, end));
  }

  unregister(start: number, end: number): void {
    const gone = PageSet.of(start, end);
    this.watched = this.watched.subtract(gone);
    this.stored = this.stored.subtract(gone);
  }

  /** From now on the pages count as not stored to. */
  protect(pages: PageSet): void {
    this.stored = this.stored.subtract(pages);
  }

  /** What is mapped no more is watched no more. */
  follow(): void {
    this.requireMemory();
    const mapped = new RunBuilder();
    for (const { start, end } of this.mappings) mapped.add(start, end);
    const there = mapped.finish();
    this.watched = this.watched.intersect(there);
    this.stored = this.stored.intersect(there);
  }

  /**
   * Enters what was stored to since the last time, and has the kernel begin anew. The process must stand: what is stored between the two
   * is lost.
   */
  collect(): void {
    this.follow();
    const found = new RunBuilder();
    for (const mapping of this.mappings) {
      const isPrivateFile = mapping.inode !== 0 && !isShared(mapping);
      for (const [start, end] of this.watched.clip(mapping.start, mapping.end).pairs())
        this.each(start, end, (page, low, high) => {
          if (isStored(low, high, isPrivateFile, this.zero)) found.add(page, page + 1);
        });
    }
    this.stored = this.stored.union(found.finish());
    this.entries.clear();
  }

  get zeroFrame(): ZeroFrame | undefined {
    return this.zero;
  }

  /** See {@link Pagemap.entries}. */
  entriesOf(start: number, end: number): Uint32Array {
    const entries = new BigUint64Array(end - start);
    this.entries.read(start, entries);
    return new Uint32Array(entries.buffer);
  }

  close(): void {
    this.entries.close();
  }

  /** @throws {KernelError} ESRCH the process has ended or replaced its program. */
  requireMemory(): void {
    if (this.entries.read(0, this.buffer.subarray(0, 1)) === 0) this.refuse();
  }

  private refuse(): never {
    throw new KernelError("read pagemap", `process ${this.pid}`, Errno.ESRCH);
  }

  /** Visits pages [start, end) with the halves of their entries; ends early where `visit` returns false. @throws {KernelError} ESRCH */
  each(start: number, end: number, visit: (page: number, low: number, high: number) => unknown): void {
    for (let first = start; first < end; ) {
      const into = this.buffer.subarray(0, Math.min(AT_ONCE, end - first));
      const filled = this.entries.read(first, into);
      const words = new Int32Array(into.buffer, into.byteOffset, filled * 2);
      for (let i = 0; i < filled; i += 1) if (visit(first + i, words[i * 2], words[i * 2 + 1]) === false) return;
      if (filled === 0) this.refuse();
      if (filled < into.length) return;
      first += filled;
    }
  }
}
