// Puts a whole VS Code server into the cache folder from the npm package code-server, without its install scripts.
//
// code-server's own postinstall wants gssapi headers and downloads ripgrep, neither of which a debug session needs.
// Only lib/vscode is used: VS Code's own server, which serves people and tests alike.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder, repository } from "./paths.ts";
import { runCommand } from "./run-command.ts";
import { runMain } from "./run-main.ts";
import { current, type HostVersion, hostVersion } from "./versions.ts";

/** Goes up when the steps below change, so that an install made by older steps is made again. */
const RECIPE = 1;

const NODE_GYP = join(repository, "node_modules/node-gyp/bin/node-gyp.js");

export interface Host {
  readonly version: HostVersion;
  /** VS Code's server entry, for `node`. */
  readonly serverMain: string;
}

export async function ensureHost(version: HostVersion): Promise<Host> {
  const home = join(cacheFolder, "vscode-host", version.codeServer);
  const stamp = join(home, "installed.json");
  const wanted = JSON.stringify({ recipe: RECIPE, integrity: version.integrity });
  const found = await readFile(stamp, "utf8").catch(() => undefined);
  if (found !== wanted) {
    await install(version, home, wanted);
  }
  return { version, serverMain: join(home, "package/lib/vscode/out/server-main.js") };
}

async function install(version: HostVersion, home: string, stamp: string): Promise<void> {
  await mkdir(dirname(home), { recursive: true });
  // Beside its final place, so that the rename at the end is atomic: an interrupted install leaves no half a host.
  const work = await mkdtemp(`${home}.part-`);
  const started = performance.now();
  const say = (what: string) => process.stderr.write(`VS Code ${version.vscode}: ${what}\n`);
  try {
    say("downloading (45 MB)");
    await download(version, work);
    const server = join(work, "package/lib/vscode");
    say("installing its packages");
    // Not `npm ci`: the published shrinkwrap lacks a peer dependency, which ci refuses and install completes.
    await runCommand("npm", ["install", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], { cwd: server });
    say(`compiling ${version.rebuild.join(", ")}`);
    await linkNodeGyp(server);
    await runCommand("npm", ["rebuild", ...version.rebuild], { cwd: server, env: buildEnvironment() });
    await writeFile(join(work, "installed.json"), stamp);
    await rm(home, { recursive: true, force: true });
    await moveIntoPlace(work, home);
    say(`ready after ${Math.round((performance.now() - started) / 1000)} s`);
  } catch (cause) {
    throw new Error(
      `Could not install VS Code ${version.vscode} (npm package code-server ${version.codeServer}) into ${home}. ` +
        "It needs the npm registry, tar, make, g++ and python3. Fix what is said below and run the same command again.\n" +
        (cause instanceof Error ? cause.message : String(cause)),
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(version: HostVersion, folder: string): Promise<void> {
  await runCommand("npm", ["pack", `code-server@${version.codeServer}`, "--pack-destination", folder]);
  const name = (await readdir(folder)).find(file => file.endsWith(".tgz"));
  if (!name) throw new Error(`npm pack left no .tgz in ${folder}`);
  const tarball = join(folder, name);
  const digest = `sha512-${createHash("sha512")
    .update(await readFile(tarball))
    .digest("base64")}`;
  if (digest !== version.integrity) {
    throw new Error(`${name} is not the package we pinned: expected ${version.integrity}, got ${digest}`);
  }
  await runCommand("tar", ["-xzf", tarball, "-C", folder]);
  await rm(tarball);
}

/**
 * Has the native modules compiled by the node-gyp of our own lock file. Left to themselves, scripts of packages run the one that
 * this machine's npm brings, and `npx node-gyp` downloads whichever is newest that day.
 */
async function linkNodeGyp(server: string): Promise<void> {
  // Where both npm, for its scripts' PATH, and npx look first.
  const link = join(server, "node_modules/.bin/node-gyp");
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(NODE_GYP, link);
}

function buildEnvironment(): NodeJS.ProcessEnv {
  // Instead of a download: npx would ask first, and nobody answers.
  const offline = { npm_config_offline: "true", npm_config_node_gyp: NODE_GYP };
  // node-gyp downloads Node's headers unless told where some are; Debian and Node's own images have them beside npm's node.
  const prefix = ["/usr/local", "/usr"].find(folder => existsSync(join(folder, "include/node/node_api.h")));
  const headers = prefix && !process.env.npm_config_nodedir ? { npm_config_nodedir: prefix } : {};
  return { ...process.env, ...offline, ...headers };
}

async function moveIntoPlace(work: string, home: string): Promise<void> {
  try {
    await rename(work, home);
  } catch (error) {
    // Another install of the same version won the race; its result is as good as ours.
    if (!existsSync(join(home, "installed.json"))) throw error;
  }
}

if (import.meta.main) {
  await runMain(async () => {
    for (const name of process.argv.length > 2 ? process.argv.slice(2) : [current.vscode]) {
      await ensureHost(hostVersion(name));
    }
    return 0;
  });
}
