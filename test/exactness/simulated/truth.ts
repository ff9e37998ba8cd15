// What a program's own operations make of its pages: which of them it wrote since the stop before, with no help from any kernel.

import { Advice, MapFlag, Protection } from "../../../src/kernel/abi.ts";
import { Errno } from "../../../src/kernel/errno.ts";
import { isShared, isWritable, type Mapping } from "../../../src/memory/mapping.ts";
import { pageOf } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { bytesDone, type Operation } from "./operation.ts";

/** What must be reported at a stop, and what may be, of the pages that are mapped then. */
export interface StepTruth {
  readonly written: PageSet;
  readonly may: PageSet;
}

/** Pages of a file that one read may bring in along with its own (fault_around_bytes). */
const FAULT_AROUND = 16;

type Pages = readonly [start: number, end: number];

/**
 * The account of the watched process. The rules are those of README, "What is reported":
 *
 * - a page stored to is written; unmapped, replaced or given back by the stop it is not;
 * - in a mapping that came during the step each page there is counts as written: one that was moved along by mremap, and in
 *   shared memory one that was only read, and those that the kernel mapped around it;
 * - shared memory that came during the step and can't be written at the stop is taken for memory that was read;
 * - shared memory that is given back stays in its file: a page of it may be told as written or as given back.
 */
export class Truth {
  private written = PageSet.EMPTY;
  private may = PageSet.EMPTY;
  /** Private pages that were stored to since they were mapped: what is there to be moved. */
  private stored = PageSet.EMPTY;
  private shared = PageSet.EMPTY;
  /** Of mappings that came during this step. */
  private fresh = PageSet.EMPTY;
  /** Shared pages in them that were read. */
  private read = PageSet.EMPTY;
  private around = PageSet.EMPTY;
  /** Written and given back within this step: read again, a file's page stands there, without the mark of one not written. */
  private givenBack = PageSet.EMPTY;
  /** Stores and loads, until somebody asks: programs make them by the thousand. */
  private readonly touched: { store: [number, number][]; load: [number, number][] } = { store: [], load: [] };

  /** @param mappings those the process has to begin with. */
  constructor(mappings: readonly Mapping[]) {
    this.shared = PageSet.from(mappings.filter(isShared).map(({ start, end }) => [start, end]));
  }

  perform(operation: Operation): void {
    const { process, call, args, result } = operation;
    const numbers = args.map(Number);
    if (call === "vmwrite" && numbers[0] === 0) this.touch("store", numbers[1], result);
    if (call === "vmread" && numbers[0] === 0) this.touch("load", numbers[1], result);
    if (process !== 0) return;
    if (call === "load" || call === "store") {
      this.touch(call, numbers[0], bytesDone(result));
      return;
    }
    this.settle();
    for (const pages of operation.dropped ?? []) this.remove(pages);
    // madvise goes on behind a hole and says so at its end.
    if (result < 0 && !(call === "madvise" && result === -Errno.ENOMEM)) return;
    if (call === "brk") this.moveBreak(numbers[1], result);
    else if (call === "madvise") this.advise(numbers);
    else if (call === "mmap") this.map(result, numbers, args[3]);
    else if (call === "munmap") this.remove(pagesOf(numbers[0], numbers[1]));
    else if (call === "mremap") this.remap(numbers, result);
  }

  /** The process stands: what it has written. The next step begins. @param mappings those it has now. */
  stop(mappings: readonly Mapping[]): StepTruth {
    this.settle();
    const runs = (list: readonly Mapping[]): PageSet => PageSet.from(list.map(({ start, end }) => [start, end]));
    const all = runs(mappings);
    // What can't be written is not watched, and what was read there is no news.
    const watched = runs(mappings.filter(isWritable));
    const read = this.read.intersect(watched);
    // Mapped, written and sealed within the step: where the file's pages were not its own before, nothing tells stores from reads.
    const sealed = this.fresh.intersect(this.shared).subtract(watched);
    const truth = {
      written: this.written.union(read).subtract(sealed).intersect(all),
      may: this.may.union(this.around.intersect(watched)).union(this.written.intersect(sealed)).intersect(all),
    };
    this.written = this.may = this.fresh = this.read = this.around = this.givenBack = PageSet.EMPTY;
    return truth;
  }

