// For tests: memory of a process with threads, as much of it as a test writes.
import { simulatedKernel } from "../../src/kernel/simulated/simulated-kernel.ts";
import type { Mapping } from "../../src/memory/mapping.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { ThreadControlBlocks, type ThreadPage } from "../../src/tracker/thread-control.ts";

/** Memory of a process, as much of it as a test writes. */
export class Memory {
  private readonly pages = new Map<number, Uint8Array>();
  readonly unreadable = new Set<number>();
  threads = 1;
  /** Pages that were read. */
  read = 0;

  word(address: number, value: number): void {
    const page = pageOf(address);
    const bytes = this.pages.get(page) ?? new Uint8Array(PAGE_SIZE);
    this.pages.set(page, bytes);
    new DataView(bytes.buffer).setUint32(address % PAGE_SIZE, value, true);
  }

  /** What glibc writes into a thread's block, and the kernel into its rseq area. @param tid 0 for musl, which has none there. */
  block(address: number, rseq: number, cpu: number, tid = 4711): void {
    for (const offset of [0, 16]) {
      this.word(address + offset, address % 2 ** 32);
      this.word(address + offset + 4, Math.floor(address / 2 ** 32));
    }
    this.word(address + 0x2d0, tid);
    this.schedule(address + rseq, cpu);
  }

  schedule(area: number, cpu: number): void {
    this.word(area, cpu);
    this.word(area + 4, cpu);
  }

  hold(page: number, bytes: Uint8Array): void {
    this.pages.set(page, Uint8Array.from(bytes));
  }

  /** @returns what the search finds among pages that were written. @param mappings of a dynamically linked program. */
  blocks(mappings: readonly Mapping[] = []): { pagesIn(candidates: PageSet): ThreadPage[] } {
    const kernel = {
      ...simulatedKernel(() => undefined),
      threadCount: () => this.threads,
      readPages: (_pid: number, runs: Float64Array, into: Uint8Array): number => {
        let done = 0;
        for (let i = 0; i < runs.length; i += 2) {
          for (let page = runs[i]; page < runs[i + 1]; page += 1, done += PAGE_SIZE) {
            if (this.unreadable.has(page)) return done;
            this.read += 1;
            into.set(this.pages.get(page) ?? [], done);
          }
        }
        return done;
      },
    };
    const blocks = new ThreadControlBlocks(kernel, 1, pages => pages.intersect(PageSet.from(this.resident())));
    return { pagesIn: candidates => blocks.pagesIn(candidates, mappings) };
  }

  resident(): [number, number][] {
    return [...this.pages.keys()].sort((a, b) => a - b).map(page => [page, page + 1]);
  }
}
