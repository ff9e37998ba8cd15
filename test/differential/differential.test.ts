// The simulated kernel against the live one: random programs of memory calls must give the same answers and leave the same memory.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { performOnBoth } from "./both.ts";
import { sideBySide } from "./compare.ts";
import { LiveKernel } from "./live.ts";
import { formatScenario, parseScenario } from "./scenario.ts";
import { search } from "./search.ts";

/** Operations of fresh programs, compared on every run. */
const OPERATIONS = 20_000;
const seed = Number(process.env.WRITEWATCH_SEED ?? Math.floor(Math.random() * 2 ** 31));

const folder = fileURLToPath(new URL("scenarios/", import.meta.url));
const scenarios = readdirSync(folder)
  .filter(file => file.endsWith(".scenario"))
  .map(file => parseScenario(readFileSync(`${folder}${file}`, "utf8")));

describe("The simulated kernel does as the live one", () => {
  let kernel: LiveKernel;
  before(() => {
    kernel = new LiveKernel();
  });
  after(() => kernel.close());

  for (const { title, program } of scenarios) {
    it(title, async () => {
      const { live, simulated, divergence } = await performOnBoth(kernel, program);
      assert.ok(!divergence, `the kernels differ:\n${sideBySide(program, live, simulated)}`);
    });
  }

  it(`in ${OPERATIONS} random operations (WRITEWATCH_SEED=${seed})`, async () => {
    const { found } = await search(kernel, { seed, isOver: operations => operations >= OPERATIONS });
    if (!found) return;
    const { program, outcome } = found;
    const account = sideBySide(program, outcome.live, outcome.simulated);
    assert.fail(`the kernels differ:\n${formatScenario({ title: "found at random", program })}\n${account}`);
  }).timeout(120_000);
});
