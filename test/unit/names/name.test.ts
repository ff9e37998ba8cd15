// Names in words, one of each kind.
import assert from "node:assert/strict";
import { isNoise, type Name, toWords } from "../../../src/names/name.ts";

const block = { address: 0x5000, size: 56, state: "in use" as const };
const next = { address: 0x5040, size: 24, state: "in use" as const };
const symbol = {
  kind: "symbol" as const,
  symbol: "counters",
  spelled: "counters",
  address: 0x4000,
  size: 400,
  offset: 136,
  function: false,
  file: "/usr/bin/program",
};

const WORDS: readonly (readonly [Name, string, boolean])[] = [
  [symbol, "counters+136", false],
  [{ ...symbol, offset: 0 }, "counters", false],
  [{ ...symbol, thread: 7 }, "counters+136 of thread 7", false],
  [{ kind: "heap", place: { kind: "block", block, offset: 0 } }, "block of 56 bytes at 0x5000", false],
  [{ kind: "heap", place: { kind: "block", block, offset: 8 } }, "block of 56 bytes at 0x5000, byte 8", false],
  [
    { kind: "heap", place: { kind: "block", block: { ...block, state: "cached" }, offset: 8 } },
    "block of 56 bytes at 0x5000, byte 8, which was freed",
    false,
  ],
  [
    { kind: "heap", place: { kind: "size", of: next, past: block, offset: 0 } },
    "block of 56 bytes at 0x5000, right past its end: malloc's size of the next block",
    true,
  ],
  [
    { kind: "heap", place: { kind: "size", of: next, past: block, offset: 1 } },
    "block of 56 bytes at 0x5000, 1 byte past its end: malloc's size of the next block",
    true,
  ],
  [
    { kind: "heap", place: { kind: "size", of: next, offset: 4 } },
    "malloc's size of the block of 24 bytes at 0x5040",
    true,
  ],
  [
    { kind: "heap", place: { kind: "unused", past: block, offset: 3 } },
    "block of 56 bytes at 0x5000, 3 bytes past its end: malloc's size of what is left",
    true,
  ],
  [{ kind: "heap", place: { kind: "unused", past: block, offset: 900 } }, "heap that is not given out yet", true],
  [{ kind: "heap", place: { kind: "bookkeeping" } }, "malloc's bookkeeping", true],
  [
    { kind: "heap", place: { kind: "unknown", why: "it does not look like glibc's" } },
    "heap (it does not look like glibc's)",
    false,
  ],
  [{ kind: "stack", thread: 3, above: 64 }, "stack of thread 3", false],
  [{ kind: "stack", thread: 3 }, "stack of thread 3", false],
  [{ kind: "stack", thread: 3, above: -128 }, "stack of thread 3, red zone", true],
  [{ kind: "stack", thread: 3, above: -129 }, "stack of thread 3, below what is in use", true],
  [{ kind: "thread", part: "rseq", thread: 3 }, "the kernel's rseq area of thread 3", true],
  [{ kind: "thread", part: "thread-local data", thread: 3 }, "thread-local data of thread 3", false],
  [
    { kind: "section", section: ".got", offset: 8, file: "/lib/libc.so.6", loader: true },
    "the loader's (.got of libc.so.6)",
    true,
  ],
  [
    { kind: "section", section: ".data", offset: 16, file: "/lib/libc.so.6", loader: false },
    ".data+0x10 of libc.so.6",
    false,
  ],
  [{ kind: "kernel", mapping: "vdso" }, "the kernel's vdso", true],
  [{ kind: "mapping", mapping: "", offset: 255 }, "anonymous memory+0xff", false],
  [{ kind: "mapping", mapping: "/tmp/a b", offset: 0 }, "a b+0x0", false],
  [{ kind: "unmapped" }, "unmapped memory", false],
];

describe("A name in words", () => {
  for (const [name, words, noise] of WORDS) {
    it(`is "${words}"`, () => {
      assert.equal(toWords(name), words);
      assert.equal(isNoise(name), noise);
    });
  }

  it("calls threads and elements of variables what others know them by", () => {
    const words = {
      thread: (id: number) => (id === 7 ? "the main thread" : `#${id}`),
      element: ({ offset }: { offset: number }) => (offset % 8 === 0 ? `[${offset / 8}]` : undefined),
    };
    assert.equal(toWords({ ...symbol, thread: 7 }, words), "counters[17] of the main thread");
    assert.equal(toWords({ ...symbol, offset: 3 }, words), "counters+3");
    assert.equal(toWords({ kind: "stack", thread: 9 }, words), "stack of #9");
  });
});
