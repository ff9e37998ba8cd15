// Makes the VSIX for linux-x64 and lists what is in it: npm run package [-- --out PATH].
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "./vscode-host/paths.ts";

const require = createRequire(import.meta.url);
const manifest = require("../package.json") as { name: string; version: string };
const { values } = parseArgs({ options: { out: { type: "string" } } });
const target = resolve(values.out ?? join(repository, "dist", `${manifest.name}-linux-x64-${manifest.version}.vsix`));
mkdirSync(dirname(target), { recursive: true });

const run = (script: string, ...args: string[]): void => {
  execFileSync(process.execPath, [script, ...args], { cwd: repository, stdio: ["ignore", "inherit", "inherit"] });
};
const vsce = join(dirname(require.resolve("@vscode/vsce/package.json")), "vsce");

run("scripts/build.ts", "--production");
// Everything that runs is bundled or copied into dist/ by the build: there are no dependencies left to collect.
run(vsce, "package", "--target", "linux-x64", "--no-dependencies", "--skip-license", "--out", target);
run(vsce, "ls", "--no-dependencies", "--tree");
