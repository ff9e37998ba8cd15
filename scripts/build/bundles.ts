// The bundles: what each is made from, for whom, and in which form.
import type { BuildOptions } from "esbuild";
import { repository } from "../vscode-host/paths.ts";
import { webBundle } from "./web.ts";

/** With the account of what went into it. */
export type Bundle = BuildOptions & { readonly metafile: true };

/**
 * The extension for Node and for a browser, the agent, and the panel's page.
 * @param production as they are packaged: small, and without source maps.
 */
export function bundles(production: boolean): Bundle[] {
  const common: Bundle = {
    absWorkingDir: repository,
    bundle: true,
    minify: production,
    sourcemap: production ? false : "linked",
    logLevel: "warning",
    // They are gathered in a file of their own.
    legalComments: "none",
    metafile: true,
  };
  /** VS Code's extension host, and the agent it forks, at the oldest version the manifest claims: Node 20. */
  const node: Bundle = {
    ...common,
    platform: "node",
    format: "cjs",
    target: "node20",
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
  };
  return [
    { ...webBundle, ...common },
    { ...node, entryPoints: { extension: "src/extension.ts" }, external: ["vscode"] },
    { ...node, entryPoints: { agent: "src/agent/main.ts" }, external: ["koffi"] },
    {
      ...common,
      platform: "browser",
      format: "iife",
      target: "chrome128",
      // The page, and what answers it where it is a report.
      entryPoints: { webview: "webview/main.ts", report: "src/report/main.ts" },
      outdir: "dist",
    },
  ];
}
