// Simulated programs, stop by stop: what the tracker tells of them on the simulated kernel and on the live one is what they wrote.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { LINUX_6_7 } from "../../src/kernel/simulated/profile.ts";
import type { Execution, Outcome } from "../../src/simulation/run/execution.ts";
import { Random } from "../programs/random.ts";
import { randomPrograms } from "../programs/simulated/generate.ts";
import { seedsOr } from "../seeds.ts";
import { untold } from "./simulated/conservation.ts";
import { type RunOptions, runThreeWays } from "./simulated/three-ways.ts";

const folder = path.resolve(import.meta.dirname, "../programs/simulated");

/** Each is the program of the same name in C, whose own exit code it shares. */
const programs = readdirSync(folder)
  .filter(file => file.endsWith(".wsim"))
  .map(file => path.basename(file, ".wsim"));

const EXIT_CODES: Readonly<Record<string, number>> = { "exit-code": 42 };

const seeds = seedsOr(Array.from({ length: 50 }, (_, i) => i + 1));
/** How many of them are also stopped in the midst of statements. */
const STOPPED_ANYWHERE = 10;

/** What it takes to find a smaller program that goes wrong as well. */
const SHRINKING_MILLISECONDS = 20_000;

describe("A simulated program, stepped by lines on both kernels", () => {
  for (const name of programs) {
    it(`is told exactly what each step wrote: ${name}`, async () => {
      const { problems, exitCode, steps } = await runThreeWays(readFileSync(path.join(folder, `${name}.wsim`), "utf8"));
      assert.deepEqual(problems, []);
      assert.equal(exitCode, EXIT_CODES[name] ?? 0);
      assert.ok(steps.length > 0, "the program came to no stop");
      assert.deepEqual(untold(steps), []);
    });
  }

  for (const seed of seeds) {
    it(`is told exactly what each step wrote: a random one, seed ${seed}`, () => holds(seed, () => ({})));
  }
});

describe("A simulated program, stopped anywhere on both kernels", () => {
  for (const seed of seeds.slice(-STOPPED_ANYWHERE)) {
    it(`loses no store and has none told twice, in its threads' midst: seed ${seed}`, () =>
      holds(seed, () => {
        const random = new Random(seed);
        return { advance: execution => stopAfter(execution, random.between(1, 60)) };
      }));
  }
});

describe("A live process that stands for a simulated one", () => {
  // The next operation may be the end of a child, which must not be taken for the one that was just done.
  const program = `global pages: 4 pages
fn main() {
  let child = fork {
    pages[page] = 1
    pages[2 * page] = 2
    exit 0
  }
  pages[3 * page] = 3
  pages[3 * page] = 4
  assert (wait child) == 0
}
`;

  it("is not lost where its threads come to rest only after the next operation has begun", async () => {
    const { problems, exitCode } = await runThreeWays(program, {
      advance: execution => execution.run(undefined, 1),
      linger: 20_000,
    });
    assert.deepEqual(problems, []);
    assert.equal(exitCode, 0);
  });
});

describe("A simulated program on a kernel of the first version that can track", () => {
  for (const name of programs) {
    it(`is told exactly what each step wrote: ${name}`, async () => {
      const source = readFileSync(path.join(folder, `${name}.wsim`), "utf8");
      const { problems } = await runThreeWays(source, { live: false, profile: LINUX_6_7 });
      assert.deepEqual(problems, []);
    });
  }
});

/** Stops where a program can stand still after so much work: not in the midst of a call. */
function stopAfter(execution: Execution, work: number): Outcome {
  let outcome = execution.run(undefined, work);
  while (outcome.kind === "working") outcome = execution.run(undefined, work);
  return outcome;
}

/** The random program of a seed; where it goes wrong a smaller one is looked for, and printed. */
async function holds(seed: number, options: () => RunOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(randomPrograms(), async program => {
      const { problems, exitCode, steps } = await runThreeWays(program, options());
      assert.deepEqual(problems, []);
      assert.equal(exitCode, 0);
      assert.deepEqual(untold(steps), []);
    }),
    {
      seed,
      numRuns: 1,
      interruptAfterTimeLimit: SHRINKING_MILLISECONDS,
      reporter: ({ failed, counterexample, errorInstance, numShrinks }) => {
        if (!failed) return;
        throw new Error(
          `${errorInstance instanceof Error ? errorInstance.message : errorInstance}\n\n` +
            `WRITEWATCH_SEED=${seed} tries it again; after ${numShrinks} cuts the program is\n\n${counterexample?.[0]}`,
        );
      },
    },
  );
}
