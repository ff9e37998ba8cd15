// The bundles' sizes, against the budget that is committed.
import assert from "node:assert/strict";
import { budget, bundleSizes, overBudget } from "../../scripts/build/budget.ts";

describe("The bundles", () => {
  it("are no larger than their budget", async () => {
    assert.deepEqual(overBudget(await bundleSizes(), budget()), []);
  });

  it("are too large from 5 % above it, and the message says what to do", () => {
    assert.deepEqual(overBudget({ "a.js": 1050 }, { "a.js": 1000 }), []);
    assert.deepEqual(overBudget({ "a.js": 1051 }, { "a.js": 1000 }), [
      "a.js has 1051 bytes, 5.1 % above its budget of 1000. If what came is worth it: node scripts/build/budget.ts",
    ]);
  });

  it("all have a budget", () => {
    assert.match(overBudget({ "new.js": 1 }, {}).join(), /new\.js has 1 bytes, and no budget/);
  });
});
