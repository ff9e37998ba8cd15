// The bundle for VS Code in a browser, where there is no Node: what would ask for it must fail the build, not the user.
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { BuildOptions, Metafile, Plugin } from "esbuild";
import { repository } from "../vscode-host/paths.ts";

/** What @vscode/debugadapter wants of Node's `url`, a browser has under the same name. */
const urlOfTheBrowser: Plugin = {
  name: "url of the browser",
  setup(build) {
    build.onResolve({ filter: /^url$/ }, () => ({ path: "url", namespace: "browser" }));
    build.onLoad({ filter: /^url$/, namespace: "browser" }, () => ({ contents: "export const URL = globalThis.URL;" }));
  },
};

/**
 * VS Code takes an entry point of a package of type "module" for an ES module, which its browser's extension host can't load,
 * unless its name ends in .cjs.
 *
 * The `events` of @vscode/debugadapter is the npm package of that name; files and sockets it leaves out itself, by its
 * `browser` field.
 */
export const webBundle: BuildOptions = {
  entryPoints: { "web-extension": "src/web-extension.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  platform: "browser",
  format: "cjs",
  target: "chrome128",
  external: ["vscode"],
  define: { "process.platform": '"browser"' },
  plugins: [urlOfTheBrowser],
  metafile: true,
};

/** VS Code 1.99 adds .js to any name that ends otherwise; later ones know .cjs. */
export function nameForOlder(): void {
  cpSync(join(repository, "dist/web-extension.cjs"), join(repository, "dist/web-extension.cjs.js"));
}

/** @throws {Error} the bundle asks for a module that a browser's extension host has not. */
export function checkWebBundle({ outputs }: Metafile): void {
  const asked = Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .map(({ path }) => path)
    .filter(path => path !== "vscode" && !path.endsWith(".map"));
  if (asked.length > 0) {
    throw new Error(
      `dist/web-extension.cjs asks for ${[...new Set(asked)].join(", ")}: a browser has no such modules.`,
    );
  }
}
