// What is read of an io_uring's fdinfo, and what may change unseen.
import assert from "node:assert/strict";
import { mayBeBusy, registeredBuffers } from "../../src/kernel/linux/device-memory.ts";
import type { Mapping } from "../../src/memory/mapping.ts";
import { unseenIn } from "../../src/tracker/unseen.ts";

const FDINFO = (buffers: string): string =>
  `pos:\t0\nUserFiles:\t1\n    0: file\n${buffers}PollList:\nCqOverflowList:\nNAPI:\tdisabled\n`;

const NO_FILES = (): readonly number[] => [];
const AIO: Mapping = {
  ...{ start: 7, end: 9, permissions: "rw-s", offset: 0, device: "00:13", inode: 5, name: "/[aio] (deleted)" },
};

describe("Memory that devices may write", () => {
  it("is what the ring's fdinfo lists, places without a buffer left out", () => {
    const list = "UserBufs:\t3\n    0: 0x7f35700b8000/8192\n    1: <none>\n    2: 0x7f35700df064/5000\n";
    assert.deepEqual(registeredBuffers(FDINFO(list)), [
      { address: 0x7f35700b8000, bytes: 8192 },
      { address: 0x7f35700df064, bytes: 5000 },
    ]);
    assert.deepEqual(registeredBuffers(FDINFO("UserBufs:\t0\n")), []);
  });

  it("is not known while the kernel leaves the list out", () => {
    assert.equal(registeredBuffers(FDINFO("")), undefined);
    assert.equal(registeredBuffers(""), undefined);
  });

  it("is told in whole pages, and what else is pinned by its size", () => {
    const buffers = [
      { address: 0x5064, bytes: 5000, descriptor: 9 },
      { address: 0x3000, bytes: 4096, descriptor: 9 },
    ];
    const { unseen, pinnedElsewhere } = unseenIn({ buffers, pinnedPages: 3, busyRings: [] }, [], NO_FILES);
    assert.deepEqual(
      unseen.map(({ start, end }) => [start, end]),
      [
        [3, 4],
        [5, 7],
      ],
    );
    assert.equal(pinnedElsewhere, 0);
    assert.equal(unseenIn({ buffers: [], pinnedPages: 2048, busyRings: [] }, [], NO_FILES).pinnedElsewhere, 2048);
  });

  it("may be what a ring reads while it has taken more requests than it has told the ends of", () => {
    const counts = (taken: number, told: number): string =>
      `SqMask:\t0x3f\nCachedSqHead:\t${taken}\nCqTail:\t1\nCachedCqTail:\t${told}\n`;
    assert.deepEqual([mayBeBusy(counts(64, 39)), mayBeBusy(counts(64, 64)), mayBeBusy("")], [true, false, true]);
  });

  for (const [what, busyRings, mappings, files, told] of [
    ["io_uring's", [9], [], [4], "direct I/O by the io_uring with descriptor 9, on the file with descriptor 4"],
    ["libaio's", [], [AIO], [4, 5], "direct I/O by libaio, on the file with descriptors 4, 5"],
    [
      "both's, and the files are too many to ask",
      [9, 8],
      [AIO],
      undefined,
      "direct I/O by the io_uring with descriptors 9, 8 and libaio, on one of its many files",
    ],
    ["nobody's without a file for direct I/O", [9], [AIO], [], undefined],
    ["nobody's where a file is open and nothing is asked of it", [], [], [4], undefined],
  ] as const) {
    it(`may be under way and its place unknown: ${what}`, () => {
      const { inFlight } = unseenIn({ buffers: [], pinnedPages: 0, busyRings }, mappings, () => files);
      assert.deepEqual(inFlight, told === undefined ? [] : [told]);
    });
  }
});
