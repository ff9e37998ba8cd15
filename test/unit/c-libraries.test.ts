// The kernel's own pages among written ones, in programs of several C libraries: what c-libraries.json recorded of their memory.
// Of each, the loader's tables and what it says of the rseq areas, and the first words of each thread's block; where the areas
// truly lie was told by PTRACE_GET_RSEQ_CONFIGURATION. All else is blank.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { Memory } from "./thread-memory.ts";

interface Recorded {
  readonly library: string;
  readonly loader: { readonly name: string; readonly start: number };
  /** Addresses in hexadecimal; the area's is null where the kernel knows of none. */
  readonly threads: readonly { readonly block: string; readonly area: string | null }[];
  /** Contents, deflated, in base64, by page numbers in hexadecimal. */
  readonly pages: Readonly<Record<string, string>>;
}

const RECORDED: readonly Recorded[] = JSON.parse(readFileSync(new URL("c-libraries.json", import.meta.url), "utf8"));
/** A word beside an area, of the program's own. */
const BESIDE = -16;

class Program {
  readonly memory = new Memory();
  readonly areas: readonly number[];
  readonly blocks: ReturnType<Memory["blocks"]>;

  /** @param absent a page that is not in memory. */
  constructor({ loader, threads, pages }: Recorded, absent?: number) {
    for (const [page, held] of Object.entries(pages)) {
      if (Number(page) !== absent) this.memory.hold(Number(page), inflateSync(Buffer.from(held, "base64")));
    }
    this.memory.threads = threads.length;
    this.areas = threads.flatMap(({ area }) => (area === null ? [] : [Number(area)]));
    const { start, name } = loader;
    const file = { offset: 0, device: "fe:00", inode: 7 };
    this.blocks = this.memory.blocks([
      { start: start - 8, end: start, permissions: "r--p", ...file, inode: 6, name: "/usr/lib/libm.so.6" },
      { start, end: start + 1, permissions: "r--p", ...file, name },
    ]);
  }

  /** What is found where all of the memory was written. */
  found(): { page: number; onlyKernel: boolean | undefined }[] {
    return this.blocks.pagesIn(PageSet.from(this.memory.resident()));
  }
}

describe("The kernel's own pages", () => {
  for (const recorded of RECORDED) {
    const { library, loader } = recorded;
    const pages = new Set(recorded.threads.flatMap(({ area }) => (area === null ? [] : [pageOf(Number(area))])));
    const expected = [...pages].sort((a, b) => a - b);

    it(`are ${expected.length === 0 ? "none" : "those of the threads' areas"} with ${library}`, () => {
      const program = new Program(recorded);
      const each = (onlyKernel: boolean | undefined): object[] => expected.map(page => ({ page, onlyKernel }));
      assert.deepEqual(program.found(), each(undefined));
      for (const area of program.areas) program.memory.schedule(area, 3);
      assert.deepEqual(program.found(), each(true));
      for (const area of program.areas) program.memory.word(area + BESIDE, 5);
      assert.deepEqual(program.found(), each(false));
    });

    if (expected.length > 0) {
      it(`are found with ${library} where nothing but them was written`, () => {
        const program = new Program(recorded);
        for (const area of program.areas) {
          const found = program.blocks.pagesIn(PageSet.of(pageOf(area), pageOf(area) + 1));
          assert.deepEqual(found, [{ page: pageOf(area), onlyKernel: undefined }]);
        }
      });
    }

    it(`are not mistaken with ${library} once its tables are in memory`, () => {
      const program = new Program(recorded, loader.start);
      program.found();
      program.memory.hold(
        loader.start,
        inflateSync(Buffer.from(recorded.pages[`0x${loader.start.toString(16)}`] ?? "", "base64")),
      );
      assert.deepEqual(
        program.found().map(({ page }) => page),
        expected,
      );
    });
  }
});
