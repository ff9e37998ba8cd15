// Bundles the suite as CommonJS, the one form every extension host loads: one file a test file, and the index.
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { repository } from "../../../scripts/vscode-host/paths.ts";

/** Returns what VS Code calls extensionTestsPath. */
export async function bundleSuite(): Promise<string> {
  const outdir = join(repository, "dist/test/workbench");
  // A renamed test must not run on under its old name.
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: repository,
    entryPoints: ["test/workbench/index.ts", ...globSync("test/workbench/*.test.ts", { cwd: repository })],
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "inline",
    // Mocha is ES modules only, so it stays an import() that Node resolves from the repository.
    external: ["vscode", "mocha"],
    logLevel: "warning",
  });
  return join(outdir, "index.cjs");
}
