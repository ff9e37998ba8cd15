// Builds the package that ships, so that the tests prove what users get.
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, repository } from "../../../scripts/vscode-host/paths.ts";
import { runCommand } from "../../../scripts/vscode-host/run-command.ts";

/** @param target linux-x64, with the native part, or universal: what other systems and browsers get. */
export async function buildVsix(target: "linux-x64" | "universal"): Promise<string> {
  const script = join(repository, "scripts/package.ts");
  if (!existsSync(script)) throw new Error(`${script} is missing; pass a package with --vsix PATH.`);
  const folder = join(cacheFolder, "workbench");
  await mkdir(folder, { recursive: true });
  const vsix = join(folder, `writewatch-${target}.vsix`);
  await rm(vsix, { force: true });
  await runCommand(process.execPath, [script, "--target", target, "--out", vsix], { cwd: repository });
  if (!existsSync(vsix))
    throw new Error(`node scripts/package.ts --target ${target} --out ${vsix} ended well but wrote no such file.`);
  return vsix;
}
