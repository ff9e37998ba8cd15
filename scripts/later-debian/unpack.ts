// Programs of a later Debian than this one, unpacked into the cache with the libraries, libc and loader that they were built for.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { cacheFolder } from "../vscode-host/paths.ts";

/** A program, and how it is started from where it was unpacked to. */
export interface LaterProgram {
  /** Debian's release: "trixie", "sid". */
  readonly release: string;
  /** The package that brings it. */
  readonly package: string;
  /** Path within the package, without a slash before it. */
  readonly path: string;
  /** What it is called here: with its version, as Debian calls several of one kind. */
  readonly name: string;
  /** More of its environment; "$root" in a value is where all was unpacked to, "$bin" where the wrappers are. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Other programs of the package that it starts: their wrappers stand beside its own. */
  readonly others?: readonly { readonly name: string; readonly path: string }[];
  /** What it is always told first; "$root" as well. */
  readonly options?: readonly string[];
}

/** Where the wrappers are that start the programs of a release. */
export function binFolder(release: string): string {
  return join(cacheFolder, "debian", release, "bin");
}

/**
 * @returns path of a wrapper that starts the program, fetched from the mirror that the system itself uses where it is not there yet.
 * @throws {Error} it can't be had, with what was tried.
 */
export function laterProgram(program: LaterProgram): string {
  const folder = join(cacheFolder, "debian", program.release);
  const wrapper = join(binFolder(program.release), program.name);
  if (existsSync(wrapper)) return wrapper;
  const root = join(folder, program.name);
  // Others may fetch the same at the same time; whoever is done first has it.
  const own = `${root}.${process.pid}`;
  try {
    unpack(program, own);
    if (!existsSync(root)) renameSync(own, root);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  for (const { name, path } of program.others ?? []) writeWrapper(program.release, name, wrapperText({ path }, root));
  writeWrapper(program.release, program.name, wrapperText(program, root));
  return wrapper;
}

function writeWrapper(release: string, name: string, text: string): void {
  const path = join(binFolder(release), name);
  mkdirSync(binFolder(release), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text);
  chmodSync(`${path}.${process.pid}`, 0o755);
  renameSync(`${path}.${process.pid}`, path);
}

/** Packages that come with it by dependency, and are no libraries, are of no use without being installed. */
function isOfUse(name: string, program: LaterProgram): boolean {
  return name === program.package || /^(lib|llvm|python3-lldb)/.test(name);
}

function unpack(program: LaterProgram, root: string): void {
  const apt = join(root, "apt");
  mkdirSync(join(apt, "state/lists/partial"), { recursive: true });
  mkdirSync(join(apt, "cache/archives/partial"), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
  writeFileSync(join(apt, "sources.list"), `deb [signed-by=${keys}] ${mirror()} ${program.release} main\n`);
  const settings = {
    "Dir::State": join(apt, "state"),
    "Dir::State::status": join(apt, "status"),
    "Dir::Cache": join(apt, "cache"),
    "Dir::Etc::sourcelist": join(apt, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::Etc::preferencesparts": "-",
    "Acquire::Languages": "none",
    "APT::Sandbox::User": "root",
  };
  writeFileSync(
    join(apt, "apt.conf"),
    `${Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";`)
      .join("\n")}\n`,
  );
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, {
      cwd: apt,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, APT_CONFIG: join(apt, "apt.conf") },
      maxBuffer: 64 << 20,
    });
  run("apt-get", "-q", "update");
  const plan = run("apt-get", "-q", "-s", "-o", "APT::Install-Recommends=false", "install", program.package);
  const names = [...plan.matchAll(/^Inst (\S+) /gm)].map(([, name = ""]) => name);
  run("apt-get", "-q", "download", ...names.filter(name => isOfUse(name, program)));
  for (const file of globSync("*.deb", { cwd: apt })) run("dpkg-deb", "-x", file, root);
  rmSync(apt, { recursive: true });
  if (!existsSync(join(root, program.path))) throw new Error(`Debian's ${program.package} has no ${program.path}.`);
}

/** The mirror that the system has its own packages from. */
function mirror(): string {
  const format = "$(REPO_URI) $(ORIGIN)";
  const listed = execFileSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], {
    encoding: "utf8",
  });
  const found = listed.split("\n").find(line => /\/debian\/? Debian$/.test(line));
  if (!found) throw new Error("The system has no packages of Debian's, so that none of a later one can be had.");
  return found.split(" ")[0] ?? "";
}

function wrapperText(
  { path, environment, options }: Pick<LaterProgram, "path" | "environment" | "options">,
  root: string,
): string {
  const libraries = globSync("usr/lib/{x86_64-linux-gnu,llvm-*/lib}", { cwd: root }).map(one => `$root/${one}`);
  const set = Object.entries(environment ?? {}).map(([name, value]) => `export ${name}="${value}"\n`);
  const given = (options ?? []).map(option => ` "${option}"`).join("");
  // Beside its own place: the cache may be moved, or be reached by several paths.
  const where = `bin="\${0%/*}"\nroot="$bin/../${basename(root)}"\n`;
  const start = `exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "${libraries.join(":")}" "$root/${path}"`;
  return `#!/bin/sh\n${where}${set.join("")}${start}${given} "$@"\n`;
}
