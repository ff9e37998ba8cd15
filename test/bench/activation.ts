// Measures what WriteWatch costs an extension host before anything is armed: npm run bench:activation [-- --rounds N].
//
// Each round starts fresh hosts: one that activates it, and two that go from F5 to the first stop, with WriteWatch and without.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder, debuggersExtension } from "../../scripts/vscode-host/paths.ts";
import { runMain } from "../../scripts/vscode-host/run-main.ts";
import { current } from "../../scripts/vscode-host/versions.ts";
import { bundleSuite } from "../workbench/runner/bundle.ts";
import { runInHost, type SuiteRun } from "../workbench/runner/run-in-host.ts";
import { buildVsix } from "../workbench/runner/vsix.ts";

interface Figures {
  readonly milliseconds: number;
  readonly kibibytes: number;
}

await runMain(async () => {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds takes a whole number, not ${values.rounds}.`);
  const tests = await bundleSuite("test/bench/activation/*.test.ts");
  const withIt: SuiteRun["extension"] = { vsix: await buildVsix("linux-x64") };
  // Only the debuggers' extension, which is in every host.
  const without: SuiteRun["extension"] = { folder: debuggersExtension };

  const measure = async (grep: string, extension: SuiteRun["extension"]): Promise<Figures> => {
    const output = join(cacheFolder, "workbench/output", current.vscode);
    mkdirSync(output, { recursive: true });
    const { passed } = await runInHost(current, { tests, extension, grep });
    if (passed !== 1) throw new Error(`"${grep}" did not run to its end; see above.`);
    return JSON.parse(readFileSync(join(output, "activation.json"), "utf8"));
  };
  const activated: Figures[] = [];
  const stoppedWith: Figures[] = [];
  const stoppedWithout: Figures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    activated.push(await measure("loads and activates", withIt));
    stoppedWith.push(await measure("from F5 to the first stop", withIt));
    stoppedWithout.push(await measure("from F5 to the first stop", without));
  }
  console.log(
    `\nMedians of ${rounds} fresh extension hosts each, VS Code ${current.vscode} in Chromium, lldb-dap; nothing armed.\n`,
  );
  console.log("| what                                  |    ms | KiB of heap |");
  console.log("| :------------------------------------ | ----: | ----------: |");
  for (const [what, figures] of [
    ["load and activate WriteWatch", activated],
    ["F5 to the first stop, with WriteWatch", stoppedWith],
    ["F5 to the first stop, without", stoppedWithout],
  ] as const) {
    const [milliseconds, kibibytes] = [median(figures.map(f => f.milliseconds)), median(figures.map(f => f.kibibytes))];
    console.log(
      `| ${what.padEnd(37)} | ${milliseconds.toFixed(0).padStart(5)} | ${kibibytes.toFixed(0).padStart(11)} |`,
    );
  }
  console.log("\nNo agent ran and no native code was loaded in any of them.");
  return 0;
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
