// The pool of huge pages that hugetlb memory lives on (mm/hugetlb.c).
import { Errno } from "../errno.ts";
import type { MemoryFile } from "./memory-file.ts";

/** The pool (vm.nr_hugepages): what is in use, and what mappings were promised and have not touched yet. */
export class HugetlbPool {
  /** Huge pages in all. */
  readonly size: number;
  private used = 0;
  private readonly promised = new Map<MemoryFile, number>();

  constructor(size: number) {
    this.size = size;
  }

  private get left(): number {
    let left = this.size - this.used;
    for (const pages of this.promised.values()) left -= pages;
    return left;
  }

  /** Promises so many huge pages to a mapping. @returns -errno where there are not so many. */
  promise(file: MemoryFile, pages: number): number {
    if (pages > this.left) return -Errno.ENOMEM;
    this.promised.set(file, pages);
    return 0;
  }

  /** Takes a huge page, a promised one where there is one. @returns whether there was any. */
  take(file: MemoryFile): boolean {
    const promised = this.promised.get(file) ?? 0;
    if (promised === 0 && this.left <= 0) return false;
    if (promised > 0) this.promised.set(file, promised - 1);
    this.used += 1;
    return true;
  }

  giveBack(): void {
    this.used -= 1;
  }

  /** What was promised to a mapping that is gone. */
  forget(file: MemoryFile): void {
    this.promised.delete(file);
  }
}
