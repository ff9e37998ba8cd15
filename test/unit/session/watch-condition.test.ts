// When a store into a watch is worth a stop.
import assert from "node:assert/strict";
import {
  conditionWords,
  holdsAfter,
  holdsBefore,
  needsStack,
  needsStore,
  parseCondition,
  type Seen,
} from "../../../src/session/watch-condition.ts";

const range = { start: 0x1000, end: 0x1004 };

function seen(more: Partial<Seen> = {}): Seen {
  return {
    hit: 1,
    range,
    address: 0x1000,
    at: 0x1000,
    before: Uint8Array.of(0, 0, 0, 0),
    after: Uint8Array.of(0, 0, 0, 0),
    ...more,
  };
}

describe("A watch's condition", () => {
  it("is read from words, and told in the same words", () => {
    const texts = [
      "changes",
      "becomes 42",
      "becomes 0xff of 1 byte",
      "becomes -1 of 8 bytes",
      "from hit 3",
      "not from free, list::clear",
      "changes and becomes 7 and from hit 2 and not from main",
    ];
    for (const text of texts) {
      const condition = parseCondition(text);
      assert.ok(condition);
      assert.equal(conditionWords(condition), text);
      assert.deepEqual(parseCondition(conditionWords(condition)), condition);
    }
    assert.deepEqual(parseCondition("  becomes   42  and  from  hit 3 "), { becomes: { value: "42" }, fromHit: 3 });
    assert.equal(parseCondition(" "), undefined);
  });

  it("that can't be understood is refused, with what can", () => {
    for (const text of [
      "becomes",
      "becomes x",
      "becomes 1 of 3 bytes",
      "from hit 0",
      "from hit -1",
      "not from",
      "not from a,,b",
      "changes or becomes 1",
      "changes and",
    ]) {
      assert.throws(() => parseCondition(text), /is no condition of a watch.*becomes 42/, text);
    }
  });

  it("tells what deciding it takes", () => {
    assert.deepEqual([needsStore({}), needsStack({})], [false, false]);
    assert.deepEqual(
      [needsStore({ changes: true }), needsStore({ becomes: { value: "1" } }), needsStore({ fromHit: 2 })],
      [true, true, false],
    );
    assert.deepEqual([needsStack({ notFrom: ["f"] }), needsStack({ notFrom: [] })], [true, false]);
  });

  it("of a count holds from that hit on", () => {
    assert.deepEqual(
      [1, 2, 3, 4].map(hit => holdsBefore({ fromHit: 3 }, seen({ hit }))),
      [false, false, true, true],
    );
  });

  it("of functions does not hold where one of them is anywhere on the stack", () => {
    const from = (...functions: string[]): boolean =>
      holdsBefore({ notFrom: ["clear", "List::drop"] }, seen({ functions }));
    assert.equal(from("store", "main"), true);
    assert.equal(from("store", "clear", "main"), false);
    assert.equal(from("store", "clear(int, char*)", "main"), false);
    assert.equal(from("store", "program`clear", "main"), false);
    assert.equal(from("ns::List::drop(void)", "main"), false);
    assert.equal(from("clear_all", "unclear", "drop"), true);
  });

  it("of a change holds where a byte differs", () => {
    assert.equal(holdsAfter({ changes: true }, seen()), false);
    assert.equal(holdsAfter({ changes: true }, seen({ after: Uint8Array.of(0, 0, 1, 0) })), true);
  });

  it("of a new value compares the number of the watch's own size", () => {
    const after = Uint8Array.of(0x2c, 0x01, 0, 0);
    assert.equal(holdsAfter({ becomes: { value: "300" } }, seen({ after })), true);
    assert.equal(holdsAfter({ becomes: { value: "0x12c" } }, seen({ after })), true);
    assert.equal(holdsAfter({ becomes: { value: "44" } }, seen({ after })), false);
    assert.equal(holdsAfter({ becomes: { value: "44", size: 1 } }, seen({ after })), true);
    assert.equal(holdsAfter({ becomes: { value: "-1" } }, seen({ after: Uint8Array.of(255, 255, 255, 255) })), true);
    assert.equal(holdsAfter({ becomes: { value: "0" } }, seen()), true);
  });

  it("of a new value finds the element of a table that the store is in", () => {
    const table = { start: 0x1000, end: 0x1100 };
    const after = new Uint8Array(64);
    after[0x1022 - 0x1000] = 5;
    // The third byte of the ninth number.
    const store = seen({ range: table, address: 0x1022, after, before: new Uint8Array(64) });
    assert.equal(holdsAfter({ becomes: { value: String(5 * 65536) } }, store), true);
    assert.equal(holdsAfter({ becomes: { value: "5", size: 1 } }, store), true);
    assert.equal(holdsAfter({ becomes: { value: "5", size: 2 } }, store), true);
    assert.equal(holdsAfter({ becomes: { value: "0", size: 8 } }, store), false);
  });

  it("that can't be decided, since the bytes could not be read, is worth a stop", () => {
    const { after: _after, ...unread } = seen();
    assert.equal(holdsAfter({ changes: true, becomes: { value: "9" } }, unread), true);
    assert.equal(holdsAfter({ becomes: { value: "9" } }, seen({ after: Uint8Array.of(1) })), true);
  });
});
