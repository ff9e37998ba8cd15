// Before any session is judged by it: the mirror finds each kind of write that nobody told.
import assert from "node:assert/strict";
import type { Mapping } from "../../src/memory/mapping.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { Mirror, type StandingMemory } from "./mirror.ts";
import type { PageState } from "./process-files.ts";
import type { Told } from "./watched.ts";

const FIRST = 0x1000;
const PAGES = 8;

/** Memory of a few pages, each full of one byte; an absent page is of none. */
class Memory implements StandingMemory {
  private readonly pages = new Map<number, { byte: number; state: PageState }>();

  set(page: number, byte: number, state: PageState = "own"): void {
    this.pages.set(page, { byte, state });
  }

  giveBack(page: number): void {
    this.pages.delete(page);
  }

  states(start: number, end: number): PageState[] {
    return Array.from({ length: end - start }, (_, i) => this.pages.get(start + i)?.state ?? "absent");
  }

  read(start: number, end: number, into: Uint8Array): number {
    for (let page = start; page < end; page += 1) {
      into.fill(this.pages.get(page)?.byte ?? 0, (page - start) * PAGE_SIZE, (page - start + 1) * PAGE_SIZE);
    }
    return end - start;
  }
}

const mapping: Mapping = {
  ...{ start: FIRST, end: FIRST + PAGES, permissions: "rw-p", offset: 0, device: "00:00", inode: 0, name: "[heap]" },
};

function told(byProgram: readonly number[], more: Partial<Told> = {}): Told {
  return {
    step: 1,
    byProgram: PageSet.from(byProgram.map((page): [number, number] => [page, page + 1])),
    byDebugger: PageSet.EMPTY,
    isDoubted: false,
    armed: PageSet.of(FIRST, FIRST + PAGES),
    mappings: [mapping],
    steps: [],
    ...more,
  };
}

describe("The mirror of a process's memory", () => {
  let memory: Memory;
  let mirror: Mirror;

  beforeEach(() => {
    memory = new Memory();
    memory.set(FIRST, 1);
    memory.set(FIRST + 1, 2);
    mirror = new Mirror(memory);
    mirror.copy(told([]));
  });

  /** What it finds of this stop, when the next one tells nothing of it either. */
  function found(now: Told, next: Partial<Told> = {}): string[] {
    return [...mirror.check(now), ...mirror.check(told([], next))];
  }

  it("finds nothing where all that changed was told", () => {
    memory.set(FIRST, 9);
    memory.set(FIRST + 5, 7);
    assert.deepEqual(found(told([FIRST, FIRST + 5])), []);
  });

  it("finds a changed page that nobody told, and says which byte of which mapping", () => {
    memory.set(FIRST + 1, 3);
    assert.deepEqual(found(told([FIRST])), ["step 1: page 0x1001000 of [heap] rw-p: byte 0 was 2, is 3"]);
  });

  it("finds a page that came with bytes in it, but not one that was only read", () => {
    memory.set(FIRST + 2, 0);
    memory.set(FIRST + 3, 4);
    memory.set(FIRST + 4, 5, "file");
    assert.deepEqual(found(told([])), ["step 1: page 0x1003000 of [heap] rw-p: it was never there, and holds bytes"]);
  });

  it("finds a page that was given back and not told", () => {
    memory.giveBack(FIRST);
    assert.deepEqual(found(told([])), ["step 1: page 0x1000000 of [heap] rw-p: byte 0 was 1, is 0"]);
  });

  it("finds the change of a page that was told a stop before", () => {
    memory.set(FIRST, 8);
    assert.deepEqual(mirror.check(told([FIRST])), []);
    memory.set(FIRST, 9);
    assert.equal(found(told([])).length, 1);
  });

  it("takes for the debugger's what the next step calls so, and only that", () => {
    memory.set(FIRST, 8);
    assert.deepEqual(found(told([]), { byDebugger: PageSet.of(FIRST, FIRST + 1) }), []);
    memory.set(FIRST, 9);
    assert.equal(found(told([]), { byProgram: PageSet.of(FIRST, FIRST + 1) }).length, 1);
  });

  it("finds bytes in memory that came under watch and was not told", () => {
    const more = { armed: PageSet.of(FIRST, FIRST + PAGES + 2) };
    memory.set(FIRST + PAGES, 6);
    memory.set(FIRST + PAGES + 1, 6);
    const now = told([FIRST + PAGES], more);
    assert.match(
      [...mirror.check(now), ...mirror.check(told([], more))].join(),
      /^[^,]*0x1009000[^,]*it came with a mapping/,
    );
  });

  it("forgets memory that is watched no longer", () => {
    memory.set(FIRST, 8);
    assert.deepEqual(found(told([], { armed: PageSet.of(FIRST + 1, FIRST + PAGES) })), []);
  });

  it("does not wait for a next step that never comes", () => {
    memory.set(FIRST, 8);
    assert.deepEqual(mirror.check(told([])), []);
    assert.equal(mirror.unreported.length, 1);
  });
});
