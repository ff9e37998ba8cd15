// The hot loop in WebAssembly: the bytes that are kept, and its bits against those that TypeScript sets.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { BYTES_FILE, bytesFile } from "../../scripts/wasm.ts";
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

describe("the loop that makes bits of regions", () => {
  it("is what its source compiles to", async () => {
    assert.equal(readFileSync(BYTES_FILE, "utf8"), await bytesFile(), "node scripts/wasm.ts makes it anew");
  });

  it("sets the same bits in WebAssembly as without, beside those that were set before", () => {
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
});
