// A store that comes is told apart from those that waited before: by place, instruction, faults and openings.
import assert from "node:assert/strict";
import { parseBlockedCall, parseFaultsDone } from "../../../src/kernel/linux/blocked-call.ts";
import { hitOfChanges } from "../../../src/tracker/watches/changes.ts";
import { changesIn } from "../../../src/tracker/watches/page-bytes.ts";
import { type Arrival, isHindered, isSame, isSameCall, type Waiting } from "../../../src/tracker/watches/waiting.ts";
import { WatchMap } from "../../../src/tracker/watches/watch-map.ts";

const call = { kind: "store", pc: 100, sp: 5000 } as const;
const arrival: Arrival = { address: 8192, threadId: 7, pid: 7, call, faults: 10, openings: 3 };
const waiting: Waiting = {
  ...arrival,
  ...{ id: 1, by: "store", range: 0, reach: 8200, pages: [2], tell: () => {}, attempts: 0 },
  ...{ isTold: true, wasHindered: false, isPassed: false, isThere: true },
};

describe("A store that comes to watched memory", () => {
  it("is the one that waited, where its page was not opened since: a signal's handler may have had faults of its own", () => {
    assert.ok(isSame(waiting, { ...arrival, faults: 15 }));
  });

  it("is the one that waited, where its page was opened for another, and its fault is not over", () => {
    assert.ok(isSame(waiting, { ...arrival, openings: 4 }));
  });

  it("is another one, where the page was opened and the fault of the first is over", () => {
    assert.ok(!isSame(waiting, { ...arrival, openings: 4, faults: 11 }));
  });

  it("is another one at another place, of another thread, or by another instruction", () => {
    assert.ok(!isSame(waiting, { ...arrival, address: 8193 }));
    assert.ok(!isSame(waiting, { ...arrival, threadId: 8 }));
    assert.ok(!isSame(waiting, { ...arrival, call: { ...call, pc: 104 } }));
  });

  it("was hindered, where it was let through just now and changed nothing; once", () => {
    const passed = { waiting, hasChanged: false, shut: 1000 };
    const later = { ...arrival, openings: 4, faults: 11 };
    assert.ok(isHindered(passed, later, 1001));
    assert.ok(!isHindered({ ...passed, hasChanged: true }, later, 1001));
    assert.ok(!isHindered(passed, later, 2000));
    assert.ok(!isHindered({ ...passed, waiting: { ...waiting, wasHindered: true } }, later, 1001));
  });

  it("goes on with a system call at a higher address, and is another call at the same", () => {
    const read = { kind: "system call", number: 0, args: [3, 8192, 9000, 0, 0, 0], pc: 1, sp: 2 } as const;
    const before = { ...arrival, call: read };
    assert.ok(isSameCall(before, { ...before, address: 12288 }));
    assert.ok(!isSameCall(before, before));
    const other = { ...read, args: [3, 8192, 9001, 0, 0, 0] };
    assert.ok(!isSameCall(before, { ...before, address: 12288, call: other }));
  });
});

describe("What changed in an opened page", () => {
  const map = new WatchMap([{ start: 8192, end: 8192 + 256 }]);
  const changed = (...offsets: number[]) => {
    const before = new Uint8Array(4096);
    const after = before.slice();
    for (const offset of offsets) after[offset] = 1;
    return { page: 2, before, after, changes: changesIn(before, after, 2, map.within(2)) };
  };

  it("is told without the bytes of the store that it was opened for", () => {
    assert.equal(hitOfChanges(changed(0, 7), [waiting], map), undefined);
    const hit = hitOfChanges(changed(0, 7, 8, 9, 40), [waiting], map);
    assert.deepEqual(hit?.changed, [
      { start: 8200, end: 8202 },
      { start: 8232, end: 8233 },
    ]);
    assert.deepEqual([hit?.by, hit?.threadId, hit?.address, hit?.range], ["unknown", 0, 8200, 0]);
  });

  it("is a miss's, where that reached into the range", () => {
    const miss = { ...waiting, address: 8188, reach: 8196, range: -1, isTold: false };
    const hit = hitOfChanges(changed(2), [miss], map);
    assert.deepEqual([hit?.by, hit?.threadId, hit?.pc], ["store", 7, 100]);
  });

  it("is not told beside the watched bytes", () => {
    assert.equal(hitOfChanges(changed(300), [waiting], map), undefined);
  });
});

describe("What /proc tells of a thread that waits", () => {
  it("is the storing instruction, or a system call with its arguments", () => {
    assert.deepEqual(parseBlockedCall("-1 0x7ffd12345678 0x401136\n"), {
      kind: "store",
      sp: 0x7ffd12345678,
      pc: 0x401136,
    });
    assert.deepEqual(parseBlockedCall("0 0x3 0x7f00 0x5 0x0 0xffffffffffffffff 0x0 0x7ffd00 0x401200\n"), {
      ...{ kind: "system call", number: 0, args: [3, 0x7f00, 5, 0, -1, 0], sp: 0x7ffd00, pc: 0x401200 },
    });
    for (const text of ["running\n", "", "-1\n", "0 0x3 0x7f00\n", "-1 0xzz 0x1"]) {
      assert.equal(parseBlockedCall(text), undefined, text);
    }
  });

  it("is how many of its faults are over, whatever its name", () => {
    const stat = "12 (a) b (c) S 1 1 1 0 -1 4194304 100 5 7 6 1 1 0 0 20 0 1 0\n";
    assert.equal(parseFaultsDone(stat), 107);
    assert.equal(parseFaultsDone(""), undefined);
  });
});
