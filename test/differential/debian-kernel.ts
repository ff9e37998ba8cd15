// Starts performer.c on another kernel than the running one: alone in a virtual machine, spoken to over a serial port.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Machine } from "../../src/kernel/simulated/machine.ts";
import { PROFILES } from "../../src/kernel/simulated/profile.ts";
import { compiled } from "../compile.ts";
import { machineArguments, makeDisk } from "../virtual-machine/boot.ts";
import { debianKernelImage } from "../virtual-machine/debian-kernel.ts";
import { LiveKernel, performerExecutable } from "./live.ts";

const DISK_BYTES = 128 << 20;
const MEMORY_MIB = 1536;
const HUGETLB_PAGES = new Machine().hugetlb.size;

/**
 * @param series of a kernel that the simulator has a profile for: "6.12".
 * @param swapPages of its swap area; 0 for none.
 */
export function liveDebianKernel(series: string, swapPages = 0): LiveKernel {
  const profile = PROFILES.find(({ name }) => name === series);
  if (!profile) {
    const names = PROFILES.map(({ name }) => name).join(", ");
    throw new Error(`The simulator has no profile "${series}"; it has ${names}.`);
  }
  return new LiveKernel(startPerformer(debianKernelImage(series), swapPages), profile);
}

/** @returns qemu; its input and output are the performer's, and it ends with its input. */
function startPerformer(image: string, swapPages: number): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-machine-"));
  const [disk, initrd, console] = ["disk", "initrd", "console"].map(name => join(folder, name));
  makeDisk(disk, DISK_BYTES);
  writeFileSync(initrd, initialFiles(folder));
  writeFileSync(console, "");
  const append = [`hugepages=${HUGETLB_PAGES}`];
  if (swapPages > 0) append.push(`swap_pages=${swapPages}`);
  const machine = spawn(
    "qemu-system-x86_64",
    [
      ...machineArguments({ image, disk, memoryMib: MEMORY_MIB, append }),
      ...["-initrd", initrd, "-serial", `file:${console}`],
      ...["-chardev", "stdio,id=test,signal=off", "-device", "virtio-serial", "-device", "virtserialport,chardev=test"],
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  machine.once("exit", () => {
    const said = readFileSync(console, "utf8");
    if (!said.includes("Power down")) process.stderr.write(`The virtual machine ended by itself. ${said}\n`);
    rmSync(folder, { recursive: true, force: true });
  });
  return machine;
}

/** The archive that the kernel unpacks into its first file system. */
function initialFiles(folder: string): Buffer {
  const init = fileURLToPath(new URL("init.c", import.meta.url));
  copyFileSync(compiled(init, "performer-init", ["-static", "-O2", "-Wall", "-Wextra"]), join(folder, "init"));
  copyFileSync(performerExecutable(), join(folder, "performer"));
  const input = "init\nperformer\n";
  return execFileSync("cpio", ["--quiet", "-o", "-H", "newc"], { cwd: folder, input, maxBuffer: 64 << 20 });
}
