// A run of changed bytes over the end of a heap block is told as what it is.
import assert from "node:assert/strict";
import type { HeapBlock, HeapPlace } from "../../../src/names/heap/heap.ts";
import { withOverflows } from "../../../src/names/heap/overflow.ts";
import { type NamedRange, toWords } from "../../../src/names/name.ts";

const FIRST: HeapBlock = { address: 0x1010, size: 24, state: "in use" };
const SECOND: HeapBlock = { address: 0x1030, size: 24, state: "in use" };

const piece = (start: number, end: number, place: HeapPlace): NamedRange => ({
  start,
  end,
  name: { kind: "heap", place },
});
const inFirst = (block = FIRST): NamedRange => piece(0x1020, 0x1028, { kind: "block", block, offset: 16 });
const sizeOf = (past: HeapBlock | undefined): NamedRange =>
  piece(0x1028, 0x1030, { kind: "size", of: SECOND, past, offset: 0 });
const inSecond = piece(0x1030, 0x1033, { kind: "block", block: SECOND, offset: 0 });

const words = (pieces: readonly NamedRange[]): string[] =>
  withOverflows(pieces).map(({ start, end, name }) => {
    const thread = (id: number): string => `thread ${id}`;
    return `${start.toString(16)}-${end.toString(16)} ${toWords(name, { thread })}`;
  });

describe("Changed bytes on both sides of a heap block's end", () => {
  it("are one overflow, into the next block where they reach so far", () => {
    assert.deepEqual(words([inFirst(), sizeOf(FIRST), inSecond]), [
      "1020-1033 overflow of the block of 24 bytes at 0x1010: from byte 16 to 11 bytes past its end, into the block of 24 bytes at 0x1030",
    ]);
  });

  it("are one over malloc's size alone where they end there", () => {
    assert.deepEqual(words([inFirst(), { ...sizeOf(FIRST), end: 0x1029 }]), [
      "1020-1029 overflow of the block of 24 bytes at 0x1010: from byte 16 to 1 byte past its end, over malloc's size of the next one",
    ]);
  });

  it("are malloc's own where it has taken the block back", () => {
    for (const state of ["free", "cached"] as const) {
      const pieces = [inFirst({ ...FIRST, state }), sizeOf({ ...FIRST, state })];
      assert.deepEqual(withOverflows(pieces), pieces);
    }
  });

  it("are told apart where they are not one piece, or not of one block", () => {
    const apart = [{ ...inFirst(), end: 0x1027 }, sizeOf(FIRST)];
    assert.deepEqual(withOverflows(apart), apart);
    const others = [inFirst(), sizeOf(SECOND)];
    assert.deepEqual(withOverflows(others), others);
    const alone = [sizeOf(FIRST), inSecond];
    assert.deepEqual(withOverflows(alone), alone);
  });
});
