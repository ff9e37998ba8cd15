// Runs the same suite in a desktop VS Code: VSCODE_EXECUTABLE, or one that @vscode/test-electron downloads.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTests } from "@vscode/test-electron";
import { debuggersExtension, repository, sampleFolder } from "../../scripts/vscode-host/paths.ts";
import { runMain } from "../../scripts/vscode-host/run-main.ts";
import { bundleSuite } from "./runner/bundle.ts";

await runMain(async () => {
  const extensionTestsPath = await bundleSuite();
  const vscodeExecutablePath = process.env.VSCODE_EXECUTABLE;
  const home = await mkdtemp(join(tmpdir(), "writewatch-electron-"));
  const workspace = join(home, "sample");
  await cp(sampleFolder, workspace, { recursive: true });
  // Chromium's sandbox, which Electron brings along, refuses to work for root.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  try {
    return await runTests({
      ...(vscodeExecutablePath ? { vscodeExecutablePath } : {}),
      extensionDevelopmentPath: [repository, debuggersExtension],
      extensionTestsPath,
      launchArgs: [workspace, "--disable-workspace-trust", "--user-data-dir", join(home, "user-data"), ...asRoot],
    });
  } catch (error) {
    throw new Error(
      `The suite did not pass in ${vscodeExecutablePath ?? "a downloaded VS Code"}. ` +
        "It needs a display (xvfb-run serves) and either the network or VSCODE_EXECUTABLE, the path of a VS Code.\n" +
        (error instanceof Error ? error.message : String(error)),
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
