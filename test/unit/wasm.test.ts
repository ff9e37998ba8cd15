// The hot loops in WebAssembly: the bytes that are kept, and what they find against what TypeScript finds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { BYTES_FILE, bytesFile } from "../../scripts/wasm.ts";
import { differences, MOST_RUNS } from "../../src/memory/contents/difference.ts";
import { PageComparer } from "../../src/memory/contents/page-comparer.ts";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { BITMAP_WORDS, bitmapRuns, CHUNK } from "../../src/memory/page-set-chunks.ts";
import { fillBitmap } from "../../src/memory/page-set-ranges.ts";
import { regionMemory } from "../../src/memory/region-memory.ts";

/** 32-bit words of a struct page_region. */
const WORDS = 6;
const MOST = 3000;

/** Gaps and lengths, in turn: runs that touch, that fill words to their ends, and that fill many. */
const steps = fc.array(fc.tuple(fc.nat(70), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 }))), {
  minLength: 1,
  maxLength: MOST,
});

describe("The loops in WebAssembly", () => {
  it("are what their source compiles to", async () => {
    assert.equal(readFileSync(BYTES_FILE, "utf8"), await bytesFile(), "node scripts/wasm.ts makes it anew");
  });

  it("set the same bits of regions as those here, beside those that were set before", () => {
    const { buffer, offset, fill } = regionMemory(MOST * WORDS * 4);
    assert.ok(fill, "there is WebAssembly");
    const words = new Uint32Array(buffer, offset);
    fc.assert(
      fc.property(steps, fc.nat(200), fc.integer({ min: 0, max: 2 ** 18 }), (list, before, chunk) => {
        let page = before;
        let count = 0;
        for (const [gap, length] of list) {
          const [start, end] = [page + gap, page + gap + length];
          if (end >= CHUNK) break;
          const addresses = BigUint64Array.of(BigInt(start), BigInt(end)).map(
            at => (BigInt(chunk * CHUNK) + at) * 4096n,
          );
          words.set(new Uint32Array(addresses.buffer), count * WORDS);
          page = end;
          count += 1;
        }
        // Room before and behind shows that it stays within.
        const [expected, found] = [new Uint32Array(BITMAP_WORDS + 2), new Uint32Array(BITMAP_WORDS + 2)];
        for (const data of [expected, found])
          for (let bit = 0; bit < before; bit += 1) data[1 + (bit >>> 5)] |= 1 << (bit & 31);
        const runs = before > 0 ? 1 : 0;
        const more = fillBitmap(words, 0, count * WORDS, WORDS, expected, 1, before);
        const all = fill(0, count * WORDS, found, 1);
        assert.deepEqual(found, expected);
        assert.equal(all, runs + more);
        assert.equal(all, bitmapRuns(found, 1));
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("find the same runs of changed bytes as those here", () => {
    const comparer = new PageComparer(2);
    const spans = new Uint16Array(MOST_RUNS * 2);
    const change = fc.tuple(
      fc.nat(PAGE_SIZE - 1),
      fc.oneof(fc.constant(1), fc.nat(130)),
      fc.integer({ min: 1, max: 255 }),
    );
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.boolean(),
        fc.boolean(),
        (changes, fromZeroes, everySecond) => {
          const before = new Uint8Array(PAGE_SIZE).map((_, i) => (fromZeroes ? 0 : i * 31));
          const now = before.map((byte, i) => (everySecond && i % 2 === 1 ? byte ^ 1 : byte));
          for (const [at, length, by] of changes)
            for (let i = at; i < Math.min(PAGE_SIZE, at + length); i += 1) now[i] ^= by;
          comparer.read.set(now, PAGE_SIZE);
          // The copy lies anywhere in its block.
          const block = new Uint8Array(3 * PAGE_SIZE);
          block.set(before, PAGE_SIZE);
          const runs = comparer.find(fromZeroes ? undefined : { bytes: block, at: PAGE_SIZE }, 1);
          const expected = differences(new Int32Array(before.buffer), 0, new Int32Array(now.buffer), 0, spans);
          assert.equal(runs, expected);
          assert.deepEqual(comparer.spans.slice(0, runs * 2), spans.slice(0, runs * 2));
        },
      ),
      { seed: 13, numRuns: 400 },
    );
  });

  it("find all of a page that became zeroes, but its zeroes", () => {
    const comparer = new PageComparer(1);
    const before = new Uint8Array(PAGE_SIZE).fill(7, 16, 80);
    assert.equal(comparer.find({ bytes: before, at: 0 }, undefined), 1);
    assert.deepEqual([...comparer.spans.slice(0, 2)], [16, 80]);
  });
});
