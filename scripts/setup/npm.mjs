// Installs the npm packages that package-lock.json names, unless they are there already.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./paths.mjs";

export function ensureNpmPackages() {
  if (isUpToDate()) return;
  console.error("Installing npm packages …");
  // No install scripts: the one package that has a build (cdt-gdb-adapter's pty) needs it only for a gdb in a terminal.
  // Not `npm ci`: it wants every other system's optional packages in the lock, and some registries carry only Linux's.
  // This takes the locked versions too, and with --no-save leaves the lock as it is.
  const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync("npm", args, { cwd: repository, encoding: "utf8" });
  if (done.status === 0) return;
  const why = done.error?.message ?? `${done.stdout}${done.stderr}`.trim();
  throw new Error(`npm ${args.join(" ")} failed in ${repository}.\n${why}\nFix that and run the same command again.`);
}

/** npm keeps in node_modules the lock of what it really put there; comparing the two costs milliseconds. */
function isUpToDate() {
  const wanted = lockedPackages("package-lock.json");
  const present = lockedPackages("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, entry]) => {
    const found = present[path];
    return path === "" || (found ? found.version === entry.version : entry.optional && !isForThisMachine(entry));
  });
}

/** Optional packages are mostly one native build per platform, of which npm installs the fitting one. */
function isForThisMachine({ os, cpu, libc }) {
  const allows = (list, value) => list === undefined || list.includes(value);
  const named = os !== undefined && cpu !== undefined;
  return named && allows(os, process.platform) && allows(cpu, process.arch) && allows(libc, "glibc");
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(repository, file), "utf8")).packages ?? {};
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw new Error(`Could not read ${file}: ${error.message}. Delete it and run the same command again.`);
  }
}
