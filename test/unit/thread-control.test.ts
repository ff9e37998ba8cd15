// Thread control blocks among written pages, by the layouts of several C libraries.
import assert from "node:assert/strict";
import { simulatedKernel } from "../../src/kernel/simulated/simulated-kernel.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { ThreadControlBlocks } from "../../src/tracker/thread-control.ts";

/** Memory of a process, as much of it as a test writes. */
class Memory {
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

  blocks(): ThreadControlBlocks {
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
    return new ThreadControlBlocks(kernel, 1, pages => pages.intersect(PageSet.from(this.resident())));
  }

  private resident(): [number, number][] {
    return [...this.pages.keys()].map(page => [page, page + 1]);
  }
}

const BLOCK = 0x7f3c8f978040;
const PAGE = pageOf(BLOCK);

function written(...pages: number[]): PageSet {
  return PageSet.from(pages.map(page => [page, page + 1]));
}

describe("The kernel's own pages", () => {
  for (const [library, rseq] of [
    ["glibc 2.36", 0x920],
    ["glibc 2.39", 0x9a0],
  ] as const) {
    it(`are those of the threads' rseq areas, of ${library}`, () => {
      const memory = new Memory();
      memory.block(BLOCK, rseq, 1);
      const blocks = memory.blocks();
      assert.deepEqual(blocks.pagesIn(written(PAGE, PAGE + 1)), [{ page: PAGE, onlyKernel: undefined }]);
      memory.schedule(BLOCK + rseq, 0);
      assert.deepEqual(blocks.pagesIn(written(PAGE)), [{ page: PAGE, onlyKernel: true }]);
      memory.word(BLOCK + 0x300, 1);
      assert.deepEqual(blocks.pagesIn(written(PAGE)), [{ page: PAGE, onlyKernel: false }]);
      assert.deepEqual(blocks.pagesIn(written(PAGE + 5)), []);
    });

    it(`are the next page where the area lies there, of ${library}`, () => {
      const memory = new Memory();
      memory.block(BLOCK + 0x700, rseq, 1);
      const blocks = memory.blocks();
      for (const expected of [undefined, true]) {
        assert.deepEqual(blocks.pagesIn(written(PAGE, PAGE + 1)), [{ page: PAGE + 1, onlyKernel: expected }]);
      }
    });
  }

  it("are told only where no other page could bear the area, until its place is known", () => {
    const memory = new Memory();
    memory.block(BLOCK + 0x680, 0x920, 0);
    memory.word((PAGE + 1) * PAGE_SIZE, 1);
    const blocks = memory.blocks();
    assert.deepEqual(blocks.pagesIn(written(PAGE, PAGE + 1)), []);
    memory.schedule(BLOCK + 0x680 + 0x920, 3);
    assert.deepEqual(
      blocks.pagesIn(written(PAGE, PAGE + 1)).map(({ page }) => page),
      [PAGE],
    );
  });

  it("are none where the C library registers no rseq area", () => {
    const memory = new Memory();
    memory.block(BLOCK, 0x920, 0, 0);
    assert.deepEqual(memory.blocks().pagesIn(written(PAGE, PAGE + 1)), []);
  });

  it("are found behind a page that can't be read, and of each thread", () => {
    const memory = new Memory();
    memory.threads = 300;
    const pages = Array.from({ length: 300 }, (_, i) => PAGE + i * 3);
    for (const page of pages) memory.block(page * PAGE_SIZE + 0x40, 0x920, 1);
    memory.word((PAGE + 1) * PAGE_SIZE, 1);
    memory.unreadable.add(PAGE + 1);
    const found = memory.blocks().pagesIn(written(PAGE + 1, ...pages));
    assert.deepEqual(
      found.map(({ page }) => page),
      pages,
    );
  });

  it("are searched for in a page once, and again when the threads are others", () => {
    const memory = new Memory();
    memory.word(BLOCK, 1);
    const blocks = memory.blocks();
    blocks.pagesIn(written(PAGE));
    const before = memory.read;
    blocks.pagesIn(written(PAGE));
    assert.equal(memory.read, before);
    memory.block(BLOCK, 0x920, 1);
    memory.threads = 2;
    assert.equal(blocks.pagesIn(written(PAGE)).length, 1);
  });

  it("are no more where the thread has ended and its block is overwritten", () => {
    const memory = new Memory();
    memory.block(BLOCK, 0x920, 1);
    const blocks = memory.blocks();
    assert.equal(blocks.pagesIn(written(PAGE)).length, 1);
    memory.word(BLOCK, 0);
    assert.deepEqual(blocks.pagesIn(written(PAGE)), []);
  });
});
