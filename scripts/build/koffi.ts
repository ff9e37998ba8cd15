// koffi, the one package that is not bundled: its native part has to lie beside the code that loads it.
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "../vscode-host/paths.ts";

/** What it needs at run time on linux-x64; the rest of the package is its sources. */
const FILES = [
  "koffi/package.json",
  "koffi/LICENSE.txt",
  "koffi/index.cjs",
  "koffi/src/koffi/index.cjs",
  "koffi/src/koffi/src/static.cjs",
  "@koromix/koffi-linux-x64/package.json",
  "@koromix/koffi-linux-x64/index.js",
  "@koromix/koffi-linux-x64/linux_x64/koffi.node",
];

/** Its packages, as folders of node_modules. */
export const KOFFI_PACKAGES = ["koffi", "@koromix/koffi-linux-x64"];

export function copyKoffi(): void {
  const target = join(repository, "dist/node_modules");
  rmSync(target, { recursive: true, force: true });
  // Elsewhere it is not installed, and not needed: there simulated programs alone can be watched.
  if (!FILES.every(file => existsSync(join(repository, "node_modules", file)))) return;
  for (const file of FILES) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(repository, "node_modules", file), join(target, file));
  }
}