  private touch(kind: "load" | "store", address: number, bytes: number): void {
    if (bytes > 0) this.touched[kind].push([...pagesOf(address, bytes)]);
  }

  private settle(): void {
    const stores = this.touched.store.splice(0);
    const loads = this.touched.load.splice(0);
    const stored = PageSet.from(stores);
    this.written = this.written.union(stored);
    this.stored = this.stored.union(stored.subtract(this.shared));
    this.may = this.may.union(PageSet.from(loads).intersect(this.givenBack));
    const freshAndShared = this.fresh.intersect(this.shared);
    if (freshAndShared.isEmpty) return;
    const around = loads.map(([start, end]): [number, number] => [
      Math.max(0, start - FAULT_AROUND),
      end + FAULT_AROUND,
    ]);
    this.read = this.read.union(PageSet.from(loads).intersect(freshAndShared));
    this.around = this.around.union(PageSet.from(around).intersect(freshAndShared));
  }

  private map(address: number, [, length, protection]: number[], flagBits: bigint): void {
    const pages = pagesOf(address, length);
    const flags = Number(flagBits);
    this.remove(pages);
    this.come(pages, (flags & MapFlag.SHARED) !== 0);
    if ((flags & (MapFlag.POPULATE | MapFlag.LOCKED)) === 0) return;
    if (flags & MapFlag.SHARED) this.read = this.read.union(PageSet.of(...pages));
    else if (protection & Protection.WRITE) this.store(pages);
  }

  private moveBreak(before: number, now: number): void {
    const [from, to] = [pagesOf(0, before)[1], pagesOf(0, now)[1]];
    if (to > from) this.come([from, to], false);
    if (to < from) this.remove([to, from]);
  }

  private remap([address, oldLength, newLength]: number[], result: number): void {
    const [from, oldEnd] = pagesOf(address, oldLength);
    const [to, newEnd] = pagesOf(result, newLength);
    const isSharedMemory = this.shared.has(from);
    const kept = Math.min(oldEnd - from, newEnd - to);
    if (to === from) {
      this.remove([from + kept, oldEnd]);
      this.come([from + kept, newEnd], isSharedMemory);
      return;
    }
    const moved = (set: PageSet): PageSet =>
      PageSet.from(
        [...set.clip(from, from + kept).pairs()].map(([start, end]) => [start - from + to, end - from + to]),
      );
    const [written, stored, read] = [moved(this.written), moved(this.stored), moved(this.read)];
    this.remove([from, oldEnd]);
    this.remove([to, newEnd]);
    this.come([to, newEnd], isSharedMemory);
    this.written = this.written.union(written).union(stored);
    this.stored = this.stored.union(stored);
    this.read = this.read.union(read);
    if (isSharedMemory) this.may = this.may.union(PageSet.of(to, to + kept));
  }

  private advise([address, length, advice]: number[]): void {
    const pages = pagesOf(address, length);
    const set = PageSet.of(...pages);
    if (advice === Advice.DONTNEED || advice === Advice.DONTNEED_LOCKED || advice === Advice.REMOVE) {
      const given = set.intersect(this.shared);
      this.may = this.may.union(this.written.union(this.read).intersect(given));
      this.givenBack = this.givenBack.union(this.written.intersect(set));
      this.written = this.written.subtract(set);
      this.stored = this.stored.subtract(set.subtract(given));
      this.read = this.read.subtract(set);
    }
    if (advice === Advice.POPULATE_WRITE) this.store(pages);
    if (advice === Advice.POPULATE_READ) this.read = this.read.union(set.intersect(this.shared).intersect(this.fresh));
  }

  private store(pages: Pages): void {
    const set = PageSet.of(...pages);
    this.written = this.written.union(set);
    this.stored = this.stored.union(set.subtract(this.shared));
  }

  private come(pages: Pages, isSharedMemory: boolean): void {
    const set = PageSet.of(...pages);
    this.fresh = this.fresh.union(set);
    this.shared = isSharedMemory ? this.shared.union(set) : this.shared.subtract(set);
  }

  private remove(pages: Pages): void {
    const set = PageSet.of(...pages);
    for (const name of ["written", "may", "stored", "shared", "fresh", "read", "around", "givenBack"] as const) {
      this[name] = this[name].subtract(set);
    }
  }
}

function pagesOf(address: number, bytes: number): Pages {
  return [pageOf(address), pageOf(address + bytes - 1) + 1];
}
