// Runs the workbench suite in real VS Codes: the current one, then the oldest that package.json claims; what concerns the
// simulator once more with WriteWatch in the browser's own extension host, as in a VS Code without a server.
import { repository } from "../../scripts/vscode-host/paths.ts";
import { runMain } from "../../scripts/vscode-host/run-main.ts";
import { bundleSuite } from "./runner/bundle.ts";
import { parseOptions } from "./runner/options.ts";
import { runInHost, type SuiteRun } from "./runner/run-in-host.ts";
import { buildVsix } from "./runner/vsix.ts";

/** How the tests begin that need no native program. */
const SIMULATED = "A simulated program";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  const build = async (inWorker: boolean) =>
    options.development
      ? { folder: repository }
      : { vsix: options.vsix ?? (await buildVsix(inWorker ? "universal" : "linux-x64")) };
  const extensions = new Map<boolean, SuiteRun["extension"]>();
  for (const inWorker of options.worker) extensions.set(inWorker, await build(inWorker));
  const tests = await bundleSuite();
  let passed = 0;
  let failed = 0;
  for (const host of options.hosts) {
    for (const [inWorker, extension] of extensions) {
      const grep = options.grep ?? (inWorker ? SIMULATED : undefined);
      const started = performance.now();
      const result = await runInHost(host, { tests, extension, grep, inWorker });
      const where = inWorker ? ", WriteWatch in a web worker" : "";
      console.log(`  VS Code ${host.vscode}${where}: ${Math.round((performance.now() - started) / 1000)} s`);
      passed += result.passed;
      failed += result.failed;
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
});
