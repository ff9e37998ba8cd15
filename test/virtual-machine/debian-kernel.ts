// Kernels that Debian packages beside the running one: their bootable images, without installing anything.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../scripts/vscode-host/paths.ts";

const folder = join(cacheFolder, "kernels");

/**
 * The newest kernel of a series that the system's package lists offer, built for clouds: what a virtual machine needs is in the
 * image itself, and not in modules.
 * @param series "6.12", say.
 * @returns the package's name; undefined where the lists have none, or the system is not Debian's kind.
 */
export function newestKernelPackage(series: string): string | undefined {
  const pattern = `^linux-image-${series.replaceAll(".", "\\.")}\\.[0-9].*-cloud-amd64-unsigned$`;
  let found: string;
  try {
    found = execFileSync("apt-cache", ["search", "--names-only", pattern], { encoding: "utf8" });
  } catch {
    return undefined;
  }
  const names = found.split("\n").map(line => line.split(" ")[0] ?? "");
  return names
    .filter(Boolean)
    .sort(new Intl.Collator("en", { numeric: true }).compare)
    .at(-1);
}

/**
 * @returns path of the series' bootable image, fetched where it is not there yet.
 * @throws {Error} where there is none to fetch.
 */
export function debianKernelImage(series: string): string {
  const name = newestKernelPackage(series);
  if (!name) throw new Error(`The system's package lists have no kernel ${series} for clouds. Try apt-get update.`);
  const image = `boot/vmlinuz-${name.replace(/^linux-image-|-unsigned$/g, "")}`;
  const path = join(folder, image);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  run("apt-get", "download", name);
  const [file] = globSync(`${name}_*.deb`, { cwd: folder });
  if (!file) throw new Error(`apt-get download ${name} left no package in ${folder}.`);
  run("sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x "./$1"', file, image);
  rmSync(join(folder, file));
  return path;
}
