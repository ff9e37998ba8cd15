// Installs missing Debian packages, or says which and how where it may not.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How to see in microseconds that a package's work is done, whoever installed it: a program on PATH or a file. */
const signs = {
  "lldb-19": { programs: ["lldb-dap-19", "lldb-dap"] },
  gdb: { programs: ["gdb"] },
  gcc: { programs: ["gcc"] },
  "g++": { programs: ["g++"] },
  make: { programs: ["make"] },
  python3: { programs: ["python3"] },
  chromium: { programs: ["chromium"] },
  "fonts-dejavu-core": { file: "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf" },
  "qemu-system-x86": { programs: ["qemu-system-x86_64"] },
  cpio: { programs: ["cpio"] },
  e2fsprogs: { file: "/sbin/mkfs.ext4" },
  "redis-tools": { programs: ["redis-check-rdb"] },
  sqlite3: { programs: ["sqlite3"] },
  delve: { programs: ["dlv"] },
  // Debian's own, which its delve is for.
  "golang-go": { file: "/usr/bin/go" },
  "python3-debugpy": { file: "/usr/lib/python3/dist-packages/debugpy/__init__.py" },
  perl: { programs: ["perl"] },
  "libc6-dev": { file: "/usr/include/stdio.h" },
};

export function ensureDebianPackages(packages) {
  const missing = packages.filter(name => !isThere(signs[name]));
  if (missing.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && onPath("apt-get");
  if (!mayInstall) throw new Error(remedy(missing));

  console.error(`Installing ${missing.join(", ")} …`);
  apt(["update"], missing);
  apt(["install", "-y", "--no-install-recommends", ...missing], missing);
  const still = missing.filter(name => !isThere(signs[name]));
  if (still.length > 0) {
    throw new Error(`apt-get installed ${still.join(", ")}, but what they bring is not where it was expected.`);
  }
}

function isThere(sign) {
  return sign.file ? existsSync(sign.file) : sign.programs.some(onPath);
}

export function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some(folder => isExecutable(join(folder, program)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function apt(args, packages) {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const done = spawnSync("apt-get", ["-q", ...args], { env: environment, encoding: "utf8", maxBuffer: 64 << 20 });
  if (done.status === 0) return;
  const why = done.error?.message ?? `${done.stdout}${done.stderr}`.trim();
  throw new Error(`apt-get ${args.join(" ")} failed.\n${why}\n${remedy(packages)}`);
}

function remedy(packages) {
  const names = packages.join(" ");
  return (
    `Missing: ${packages.join(", ")}. Get them with\n\n    sudo apt-get install ${names}\n\n` +
    "or your system's equivalent, and run the same command again."
  );
}
