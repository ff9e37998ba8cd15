// Opens desktop VS Code on a sample, with WriteWatch as an extension under development.
import { join } from "node:path";
import { cacheFolder, debuggersExtension, repository } from "../vscode-host/paths.ts";
import { runCommand } from "../vscode-host/run-command.ts";
import { buildExtension } from "./build.ts";
import { firstLook, type Sample } from "./samples.ts";

export async function openDesktop(sample: Sample): Promise<number> {
  await buildExtension();
  const extensions = [repository, debuggersExtension].map(folder => `--extensionDevelopmentPath=${folder}`);
  // VS Code refuses to start as root without these two.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox", "--user-data-dir", join(cacheFolder, "desktop")] : [];
  await runCommand("code", ["--new-window", ...extensions, ...asRoot, sample.folder], {
    env: { ...process.env, ...firstLook(sample) },
  });
  console.log("VS Code opens with the sample. Press F5, then F10, and watch the panel “Memory Writes”.");
  return 0;
}
