// Any page as it was after any step, from its newest copy and the steps' differences: held against full copies of the memory at each stop.
import assert from "node:assert/strict";
import { formatAddress } from "../../src/memory/page.ts";
import { pageAfter } from "../../src/recording/contents/history.ts";
import { Random } from "../programs/random.ts";
import { seedsOr } from "../seeds.ts";
import { ContentsStory, type Habits } from "./contents-story.ts";
import { KERNELS, type KernelName } from "./tracked.ts";

const STEPS = 40;

interface Outcome {
  readonly known: number;
  readonly unknown: readonly string[];
}

/** @throws {AssertionError} a page is told to have been what it was not. */
async function told(kernel: KernelName, seed: number, habits: Habits): Promise<Outcome> {
  const story = await ContentsStory.begin(kernel, new Random(seed), habits);
  try {
    for (let step = 0; step < STEPS; step += 1) await story.step();
    let known = 0;
    const unknown: string[] = [];
    for (const page of story.pages) {
      const newest = await story.newest(page);
      for (const [number, snapshot] of story.snapshots.entries()) {
        const expected = snapshot.get(page);
        if (!expected) continue;
        const found = pageAfter(story.steps, page, number, newest, story.since);
        if ("unknown" in found) {
          unknown.push(found.unknown);
        } else {
          const at = found.bytes.findIndex((byte, i) => byte !== expected[i]);
          assert.equal(at, -1, `page ${formatAddress(page)} after step ${number}, byte ${at}`);
          known += 1;
        }
      }
    }
    return { known, unknown };
  } finally {
    story.close();
  }
}

for (const kernel of KERNELS) {
  describe(`A page as it was after a step, on the ${kernel} kernel`, function () {
    this.timeout(60_000);

    for (const seed of seedsOr([1, 2, 3])) {
      it(`is known and true where all was copied before it was written, seed ${seed}`, async () => {
        const { known, unknown } = await told(kernel, seed, { budget: 65_536, overtaken: 0, waits: true });
        assert.deepEqual([...new Set(unknown)], []);
        assert.ok(known > STEPS * 40);
      });

      it(`is true or said to be unknown where the program is let go while pages are read, seed ${seed}`, async () => {
        const { known, unknown } = await told(kernel, seed, { budget: 65_536, overtaken: 40, waits: false });
        assert.ok(known > STEPS * 20, `${known} known, ${unknown.length} not`);
      });

      it(`is true or said to be unknown where the budget holds few pages, seed ${seed}`, async () => {
        const { unknown } = await told(kernel, seed, { budget: 7, overtaken: 10, waits: true });
        assert.ok(unknown.includes("budget spent"), [...new Set(unknown)].join());
      });
    }
  });
}
