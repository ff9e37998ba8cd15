// kill -9 of the agent at any moment: the program runs on to its normal end, the session says so, and can be armed again.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiledText } from "../compile.ts";
import { DEBUGGERS } from "../debuggers-here.ts";
import { Random } from "../programs/random.ts";
import { SEED } from "../seeds.ts";
import { WatchedProgram } from "./session.ts";

const KILLS = 25;
const LINES = 12;

const PROGRAM = `#include <stdio.h>
#include <string.h>
static char memory[1 << 20];
int main(void) {
${"  memset(memory, memory[7] + 1, sizeof memory);\n".repeat(LINES)}  printf("%d of ${LINES}\\n", memory[99]);
  return memory[4095];
}
`;

describe("An agent that is killed", () => {
  let folder: string;
  let program: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-kill-"));
    program = compiledText(PROGRAM, "safe-to-lose");
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const name of DEBUGGERS) {
    it(`at ${KILLS} random moments under ${name} harms no program, is told, and is replaced at the next arming`, async function () {
      this.timeout(180_000);
      const random = new Random(SEED);
      for (let round = 0; round < KILLS; round += 1) {
        const outputFile = join(folder, `${name}-${round}`);
        const watched = await WatchedProgram.start(name, program, outputFile);
        try {
          await watched.arm();
          const [agent] = watched.keeper.processes;
          assert.ok(agent?.pid, "no agent runs");
          const { pid } = agent;
          let killed = false;
          const kill = setTimeout(() => {
            process.kill(pid, "SIGKILL");
            killed = true;
          }, random.between(0, 25_000) / 1000);
          const before = Math.floor(LINES / 2);
          let happening = await watched.request("next");
          for (let i = 1; i < before; i += 1) happening = await watched.request("next");
          while (!killed) await new Promise(resolve => setTimeout(resolve, 2));
          clearTimeout(kill);
          await agent.gone;
          await watched.settled();
          assert.equal(watched.session.status.memory, "lost");
          assert.match(watched.session.status.message, /the agent ended.*program runs on.*Arm again/);

          await watched.arm();
          assert.ok(watched.session.isArmed, watched.session.status.message);
          const steps = watched.steps.length;
          happening = await watched.request("next");
          await watched.settled();
          assert.ok((watched.steps[steps]?.written.pageCount ?? 0) >= 256, "the step after arming again lacks pages");

          happening = await watched.request("continue");
          assert.deepEqual(happening, { kind: "ended", exitCode: LINES });
        } finally {
          await watched.close();
        }
        assert.equal(readFileSync(outputFile, "utf8"), `${LINES} of ${LINES}\n`);
      }
    });
  }
});
