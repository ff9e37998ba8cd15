// What a live process writes, sampled while it runs: the pages that it wrote, and it notices nothing.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AgentKeeper } from "../../src/agent/keeper.ts";
import { NO_LOG } from "../../src/common/log.ts";
import { Sampler } from "../../src/sampling/sampler.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import { Ring } from "./ring.ts";
import { agentModule } from "./tracked.ts";

const PAGES = 1024;
const command = fileURLToPath(new URL("../../src/trace/sampling/main.ts", import.meta.url));

describe("A process that is sampled", () => {
  const keeper = new AgentKeeper(agentModule, NO_LOG);
  let ring: Ring;

  after(() => keeper.dispose());

  afterEach(() => ring.end());

  const assertUntouched = (): void => {
    assert.equal(ring.child.exitCode, null);
    assert.match(readFileSync(`/proc/${ring.pid}/status`, "latin1"), /^TracerPid:\t0$/m);
  };

  it("has all that it writes told, in one sample or the next", async () => {
    ring = await Ring.run(PAGES, 100);
    const sampler = new Sampler(keeper.tracker(), { pid: ring.pid, interval: 20, arm: DEFAULT_ARM_OPTIONS });
    await sampler.begin();
    const beginning = ring.turn();
    const told = new Set<number>();
    for (let i = 0; i < 20; i += 1) {
      await sleep(sampler.due);
      const before = ring.turn();
      const { pages } = await sampler.sample();
      for (let page = 0; page < PAGES; page += 1) if (pages.has(ring.start + page)) told.add(page);
      // The last turn before may still be writing its page.
      for (const page of ring.between(beginning, before - 1)) assert.ok(told.has(page), `page ${page} was not told`);
    }
    await sampler.end();
    assertUntouched();
    assert.ok(sampler.resident >= PAGES);
  });

  it("is told of from the command line", async () => {
    ring = await Ring.run(PAGES, 100);
    const args = [command, "--pid", String(ring.pid), "--every", "20", "--for", "0.2"];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    assert.match(stdout, /^\d+ ms: [\d,]+ pages, [\d.]+ MiB\/s \(\[anon\] [\d,]+/m);
    assert.match(stdout, /^In use: .*\n {2}in \d+ ms: .* on average, at most /m);
    assert.match(stdout, /^At 1,000 Mbit\/s a migration converges: /m);
    assertUntouched();
    const json = await promisify(execFile)(process.execPath, [...args, "--json"]);
    const lines = json.stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
    assert.ok(lines.slice(0, -1).every(({ sample }) => sample.pages > 0));
    assert.equal(lines.at(-1).migration.converges, true);
    assertUntouched();
  });
});
