// A stage of the test run ends, whatever its tests leave behind.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStage } from "../../scripts/test/run-stage.ts";

describe("A stage of the test run", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "writewatch-stage-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
  };
  const limits = { whole: 60_000, ending: 60_000 };
  const stage = (name: string, code: string): string => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, code);
    return path;
  };

  it("is what its script says of itself", async () => {
    const script = stage("plain", 'console.log("2 passed, 1 failed"); process.exitCode = 3;');
    assert.deepEqual(await runStage(script, [], limits, say), { exitCode: 3, passed: 2, failed: 1 });
  });

  it("ends with its script, though another process still holds its output", async () => {
    const script = stage(
      "holder",
      `import { spawn } from "node:child_process";
       spawn("sleep", ["5"], { stdio: "inherit", detached: true }).unref();
       console.log("1 passed, 0 failed");`,
    );
    assert.deepEqual(await runStage(script, [], limits, say), { exitCode: 0, passed: 1, failed: 0 });
  });

  it("has failed where it does not end after its tests", async () => {
    const script = stage("open", 'console.log("1 passed, 0 failed"); setInterval(() => {}, 1000);');
    assert.deepEqual(await runStage(script, [], { ...limits, ending: 200 }, say), {
      exitCode: 1,
      passed: 1,
      failed: 0,
    });
    assert.match(said.at(-1) ?? "", /something that they left open/);
  });

  it("has failed where it takes too long", async () => {
    const script = stage("long", "setInterval(() => {}, 1000);");
    assert.deepEqual(await runStage(script, [], { ...limits, whole: 200 }, say), { exitCode: 1, passed: 0, failed: 0 });
  });
});
