// What is read of an io_uring's fdinfo, and what may change unseen.
import assert from "node:assert/strict";
import { registeredBuffers } from "../../src/kernel/linux/device-memory.ts";
import { unseenIn } from "../../src/tracker/unseen.ts";

const FDINFO = (buffers: string): string =>
  `pos:\t0\nUserFiles:\t1\n    0: file\n${buffers}PollList:\nCqOverflowList:\nNAPI:\tdisabled\n`;

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
    const { unseen, pinnedElsewhere } = unseenIn({ buffers, pinnedPages: 3 }, []);
    assert.deepEqual(
      unseen.map(({ start, end }) => [start, end]),
      [
        [3, 4],
        [5, 7],
      ],
    );
    assert.equal(pinnedElsewhere, 0);
    assert.equal(unseenIn({ buffers: [], pinnedPages: 2048 }, []).pinnedElsewhere, 2048);
  });
});
