// How a core file is cut into segments: few of them however scattered the memory is, and as many as it takes.
import assert from "node:assert/strict";
import { NO_HOST } from "../../../src/agent/cores.ts";
import { NO_BASE, newId } from "../../../src/core/chain.ts";
import { layOut } from "../../../src/core/layout.ts";
import { processNotes } from "../../../src/core/notes.ts";
import { type Piece, planPieces } from "../../../src/core/pieces.ts";
import { readCore } from "../../../src/core/read.ts";
import { Category } from "../../../src/memory/category.ts";
import type { Mapping } from "../../../src/memory/mapping.ts";
import { sourceOf } from "../../../src/names/bytes.ts";

const notes = processNotes(NO_HOST.describe(1), []);
const identity = { id: newId(), base: NO_BASE, sequence: 0, pid: 1 };

/** Read again from its head alone; the pages are as many zeroes. */
const readAgain = (pieces: readonly Piece[]): ReturnType<typeof readCore> => {
  const { head, size } = layOut(pieces, notes, identity);
  const bytes = new Uint8Array(size);
  bytes.set(head);
  return readCore(sourceOf(bytes));
};

const mapping = (start: number, end: number, permissions = "rw-p", name = "", inode = 0): Mapping => ({
  ...{ start, end, permissions, name, inode, offset: 0, device: "00:00" },
});

describe("A core file's segments", () => {
  it("are few where every other page of a large mapping was stored to", () => {
    const pages = 60_000;
    const runs = Array.from({ length: pages / 2 }, (_, i) => [100 + i * 2, 101 + i * 2]).flat();
    const categories = new Uint16Array(pages / 2).fill(Category.PRESENT);
    const pieces = planPieces([mapping(100, 100 + pages)], { runs, categories }, { files: "changed", hasSwap: false });
    assert.equal(pieces.length, pages);
    const { head } = layOut(pieces, notes, identity);
    assert.ok(head.length < 4096, `${head.length} bytes of headers`);
  });

  it("leave long untouched runs out, longer ones where else there were too many segments", () => {
    const scattered = (count: number): Piece[] =>
      Array.from({ length: count * 2 }, (_, i): Piece => {
        const start = Math.floor(i / 2) * 10 + (i % 2);
        return { start, end: i % 2 === 0 ? start + 1 : start + 9, flags: 6, kind: i % 2 === 0 ? "bytes" : "zeroes" };
      });
    assert.equal(readAgain(scattered(1000)).pieces.length, 2000);
    assert.ok(readAgain(scattered(40_000)).pieces.length < 50_000);
  });

  it("may be more than the header's field for their number holds", () => {
    const pieces = Array.from(
      { length: 70_000 },
      (_, i): Piece => ({ start: i * 2, end: i * 2 + 1, flags: 4, kind: "absent" }),
    );
    assert.equal(readAgain(pieces).pieces.length, 70_000);
  });

  it("tell of a file's memory its first page and what may yet be written, and of shared memory without a name all", () => {
    const { PRESENT, FILE } = Category;
    const list = [
      mapping(10, 20, "r-xp", "/lib/x.so", 7),
      mapping(20, 25, "rw-p", "/lib/x.so", 7),
      mapping(30, 34, "rw-s", "/memfd:x (deleted)", 8),
      mapping(40, 44, "---p"),
    ];
    const regions = { runs: [10, 25, 30, 33], categories: [PRESENT | FILE, PRESENT | FILE] };
    const kinds = (files: "changed" | "in memory"): unknown[] =>
      planPieces(list, regions, { files, hasSwap: false }).map(({ start, end, kind }) => [start, end, kind]);
    assert.deepEqual(kinds("changed"), [
      ...[
        [10, 11, "bytes"],
        [11, 20, "absent"],
        [20, 25, "bytes"],
      ],
      ...[
        [30, 33, "bytes"],
        [33, 34, "absent"],
        [40, 44, "absent"],
      ],
    ]);
    assert.deepEqual(kinds("in memory"), [
      ...[
        [10, 20, "bytes"],
        [20, 25, "bytes"],
      ],
      ...[
        [30, 33, "bytes"],
        [33, 34, "absent"],
        [40, 44, "absent"],
      ],
    ]);
  });

  it("take the mark of write protection in a hole for what it is, where there is no swap", () => {
    const { WPALLOWED, SWAPPED } = Category;
    const regions = { runs: [10, 20], categories: [WPALLOWED | SWAPPED] };
    const kind = (hasSwap: boolean): string =>
      planPieces([mapping(10, 20)], regions, { files: "changed", hasSwap })[0].kind;
    assert.deepEqual([kind(false), kind(true)], ["zeroes", "bytes"]);
  });
});
