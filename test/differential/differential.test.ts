// The simulated kernel against the live one: random programs of memory calls must give the same answers and leave the same memory.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { performOnBoth } from "./both.ts";
import { sideBySide } from "./compare.ts";
import { fillHugetlbPool } from "./hugetlb-pool.ts";
import { LiveKernel } from "./live.ts";
import { formatScenario, parseScenario, type Scenario } from "./scenario.ts";
import { search } from "./search.ts";
import { SWAP_PAGES, turnSwapOn } from "./swap-area.ts";

/** Operations of fresh programs, compared on every run. */
const OPERATIONS = 5_000;
const seed = Number(process.env.WRITEWATCH_SEED ?? Math.floor(Math.random() * 2 ** 31));

const scenariosIn = (path: string) => {
  const folder = fileURLToPath(new URL(path, import.meta.url));
  return readdirSync(folder)
    .filter(file => file.endsWith(".scenario"))
    .map(file => parseScenario(readFileSync(`${folder}${file}`, "utf8")));
};

describe("The simulated kernel does as the live one", () => {
  let kernel: LiveKernel;
  before(() => {
    kernel = new LiveKernel();
  });
  after(() => kernel.close());

  const compares = ({ title, program }: Scenario, swapPages = 0) =>
    it(title, async () => {
      const { live, simulated, divergence } = await performOnBoth(kernel, program, swapPages);
      assert.ok(!divergence, `the kernels differ:\n${sideBySide(program, live, simulated)}`);
    });
  for (const scenario of scenariosIn("scenarios/")) compares(scenario);

  describe("with a pool of huge pages", () => {
    let putBack: (() => void) | undefined;
    before(function () {
      putBack = fillHugetlbPool();
      if (putBack) return;
      console.log("    vm.nr_hugepages can't be set here (not root?): hugetlb memory is not compared");
      this.skip();
    });
    after(() => putBack?.());
    for (const scenario of scenariosIn("scenarios/hugetlb/")) compares(scenario);
  });

  describe("with swap", () => {
    let turnOff: (() => void) | undefined;
    before(function () {
      turnOff = turnSwapOn();
      if (turnOff) return;
      console.log("    swapon is not permitted here (not root?): swapping is not compared");
      this.skip();
    });
    after(() => turnOff?.());
    for (const scenario of scenariosIn("scenarios/swap/")) compares(scenario, SWAP_PAGES);
  });

  it(`in ${OPERATIONS} random operations (WRITEWATCH_SEED=${seed})`, async () => {
    const { found } = await search(kernel, { seed, isOver: operations => operations >= OPERATIONS });
    if (!found) return;
    const { program, outcome } = found;
    const account = sideBySide(program, outcome.live, outcome.simulated);
    assert.fail(`the kernels differ:\n${formatScenario({ title: "found at random", program })}\n${account}`);
  }).timeout(120_000);
});
