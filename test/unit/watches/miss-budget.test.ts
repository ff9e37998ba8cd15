// How many misses of a watch are stepped over, and which are let through at once.
import assert from "node:assert/strict";
import { MissBudget } from "../../../src/tracker/watches/miss-budget.ts";

/** Misses one right behind the other, each of which takes as long. @returns how many waited for a step, and when all are done. */
function stepped(budget: MissBudget, begin: number, count: number, cost: number): { waited: number; now: number } {
  let now = begin;
  let waited = 0;
  for (let id = 0; id < count; id += 1) {
    if (!budget.allows(now)) {
      now += 0.02;
      continue;
    }
    budget.begin(id, now);
    waited += 1;
    now += cost;
    budget.end(id, now);
  }
  return { waited, now };
}

describe("The budget of misses", () => {
  it("has every one wait where all are to be stepped over, and none where none is", () => {
    assert.equal(stepped(new MissBudget("step", 0), 0, 10_000, 8).waited, 10_000);
    assert.equal(stepped(new MissBudget("pass", 0), 0, 10_000, 8).waited, 0);
  });

  it("has the first five hundred wait, and of many a share of the time", () => {
    assert.equal(stepped(new MissBudget("auto", 0), 0, 500, 100).waited, 500);
    const { waited, now } = stepped(new MissBudget("auto", 0), 0, 2_000_000, 8);
    assert.ok(waited > 500, `${waited}`);
    assert.ok((waited - 500) * 8 <= 2000 + now / 2 + 8, `${waited} of 8 ms in ${now} ms`);
    assert.ok(waited < 20_000, `${waited}`);
  });

  it("has them wait again after a while without", () => {
    const budget = new MissBudget("auto", 0);
    const { now } = stepped(budget, 0, 100_000, 8);
    assert.ok(stepped(budget, now + 20_000, 300, 8).waited > 200);
  });
});
