// Serves VS Code to a browser on this machine, with WriteWatch and a sample in it, until Ctrl-C.
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ensureHost } from "../vscode-host/install.ts";
import { cacheFolder, debuggersExtension, repository } from "../vscode-host/paths.ts";
import { startServer } from "../vscode-host/server.ts";
import { current } from "../vscode-host/versions.ts";
import { buildExtension } from "./build.ts";
import { firstLook, type Sample } from "./samples.ts";

export async function openBrowserHost(sample: Sample, port: number): Promise<number> {
  const host = await ensureHost(current);
  await buildExtension();
  const home = join(cacheFolder, "start");
  const extensionsDir = join(home, "extensions");
  await linkExtensions(extensionsDir);
  const server = await startServer(host, { home, extensionsDir, port, env: firstLook(sample) });
  console.log(
    `\nVS Code with WriteWatch: ${server.address({ folder: sample.folder })}\n\n` +
      "Open that in a browser, press F5, then Arm in the panel “Memory Writes”, then F10. Ctrl-C ends it.",
  );
  const interrupted = new Promise<"asked">(resolve => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => resolve("asked"));
  });
  const why = await Promise.race([interrupted, server.ended]);
  await server.stop();
  if (why === "asked") return 0;
  throw new Error("VS Code's server ended by itself. Run the same command again.");
}

/** Links, so that a rebuilt bundle needs no more than a reload of the window. */
async function linkExtensions(folder: string): Promise<void> {
  // VS Code notes what it found here once and looks no more; a new folder makes it look.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await symlink(repository, join(folder, "writewatch.writewatch"));
  await symlink(debuggersExtension, join(folder, "writewatch.writewatch-debuggers"));
}
