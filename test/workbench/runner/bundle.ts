// Bundles the suite as CommonJS, the one form every extension host loads: one file a test file, and the index.
import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { repository } from "../../../scripts/vscode-host/paths.ts";

/**
 * @param files which test files, as a pattern from the repository's top.
 * @returns what VS Code calls extensionTestsPath.
 */
export async function bundleSuite(files = "test/workbench/*.test.ts"): Promise<string> {
  const outdir = join(repository, "dist/test/workbench");
  // A renamed test must not run on under its old name.
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: repository,
    entryNames: "[name]",
    entryPoints: ["test/workbench/index.ts", ...globSync(files, { cwd: repository })],
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
