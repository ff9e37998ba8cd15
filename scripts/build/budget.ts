// The sizes that the bundles may have: what is loaded at every start must not grow unseen.
//
// node scripts/build/budget.ts takes the present sizes for the budget, once somebody has looked at what came.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { repository } from "../vscode-host/paths.ts";
import { bundles } from "./bundles.ts";

/** By file, bytes. */
export type Sizes = Readonly<Record<string, number>>;

const FILE = join(repository, "scripts/build/budget.json");

/** So much more than the budget passes: a fix here and there. */
const TOLERANCE = 1.05;

export function budget(): Sizes {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** The bundles' sizes as they are packaged; nothing is written. */
export async function bundleSizes(): Promise<Sizes> {
  const results = await Promise.all(bundles(true).map(options => build({ ...options, write: false })));
  const outputs = results.flatMap(({ metafile }) => Object.entries(metafile.outputs));
  return Object.fromEntries(outputs.map(([file, { bytes }]) => [file, bytes]));
}

/** One sentence for each bundle that is too large, or that no budget knows. */
export function overBudget(sizes: Sizes, allowed: Sizes): string[] {
  return Object.entries(sizes).flatMap(([file, bytes]) => {
    const most = allowed[file];
    if (most !== undefined && bytes <= most * TOLERANCE) return [];
    const than = most === undefined ? "and no budget" : `${percent(bytes / most - 1)} above its budget of ${most}`;
    return `${file} has ${bytes} bytes, ${than}. If what came is worth it: node scripts/build/budget.ts`;
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

if (import.meta.main) {
  const before = budget();
  const sizes = await bundleSizes();
  for (const [file, bytes] of Object.entries(sizes)) console.log(`${file}: ${before[file] ?? "none"} -> ${bytes}`);
  writeFileSync(FILE, `${JSON.stringify(sizes, undefined, 2)}\n`);
}
