// A heap whose account was overwritten: what is told before the damage stays true, and of what comes after it nothing is claimed.
import assert from "node:assert/strict";
import type { Mapping } from "../../../src/memory/mapping.ts";
import type { MemoryReader } from "../../../src/names/bytes.ts";
import { Heap } from "../../../src/names/heap/heap.ts";
import { Namer } from "../../../src/names/namer.ts";
import { overlaid } from "../../../src/names/overlay.ts";
import { SEED } from "../../seeds.ts";

const START = 0x5555_5000_0000;
const SIZE = 0x21000;
const MAPPING: Mapping = {
  start: START / 4096,
  end: (START + SIZE) / 4096,
  permissions: "rw-p",
  offset: 0,
  device: "00:00",
  inode: 0,
  name: "[heap]",
};

/** A heap as malloc makes it: a thread's cache, a hundred blocks of 48 bytes, and the rest. */
class MadeHeap implements MemoryReader {
  readonly bytes = new Uint8Array(SIZE);
  readonly view = new DataView(this.bytes.buffer);

  constructor() {
    this.size(0, 0x291);
    for (let i = 0; i < 100; i += 1) this.size(this.chunk(i), 0x41);
    this.size(this.chunk(100), SIZE - this.chunk(100) + 1);
  }

  /** Where block i's chunk begins, from the heap's begin. */
  chunk(i: number): number {
    return 0x290 + i * 0x40;
  }

  size(chunk: number, value: number): void {
    this.view.setBigUint64(chunk + 8, BigInt(value), true);
  }

  block(i: number): number {
    return START + this.chunk(i) + 16;
  }

  read(address: number, length: number): Uint8Array | undefined {
    const from = address - START;
    return from < 0 || from + length > SIZE ? undefined : this.bytes.subarray(from, from + length);
  }

  heap(): Heap {
    return new Heap(this, [MAPPING]);
  }
}

describe("a heap", () => {
  it("tells a block, the end that was passed, and what was never given out", () => {
    const made = new MadeHeap();
    const heap = made.heap();
    const block = { address: made.block(7), size: 56, state: "in use" as const };
    const after = { address: made.block(8), size: 56, state: "in use" as const };
    assert.deepEqual(heap.at(made.block(7) + 55), { kind: "block", block, offset: 55 });
    assert.deepEqual(heap.at(made.block(7) + 56), { kind: "size", of: after, past: block, offset: 0 });
    assert.equal(heap.at(START + 0x20)?.kind, "bookkeeping");
    assert.equal(heap.at(START + SIZE - 1)?.kind, "unused");
    assert.equal(heap.at(START - 1), undefined);
    assert.deepEqual(heap.neighboursOf(block).after, after);
  });

  it("whose size field was overwritten tells where, and what lies before it", () => {
    const made = new MadeHeap();
    made.size(made.chunk(50), 0x4141_4141_4141);
    const heap = made.heap();
    assert.equal(heap.at(made.block(20))?.kind, "block");
    const place = heap.at(made.block(60));
    assert.ok(place?.kind === "unknown");
    assert.match(place.why, new RegExp(`damaged at 0x${(START + made.chunk(50)).toString(16)}: its size`));
  });

  it("that one step damaged is named as it was before that step, and says so", () => {
    const made = new MadeHeap();
    const [from, to] = [made.block(49) + 50, made.block(50) + 4];
    const then = made.read(from, to - from)?.slice() ?? assert.fail();
    made.bytes.fill(0x41, from - START, to - START);
    const process = { id: 1, mappings: [MAPPING], memory: made, files: { elfOf: () => undefined }, threads: [] };
    const whole = { ranges: Float64Array.of(from, to), bytes: then };
    const nameAt = (earlier?: MemoryReader) =>
      new Namer({ ...process, ...(earlier ? { earlier } : {}) }).nameOf(made.block(60), made.block(60) + 1);
    const block = { address: made.block(60), size: 56, state: "in use" as const };
    assert.deepEqual(nameAt(overlaid(made, whole)), {
      kind: "heap",
      place: { kind: "block", block, offset: 0 },
      damaged: true,
    });
    // Bytes of elsewhere mend nothing.
    const other = { ranges: Float64Array.of(START, START + 8), bytes: new Uint8Array(8) };
    for (const name of [nameAt(), nameAt(overlaid(made, other))]) {
      assert.ok(name.kind === "heap" && name.place.kind === "unknown");
    }
  });

  it("that another allocator made is not read as malloc's", () => {
    const made = new MadeHeap();
    made.bytes.fill(0xa5);
    const place = made.heap().at(START + 0x1000);
    assert.ok(place?.kind === "unknown");
    assert.match(place.why, /glibc/);
  });

  it("with any bytes at all gets an answer", () => {
    let state = SEED;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let round = 0; round < 2000; round += 1) {
      const made = new MadeHeap();
      for (let i = 0; i <= below(5); i += 1) {
        const at = below(2) ? made.chunk(below(101)) + 8 : below(0x290);
        made.view.setUint32(Math.min(SIZE - 4, at), below(2) ? below(2 ** 32) : 16 * below(64) + below(8), true);
      }
      const heap = made.heap();
      for (let k = 0; k < 10; k += 1) {
        const address = START + below(SIZE);
        const place = heap.at(address);
        if (place?.kind !== "block") continue;
        const { block } = place;
        assert.ok(block.address <= address && address < block.address + block.size);
        assert.ok(block.address >= START && block.address + block.size <= START + SIZE);
      }
    }
  });
});
