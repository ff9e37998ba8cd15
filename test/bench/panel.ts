// Measures, in the real workbench, the time from a stop to the panel's frame that shows the step: npm run bench:panel.
import { runMain } from "../../scripts/vscode-host/run-main.ts";
import { current } from "../../scripts/vscode-host/versions.ts";
import { bundleSuite } from "../workbench/runner/bundle.ts";
import { runInHost } from "../workbench/runner/run-in-host.ts";
import { buildVsix } from "../workbench/runner/vsix.ts";

await runMain(async () => {
  const extension = { vsix: await buildVsix("linux-x64") };
  const tests = await bundleSuite("test/bench/panel/*.test.ts");
  const { failed, passed } = await runInHost(current, { tests, extension, grep: undefined });
  return failed > 0 || passed === 0 ? 1 : 0;
});
