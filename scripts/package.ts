// Makes the VSIXs and lists what is in them: npm run package [-- --target linux-x64|universal [--out PATH]].
//
// Linux on x86-64 gets the native part. All other computers, and browsers, get the same without it: there simulated programs run.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "./vscode-host/paths.ts";

const TARGETS = ["linux-x64", "universal"] as const;
type Target = (typeof TARGETS)[number];

const require = createRequire(import.meta.url);
const manifest = require("../package.json") as { name: string; version: string };
const vsce = join(dirname(require.resolve("@vscode/vsce/package.json")), "vsce");
const { values } = parseArgs({ options: { target: { type: "string" }, out: { type: "string" } } });

const run = (script: string, ...args: string[]): void => {
  execFileSync(process.execPath, [script, ...args], { cwd: repository, stdio: ["ignore", "inherit", "inherit"] });
};

function make(target: Target, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  // Everything that runs is bundled or copied into dist/ by the build: there are no dependencies left to collect.
  const common = ["--no-dependencies", "--ignoreFile", ignoreFile(target)];
  const platform = target === "universal" ? [] : ["--target", target];
  run(vsce, "package", ...platform, ...common, "--skip-license", "--out", file);
  run(vsce, "ls", ...common, "--tree");
}

function ignoreFile(target: Target): string {
  if (target !== "universal") return ".vscodeignore";
  const kept = readFileSync(join(repository, ".vscodeignore"), "utf8").replace(/^!dist\/node_modules.*\n/m, "");
  const file = join(repository, "dist/.vscodeignore-universal");
  writeFileSync(file, kept);
  return file;
}

const named = TARGETS.find(target => target === values.target);
if (values.target && !named) throw new Error(`--target ${values.target}: there are ${TARGETS.join(" and ")}.`);
const targets = named ? [named] : values.out ? TARGETS.slice(0, 1) : TARGETS;
run("scripts/build.ts", "--production");
for (const target of targets) {
  const suffix = target === "universal" ? "" : `-${target}`;
  make(target, resolve(values.out ?? join(repository, "dist", `${manifest.name}${suffix}-${manifest.version}.vsix`)));
}
