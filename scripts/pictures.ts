// Makes the README's pictures and its animation: the real panel in the real workbench, photographed while it debugs.

import { bundleSuite } from "../test/workbench/runner/bundle.ts";
import { runInHost } from "../test/workbench/runner/run-in-host.ts";
import { buildVsix } from "../test/workbench/runner/vsix.ts";
import { animate } from "./pictures/animate.ts";
import { runMain } from "./vscode-host/run-main.ts";
import { current } from "./vscode-host/versions.ts";

await runMain(async () => {
  const extension = { vsix: await buildVsix("linux-x64") };
  const tests = await bundleSuite("scripts/pictures/*.test.ts");
  const { failed, passed } = await runInHost(current, { tests, extension, grep: undefined });
  if (failed > 0 || passed === 0) return 1;
  animate();
  return 0;
});
