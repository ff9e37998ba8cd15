// Random lives under real debuggers: what is told of each step over one is what it says itself, whatever the debugger does besides.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PAGE_SIZE } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { parseEvents, type StepEvent, type TracedRange } from "../exactness/trace-events.ts";
import { faults, parseAccount } from "../kernel/lives/account.ts";
import { randomLife } from "../kernel/lives/generate.ts";
import { lifeLibrary, lifeToStep, steppedLine } from "../kernel/lives/run-life.ts";
import { seedsOr } from "../seeds.ts";
import { runTrace } from "./trace-command.ts";

const LIVES = Number(process.env.WRITEWATCH_LIVES ?? 2);

for (const name of DEBUGGERS) {
  describe(`A life that ${name} steps through`, function () {
    this.timeout(LIVES * 60_000);

    for (const seed of seedsOr([1])) {
      it(`loses no write and has none invented: ${LIVES} from seed ${seed}`, async () => {
        for (let i = 0; i < LIVES; i += 1) assert.deepEqual(await traced(name, seed * 1_000_003 + i), [], `life ${i}`);
      });
    }
  });
}

/** @returns what was told wrongly, a sentence each. */
async function traced(name: string, seed: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-lives-"));
  try {
    const [input, output] = [join(folder, "script"), join(folder, "output")];
    const { steps } = randomLife(seed, false);
    writeFileSync(input, steps.map(step => [...step, "stop", ""].join("\n")).join(""));
    const { stdout, stderr } = await runTrace({
      args: ["--debugger", name, "--json", "--input", input, "--output", output, "--program", lifeToStep()],
      env: { ...process.env, LIFE_LIBRARY: lifeLibrary() },
    });
    const accounts = readFileSync(output, "utf8")
      .split("\n")
      .filter(line => line.startsWith("account"));
    assert.equal(accounts.length, steps.length, `it ended early: ${stderr}`);
    const told = parseEvents(stdout).filter(event => event.event === "step");
    const performed = told.filter(({ from }) => from?.line === steppedLine());
    // The last time it finds the end of its script.
    assert.equal(performed.length, accounts.length + 1, `the trace has ${performed.length} steps over the line`);
    return accounts.flatMap((account, i) =>
      faults(parseAccount(account), reported(performed[i])).map(fault => `step ${i}: ${fault}`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function reported({ written }: StepEvent): { written: PageSet; orRead: PageSet } {
  const orRead = written.filter(({ note }) => note?.includes("read or written"));
  return { written: setOf(written), orRead: setOf(orRead) };
}

function setOf(ranges: readonly TracedRange[]): PageSet {
  return PageSet.from(
    ranges.map(({ start, end }): [number, number] => [Number(start) / PAGE_SIZE, Number(end) / PAGE_SIZE]),
  );
}
