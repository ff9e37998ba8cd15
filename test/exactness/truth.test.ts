// Before any tracer is judged by them: what the programs say of themselves is true, by their own uffd-wp and PAGEMAP_SCAN.
import assert from "node:assert/strict";
import { check } from "./check.ts";
import { randomProgram, seeds, truthful } from "./programs.ts";
import { selfChecked } from "./run.ts";
import { stepsFromSelfCheck } from "./self-check.ts";
import { parseTruth } from "./truth.ts";

describe("What a program says it wrote", function () {
  this.timeout(30_000);

  for (const name of [...truthful, ...seeds.map(randomProgram)]) {
    it(`is what the kernel saw: ${name}`, async () => {
      const { output, seen, exitCode } = await selfChecked(name);
      const truth = parseTruth(output);
      assert.ok(truth.lines.length > 0, "the program said nothing of what it wrote");
      const verdict = check(stepsFromSelfCheck(seen, name), truth, name);
      assert.deepEqual(verdict.problems, []);
      assert.equal(exitCode, 0);
    });
  }
});
