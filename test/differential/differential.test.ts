// The simulated kernel against live ones: random programs of memory calls must give the same answers and leave the same memory.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SEED } from "../seeds.ts";
import { newestKernelPackage } from "../virtual-machine/debian-kernel.ts";
import { performOnBoth } from "./both.ts";
import { sideBySide } from "./compare.ts";
import { liveDebianKernel } from "./debian-kernel.ts";
import { type Choice, EVERYTHING } from "./generate.ts";
import { fillHugetlbPool } from "./hugetlb-pool.ts";
import { LiveKernel } from "./live.ts";
import { formatScenario, parseScenario, type Scenario } from "./scenario.ts";
import { search } from "./search.ts";
import { SWAP_PAGES, turnSwapOn } from "./swap-area.ts";

const scenariosIn = (path: string) => {
  const folder = fileURLToPath(new URL(path, import.meta.url));
  return readdirSync(folder)
    .filter(file => file.endsWith(".scenario"))
    .map(file => parseScenario(readFileSync(`${folder}${file}`, "utf8")));
};

/** Compares with the kernel that `start` starts, one scenario after the other. */
function compares(scenarios: readonly Scenario[], start: () => LiveKernel, swapPages = 0): () => LiveKernel {
  let kernel: LiveKernel;
  before(function () {
    // A kernel may have to be fetched first.
    this.timeout(600_000);
    kernel = start();
  });
  after(() => kernel?.close());
  for (const { title, exceptions, program } of scenarios) {
    it(title, async function () {
      const exception = exceptions[kernel.profile.name];
      if (exception !== undefined) {
        if (this.test) this.test.title += ` (not compared: ${exception})`;
        this.skip();
      }
      const { live, simulated, divergence } = await performOnBoth(kernel, program, swapPages);
      assert.ok(!divergence, `the kernels differ:\n${sideBySide(program, live, simulated)}`);
    });
  }
  return () => kernel;
}

/** Programs of little else than stores that have to wait, and what may happen to them. */
const WAITING: Choice = { without: new Set(), only: new Set(["wait", "fork"]) };

/** @param operations of the random programs of one seed; `npm run fuzz` takes fresh ones. */
function comparesAtRandom(operations: number, kernel: () => LiveKernel): void {
  comparesChosen(operations, EVERYTHING, "random operations", kernel);
  comparesChosen(operations / 2, WAITING, "random operations while stores wait", kernel);
}

function comparesChosen(operations: number, choice: Choice, what: string, kernel: () => LiveKernel): void {
  it(`in ${operations.toLocaleString("en")} ${what} (seed ${SEED})`, async () => {
    const { found } = await search(kernel(), { seed: SEED, choice, isOver: done => done >= operations });
    if (!found) return;
    const { program, outcome } = found;
    const account = sideBySide(program, outcome.live, outcome.simulated);
    assert.fail(`the kernels differ:\n${formatScenario({ title: "found at random", program })}\n${account}`);
  }).timeout(120_000);
}

/** Runs what follows while `setUp` has changed the computer; what can't be changed is said. */
function whileSet(setUp: () => (() => void) | undefined, refusal: string): void {
  let putBack: (() => void) | undefined;
  before(function () {
    putBack = setUp();
    if (putBack) return;
    console.log(`    ${refusal}`);
    this.skip();
  });
  after(() => putBack?.());
}

describe("The simulated kernel does as the live one", () => {
  comparesAtRandom(
    5_000,
    compares(scenariosIn("scenarios/"), () => new LiveKernel()),
  );

  describe("with a pool of huge pages", () => {
    whileSet(
      fillHugetlbPool,
      "vm.nr_hugepages can't be set here (not root?): hugetlb memory is not compared with this kernel",
    );
    compares(scenariosIn("scenarios/hugetlb/"), () => new LiveKernel());
  });

  describe("with swap", () => {
    whileSet(turnSwapOn, "swapon is not permitted here (not root?): swapping is not compared with this kernel");
    compares(scenariosIn("scenarios/swap/"), () => new LiveKernel(), SWAP_PAGES);
  });
});

// Debian's of the day: it has soft-dirty, which the running kernel may lack, and is older.
describe("The simulated kernel of the profile 6.12 does as a live one in a virtual machine", () => {
  whileSet(
    () => (newestKernelPackage("6.12") ? () => {} : undefined),
    "This system's package lists have no Linux 6.12: the profile 6.12 is not compared",
  );
  comparesAtRandom(
    3_000,
    compares([...scenariosIn("scenarios/"), ...scenariosIn("scenarios/hugetlb/")], () => liveDebianKernel("6.12")),
  );

  describe("with swap", () => {
    compares(scenariosIn("scenarios/swap/"), () => liveDebianKernel("6.12", SWAP_PAGES), SWAP_PAGES);
  });
});
