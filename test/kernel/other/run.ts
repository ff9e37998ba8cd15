// Runs the tracker's tests on another kernel of Debian's, in a virtual machine: npm run test:kernel -- 6.12.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { repository } from "../../../scripts/vscode-host/paths.ts";
import { runMain } from "../../../scripts/vscode-host/run-main.ts";
import { compiled } from "../../compile.ts";
import { machineArguments, makeDisk } from "../../virtual-machine/boot.ts";
import { debianKernelImage } from "../../virtual-machine/debian-kernel.ts";
import { targetExecutable } from "../target.ts";

const DISK_BYTES = 1536 << 20;
/** A test arms a mapping of many GiB, of which little is populated. */
const MEMORY_MIB = 3072;
/** What qemu's exit device makes of 0. */
const PASSED = 1;

/** What the tests run without, and is large. */
const LEFT_OUT =
  /^(\.git|\.cache|dist|media|examples)$|^node_modules\/(@biomejs|@esbuild|@typescript|@vscode|playwright-core|typescript)$/;

await runMain(async () => {
  const series = process.argv[2];
  if (!series) throw new Error("Say which of Debian's kernels: npm run test:kernel -- 6.12");
  const image = debianKernelImage(series);
  const folder = mkdtempSync(join(tmpdir(), "writewatch-kernel-"));
  try {
    const disk = join(folder, "disk.img");
    makeDisk(disk, DISK_BYTES, fileSystem(join(folder, "root"), series));
    console.log(`The tracker's tests on ${image.replace(/^.*vmlinuz-/, "Linux ")}, emulated: this takes some minutes.`);
    const append = ["root=/dev/nvme0n1", "rw", "init=/init"];
    const machine = spawn(
      "qemu-system-x86_64",
      [
        ...machineArguments({ image, disk, memoryMib: MEMORY_MIB, append }),
        ...["-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"],
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const [code] = await once(machine, "exit");
    console.log(code === PASSED ? "They passed." : "They failed, or the machine ended by itself.");
    return code === PASSED ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The project, its Node, the libraries Node needs, and an init that runs the tests. @returns its root. */
function fileSystem(root: string, series: string): string {
  for (const name of ["proc", "sys", "dev", "tmp"]) mkdirSync(join(root, name), { recursive: true });
  const project = join(root, "project");
  // A compiled program is taken for stale by its time.
  const options = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
  cpSync(repository, project, { ...options, filter: path => !LEFT_OUT.test(relative(repository, path)) });
  const target = targetExecutable();
  mkdirSync(join(project, "dist/test"), { recursive: true });
  cpSync(target, join(project, relative(repository, target)), options);
  for (const library of librariesOf(process.execPath)) {
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  const init = fileURLToPath(new URL("init.c", import.meta.url));
  copyFileSync(compiled(init, "tests-init", ["-static", "-O2", "-Wall", "-Wextra"]), join(root, "init"));
  const node = `/project/${relative(repository, process.execPath)}`;
  const mocha = ["node_modules/mocha/bin/mocha.js", "--reporter", "spec", "--timeout", "600000"];
  writeFileSync(join(root, "arguments"), [node, ...mocha, testsOn(series)].join("\n"));
  return root;
}

/** Asynchronous write protection came with 6.7; before, soft-dirty bits take its place. */
function testsOn(series: string): string {
  const [major, minor] = series.split(".").map(Number);
  const hasWriteProtection = major > 6 || (major === 6 && minor >= 7);
  return hasWriteProtection ? "test/kernel/tracker.test.ts" : "test/kernel/other/soft-dirty.ts";
}

function librariesOf(executable: string): string[] {
  const listed = execFileSync("ldd", [executable], { encoding: "utf8" });
  return [...listed.matchAll(/(?:=> |^\t)(\/\S+)/gm)].map(([, path]) => path ?? "");
}
