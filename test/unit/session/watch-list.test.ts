// The list of watches: what a user may name, what is kept with the workspace, and what is made of what was kept.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Mapping } from "../../../src/memory/mapping.ts";
import {
  keptList,
  parseTarget,
  rangesIn,
  readList,
  targetText,
  targetWords,
  type WatchEntry,
} from "../../../src/session/watch-list.ts";

describe("What a watch names", () => {
  it("is an expression, addresses, or mappings", () => {
    assert.deepEqual(parseTarget(" counters[3] "), { expression: "counters[3]" });
    assert.deepEqual(parseTarget("0x1000..0x1010"), { start: 0x1000, end: 0x1010 });
    assert.deepEqual(parseTarget("0x1000-0x1010"), { start: 0x1000, end: 0x1010 });
    assert.deepEqual(parseTarget("0x1000+16"), { start: 0x1000, end: 0x1010 });
    assert.deepEqual(parseTarget("0x1000"), { start: 0x1000, end: 0x1001 });
    assert.deepEqual(parseTarget("kind:heap"), { mappings: "heap" });
    assert.deepEqual(parseTarget("name:libfoo.so*"), { mappings: { name: "libfoo.so*" } });
    assert.deepEqual(parseTarget("heap"), { expression: "heap" }, "a variable may be called so");
  });

  for (const [given, why] of [
    ["  ", /names nothing/],
    ["a\nb", /more than a line/],
    ["kind:hep", /none of the kinds heap, stack/],
    ["name:", /names no pattern/],
    ["0x2000..0x1000", /holds no byte/],
    ["0x900000000000+8", /beyond a program's addresses/],
  ] as const) {
    it(`is refused with what would do: ${JSON.stringify(given)}`, () => {
      assert.throws(() => parseTarget(given), why);
      assert.throws(() => parseTarget(given), /Name a variable or an expression/);
    });
  }

  it("is told in words", () => {
    assert.equal(targetWords({ mappings: "heap" }), "anything in the heap");
    assert.equal(targetWords({ mappings: "anonymous" }), "anything in anonymous mappings");
    assert.equal(targetWords({ mappings: { name: "a*" } }), "anything in a*");
    assert.equal(targetWords({ expression: "*list" }), "*list");
  });

  it("of mappings is the writable ones of that kind or name, in bytes", () => {
    const mapping = (name: string, start: number, permissions: string): Mapping => {
      return { start, end: start + 2, permissions, offset: 0, device: "00:00", inode: 0, name };
    };
    const mappings = [mapping("[heap]", 1, "rw-p"), mapping("[heap]", 4, "r--p"), mapping("[stack]", 8, "rw-p")];
    assert.deepEqual(rangesIn(mappings, { mappings: "heap" }), [{ start: 4096, end: 3 * 4096 }]);
    assert.deepEqual(rangesIn(mappings, { mappings: { name: "[st*" } }), [{ start: 8 * 4096, end: 10 * 4096 }]);
  });
});

describe("The list of watches", () => {
  const full: WatchEntry = {
    id: "a",
    target: { expression: "counters" },
    enabled: false,
    condition: { changes: true, fromHit: 3, notFrom: ["main"] },
    log: true,
  };

  it("is the same after it was kept", () => {
    const entries: WatchEntry[] = [full, { id: "b", target: { start: 16, end: 32 }, enabled: true }];
    assert.deepEqual(readList(JSON.parse(JSON.stringify(keptList(entries)))), { entries, dropped: 0 });
  });

  it("is empty where nothing was kept", () => {
    assert.deepEqual(readList(undefined), { entries: [], dropped: 0 });
  });

  it("loses no other watch by one that can't be read", () => {
    const good = { id: "a", what: "counters" };
    const bad = [
      null,
      7,
      {},
      { id: "b", what: "" },
      { id: "c", what: "x", condition: "becoms 3" },
      { id: "a", what: "y" },
    ];
    const { entries, dropped } = readList([...bad.slice(0, 5), good, bad[5]]);
    assert.deepEqual(entries, [{ id: "a", target: { expression: "counters" }, enabled: true }]);
    assert.equal(dropped, 6);
  });

  it("can be read whatever was kept, and kept again", () => {
    const entry = fc.record(
      { id: fc.string(), what: fc.string(), enabled: fc.anything(), condition: fc.string(), log: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(entry)), kept => {
        const { entries } = readList(kept);
        assert.deepEqual(readList(keptList(entries)).entries, entries);
        for (const { target } of entries) assert.deepEqual(parseTarget(targetText(target)), target);
      }),
      { numRuns: 1000 },
    );
  });
});
