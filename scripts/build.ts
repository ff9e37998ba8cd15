// Bundles the extension (for Node and for a browser), the agent and the panel's page into dist/, with koffi's native part beside.
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BuildOptions, build, context } from "esbuild";
import { writeExamples } from "./build/examples.ts";
import { checkWebBundle, nameForOlder, webBundle } from "./build/web.ts";
import { repository } from "./vscode-host/paths.ts";

const production = process.argv.includes("--production");

const common: BuildOptions = {
  absWorkingDir: repository,
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  legalComments: "none",
};

/** VS Code's extension host, and the agent it forks, at the oldest version the manifest claims: Node 20. */
const node: BuildOptions = { ...common, platform: "node", format: "cjs", target: "node20" };

const bundles: BuildOptions[] = [
  { ...common, ...webBundle },
  {
    ...node,
    entryPoints: { extension: "src/extension.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    external: ["vscode"],
  },
  {
    ...node,
    entryPoints: { agent: "src/agent/main.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    external: ["koffi"],
  },
  {
    ...common,
    platform: "browser",
    format: "iife",
    target: "chrome128",
    entryPoints: { webview: "webview/main.ts" },
    outdir: "dist",
  },
];

/** What koffi needs at run time on linux-x64; the rest of the package is its sources. */
const koffiFiles = [
  "koffi/package.json",
  "koffi/LICENSE.txt",
  "koffi/index.cjs",
  "koffi/src/koffi/index.cjs",
  "koffi/src/koffi/src/static.cjs",
  "@koromix/koffi-linux-x64/package.json",
  "@koromix/koffi-linux-x64/index.js",
  "@koromix/koffi-linux-x64/linux_x64/koffi.node",
];

function copyKoffi(): void {
  const target = join(repository, "dist/node_modules");
  rmSync(target, { recursive: true, force: true });
  // Elsewhere it is not installed, and not needed: there simulated programs alone can be watched.
  if (!koffiFiles.every(file => existsSync(join(repository, "node_modules", file)))) return;
  for (const file of koffiFiles) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(repository, "node_modules", file), join(target, file));
  }
}

copyKoffi();
writeExamples();
if (process.argv.includes("--watch")) {
  for (const options of bundles) await (await context({ ...options, logLevel: "info" })).watch();
} else {
  const results = await Promise.all(bundles.map(options => build(options)));
  for (const { metafile } of results) if (metafile) checkWebBundle(metafile);
  nameForOlder();
}
