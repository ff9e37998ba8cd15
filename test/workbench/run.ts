// Runs the workbench suite in real VS Codes: the current one, then the oldest that package.json claims.
import { repository } from "../../scripts/vscode-host/paths.ts";
import { runMain } from "../../scripts/vscode-host/run-main.ts";
import { bundleSuite } from "./runner/bundle.ts";
import { parseOptions } from "./runner/options.ts";
import { runInHost } from "./runner/run-in-host.ts";
import { buildVsix } from "./runner/vsix.ts";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  const extension = options.development ? { folder: repository } : { vsix: options.vsix ?? (await buildVsix()) };
  const tests = await bundleSuite();
  let passed = 0;
  let failed = 0;
  for (const host of options.hosts) {
    const started = performance.now();
    const result = await runInHost(host, { tests, extension, grep: options.grep });
    console.log(`  VS Code ${host.vscode}: ${Math.round((performance.now() - started) / 1000)} s`);
    passed += result.passed;
    failed += result.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
});
