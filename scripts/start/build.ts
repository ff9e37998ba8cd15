// Bundles the extension, so that the window that opens runs the sources as they are.
import { join } from "node:path";
import { repository } from "../vscode-host/paths.ts";
import { runCommand } from "../vscode-host/run-command.ts";

export async function buildExtension(): Promise<void> {
  process.stderr.write("Building the extension …\n");
  await runCommand(process.execPath, [join(repository, "scripts/build.ts")], { cwd: repository });
}
