// Random lives: whatever a program does with its memory, each page that it wrote is told, and where that can be exact no other.
import assert from "node:assert/strict";
import { seedsOr } from "../../seeds.ts";
import { type Life, randomLife, smallerLives } from "./generate.ts";
import { type Counts, leadLife } from "./run-life.ts";

/** How many lives a seed stands for: npm run soak -- lives asks for a thousand. */
const LIVES = Number(process.env.WRITEWATCH_LIVES ?? 50);

describe("A tracker of a random life", function () {
  this.timeout(10 * 60_000);

  for (const seed of seedsOr([1])) {
    it(`loses no write and invents none: ${LIVES} lives from seed ${seed}`, async () => {
      const counts: Counts = { steps: 0, written: 0, execs: 0 };
      for (let i = 0; i < LIVES; i += 1) {
        const life = randomLife(seed * 1_000_003 + i);
        const wrong = await leadLife(life, counts);
        if (wrong.length > 0) assert.fail(await told(life, wrong));
      }
      assert.ok(counts.written > LIVES, `they wrote ${counts.written} pages only`);
      console.log(`      ${counts.steps} steps, ${counts.written} pages written, ${counts.execs} times exec`);
    });
  }
});

describe("A program whose memory of a file is locked", () => {
  for (const [kind, name] of [
    [4, "private"],
    [5, "shared"],
  ] as const) {
    it(`reads and writes on where it was armed, ${name} memory`, async () => {
      const steps = [[`map 1 9 ${kind}`, "lockfile 1 0"], ["read 1 0 5"], ["write 1 5 3 0"]];
      const counts = { steps: 0, written: 0, execs: 0 };
      assert.deepEqual(await leadLife({ seed: 0, sparsePages: 1 << 18, steps }, counts), []);
      assert.equal(counts.written, 3);
    });
  }
});

/** The smallest life found that fails, too. */
async function told(life: Life, wrong: readonly string[]): Promise<string> {
  let [smallest, faults] = [life, wrong];
  for (let tries = 0; tries < 400; ) {
    let found = false;
    for (const candidate of smallerLives(smallest)) {
      tries += 1;
      const now = await leadLife(candidate, { steps: 0, written: 0, execs: 0 });
      if (now.length > 0) {
        [smallest, faults, found] = [candidate, now, true];
        break;
      }
      if (tries >= 400) break;
    }
    if (!found) break;
  }
  return `life ${life.seed}: ${wrong.join("; ")}\nsmallest (sparsePages ${smallest.sparsePages}): ${faults.join("; ")}\n${smallest.steps
    .map((step, i) => `${i}: ${step.join(" | ")}`)
    .join("\n")}`;
}
