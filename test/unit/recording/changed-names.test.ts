// What a step changed, in words.
import assert from "node:assert/strict";
import { changedWords, type NamedChange } from "../../../src/recording/changed-names.ts";

const change = (words: string, more: Partial<NamedChange> = {}): NamedChange => ({
  start: 0,
  end: 4,
  bytes: 4,
  words,
  isNoise: false,
  ...more,
});

describe("What a step changed, in words", () => {
  it("is each variable with its value, where that is known", () => {
    const changes = [change("total", { value: "0 → 5" }), change("node", { end: 64, bytes: 40 })];
    assert.equal(changedWords({ changes, unnamed: 0 }), "total: 0 → 5, node (40 bytes)");
  });

  it("names a few, and counts the others", () => {
    const changes = ["a", "b", "c", "d", "e"].map(words => change(words));
    assert.equal(changedWords({ changes, unnamed: 0 }), "a, b, c, 2 more");
    assert.equal(changedWords({ changes, unnamed: 7 }), "a, b, c, up to 9 more");
  });

  it("leaves bookkeeping out, and says so where there is nothing else", () => {
    const noise = change("main_arena", { isNoise: true });
    assert.equal(changedWords({ changes: [noise, change("a")], unnamed: 0 }), "a");
    assert.equal(changedWords({ changes: [noise], unnamed: 0 }), "only bookkeeping");
  });

  it("is nothing where nothing changed", () => {
    assert.equal(changedWords({ changes: [], unnamed: 0 }), "");
  });
});
