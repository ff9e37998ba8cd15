// AddressSanitizer's terabytes of shadow: armed by what of it is there, without a page table for the rest, and exact as any memory.
import assert from "node:assert/strict";
import { LocalAgent } from "../../../src/agent/local.ts";
import { linuxKernel } from "../../../src/kernel/linux/linux-kernel.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";
import { tableKilobytes } from "../target.ts";
import { randomLife } from "./generate.ts";
import { arm, LivingProcess, leadLife, sanitizedLife } from "./run-life.ts";

const TERABYTE_PAGES = 2 ** 40 / 4096;

describe("A program under AddressSanitizer", function () {
  this.timeout(120_000);

  it("is armed without a page table for its empty shadow, and says which of it is armed by its populated pages", async () => {
    const process = await LivingProcess.start(sanitizedLife());
    const tracker = new LocalAgent(() => linuxKernel).tracker();
    try {
      const before = tableKilobytes(process.pid);
      const { populatedOnly } = await arm(process, tracker, DEFAULT_ARM_OPTIONS);
      const pages = populatedOnly.reduce((sum, { start, end }) => sum + end - start, 0);
      assert.ok(pages > TERABYTE_PAGES, `${pages} pages are sparse`);
      assert.ok(tableKilobytes(process.pid) - before < 4096, "page tables grew");
    } finally {
      await tracker.disarm();
      process.kill();
    }
  });

  it("loses no write and invents none", async () => {
    const counts = { steps: 0, written: 0, execs: 0 };
    for (let seed = 1; seed <= 5; seed += 1)
      assert.deepEqual(await leadLife(randomLife(seed), counts, sanitizedLife()), [], `life ${seed}`);
    assert.ok(counts.written > 5);
  });
});
