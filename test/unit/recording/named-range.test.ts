// Names of a recording without a debugger: the variables that its steps changed, and words for all others.
import assert from "node:assert/strict";
import { rangeNamed } from "../../../src/recording/named-range.ts";
import { recordingOf, STEPS } from "./made.ts";

const START = 101 * 4096 + 8;

describe("A name in a recording", () => {
  const { steps } = recordingOf(STEPS);

  it("stands for the whole variable, though only a part of it changed", () => {
    assert.deepEqual(rangeNamed(steps, " counter "), { address: START, size: 4 });
  });

  it("may be followed by an offset, and a length", () => {
    assert.deepEqual(rangeNamed(steps, "counter+2"), { address: START + 2, size: 1 });
    assert.deepEqual(rangeNamed(steps, "counter + 1 + 3"), { address: START + 1, size: 3 });
  });

  it("may be an address", () => {
    assert.deepEqual(rangeNamed(steps, "0x1000+16"), { address: 0x1000, size: 16 });
  });

  it("that is not known is refused with those that are, and what to do", () => {
    assert.throws(
      () => rangeNamed(steps, "counters[17]"),
      /'counters\[17\]' is not known .*\(it knows counter\).*Give an address/,
    );
    assert.throws(() => rangeNamed(recordingOf([]).steps, "x"), /it knows no names/);
  });

  it("is refused where the offset leads out of the variable", () => {
    assert.throws(() => rangeNamed(steps, "counter+4"), /'counter' has 4 bytes: counter\+4 is not within them/);
    assert.throws(() => rangeNamed(steps, "counter+0+0"), /not within them/);
  });

  it("of several variables is refused with the address of each", () => {
    const [step] = STEPS;
    const object = { name: "counter", start: 0x8000, end: 0x8004 };
    const names = {
      changes: [{ start: 0x8000, end: 0x8001, bytes: 1, words: "counter", isNoise: false, object }],
      unnamed: 0,
    };
    const two = recordingOf([step, { ...step, number: 9, names }]);
    assert.throws(() => rangeNamed(two.steps, "counter"), /2 variables called 'counter'.*0x65008\+4 or 0x8000\+4/);
  });
});
