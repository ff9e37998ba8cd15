// Thread control blocks among written pages of statically linked programs, whose C library has no name and exports nothing.
import assert from "node:assert/strict";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { Memory } from "./thread-memory.ts";

const BLOCK = 0x7f3c8f978040;
const PAGE = pageOf(BLOCK);

function written(...pages: number[]): PageSet {
  return PageSet.from(pages.map(page => [page, page + 1]));
}

describe("The kernel's own pages in a statically linked program", () => {
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

  it("are none of a thread's that has no number where glibc keeps it, as musl's have not", () => {
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
