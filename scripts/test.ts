// Runs the project's checks and tests, stage by stage: npm test, or npm test -- STAGE… for some of them.
import { globSync } from "node:fs";
import { join } from "node:path";
import { runStage } from "./test/run-stage.ts";
import { repository } from "./vscode-host/paths.ts";
import { runMain } from "./vscode-host/run-main.ts";

interface Stage {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

const tool = (path: string) => `node_modules/${path}`;
const mocha = (name: string): Stage => ({
  name,
  script: tool("mocha/bin/mocha.js"),
  args: ["--reporter", "scripts/test/reporter.ts", "--timeout", "60000", `test/${name}/**/*.test.ts`],
});

const stages: readonly Stage[] = [
  { name: "lint", script: tool("@biomejs/biome/bin/biome"), args: ["check", "."] },
  { name: "lint", script: "scripts/layers.ts", args: ["--check"] },
  { name: "types", script: tool("typescript/bin/tsc"), args: [] },
  { name: "types", script: tool("typescript/bin/tsc"), args: ["-p", "webview"] },
  { name: "build", script: "scripts/build.ts", args: [] },
  mocha("build"),
  mocha("unit"),
  mocha("kernel"),
  mocha("differential"),
  mocha("debuggers"),
  mocha("exactness"),
  mocha("foreign"),
  { name: "workbench", script: "test/workbench/run.ts", args: [] },
];

await runMain(async () => {
  const wanted = process.argv.slice(2);
  const names = [...new Set(stages.map(stage => stage.name))];
  const unknown = wanted.filter(name => !names.includes(name));
  if (unknown.length > 0) throw new Error(`No stage ${unknown.join(", ")}. Choose from: ${names.join(", ")}.`);

  let passed = 0;
  let failed = 0;
  const broken: string[] = [];
  for (const stage of stages) {
    if (wanted.length > 0 && !wanted.includes(stage.name)) continue;
    if (isEmptySuite(stage)) continue;
    console.log(`\n── ${stage.name}`);
    const result = await runStage(join(repository, stage.script), stage.args);
    passed += result.passed;
    failed += result.failed;
    if (result.exitCode === 0) continue;
    broken.push(stage.name);
    // A suite that lost its runner half-way has failed, whatever it had counted.
    if (result.failed === 0) failed += 1;
  }
  if (broken.length > 0) console.log(`\nFailed: ${broken.join(", ")}.`);
  console.log(`\n${passed} passed, ${failed} failed`);
  return broken.length === 0 ? 0 : 1;
});

/** Mocha takes a pattern without files for a mistake; a folder nobody has written tests for yet is none. */
function isEmptySuite(stage: Stage): boolean {
  const pattern = stage.args.at(-1) ?? "";
  return pattern.endsWith(".test.ts") && globSync(pattern, { cwd: repository }).length === 0;
}
