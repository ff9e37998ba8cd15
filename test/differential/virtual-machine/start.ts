// Starts performer.c on another kernel than the running one: alone in a virtual machine, spoken to over a serial port.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Machine } from "../../../src/kernel/simulated/machine.ts";
import { PROFILES } from "../../../src/kernel/simulated/profile.ts";
import { compiled } from "../../compile.ts";
import { LiveKernel, performerExecutable } from "../live.ts";
import { debianKernelImage } from "./debian-kernel.ts";

const DISK_BYTES = 128 << 20;
const MEMORY_MIB = 1536;
const HUGETLB_PAGES = new Machine().hugetlb.size;

/**
 * The machine is emulated, as virtual machines inside others seldom may use the processor's help: it boots in some five seconds
 * and works at about a tenth of the speed.
 * @param image path of a bootable kernel.
 * @param swapPages of its swap area; 0 for none.
 * @returns qemu; its input and output are the performer's, and it ends with its input.
 */
export function startVirtualMachine(image: string, swapPages: number): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-machine-"));
  const disk = join(folder, "disk");
  writeFileSync(disk, "");
  truncateSync(disk, DISK_BYTES);
  // Where Debian puts it is not on everybody's PATH.
  execFileSync("/sbin/mkfs.ext4", ["-q", "-F", disk]);
  const init = fileURLToPath(new URL("init.c", import.meta.url));
  copyFileSync(compiled(init, "virtual-machine-init", ["-static", "-O2", "-Wall", "-Wextra"]), join(folder, "init"));
  copyFileSync(performerExecutable(), join(folder, "performer"));
  const archive = execFileSync("cpio", ["--quiet", "-o", "-H", "newc"], {
    cwd: folder,
    input: "init\nperformer\n",
    maxBuffer: 64 << 20,
  });
  const files = join(folder, "initrd");
  writeFileSync(files, archive);
  const console = join(folder, "console");
  writeFileSync(console, "");
  const options = ["console=ttyS0", "quiet", "panic=-1", `hugepages=${HUGETLB_PAGES}`];
  if (swapPages > 0) options.push(`swap_pages=${swapPages}`);
  const machine = spawn(
    "qemu-system-x86_64",
    [
      // As the simulated processor: no protection keys, which make executable memory unreadable, and 47 bits of addresses.
      ...["-accel", "tcg", "-cpu", "max,pku=off,la57=off", "-smp", "1", "-m", String(MEMORY_MIB)],
      ...["-nodefaults", "-display", "none", "-no-reboot"],
      ...["-kernel", image, "-initrd", files, "-append", options.join(" ")],
      ...["-drive", `id=disk,if=none,format=raw,file=${disk}`, "-device", "nvme,drive=disk,serial=disk"],
      ...["-chardev", "stdio,id=test,signal=off", "-device", "virtio-serial", "-device", "virtserialport,chardev=test"],
      ...["-serial", `file:${console}`],
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

/**
 * @param series of a kernel that the simulator has a profile for: "6.12".
 * @param swapPages of its swap area; 0 for none.
 */
export function liveDebianKernel(series: string, swapPages = 0): LiveKernel {
  const profile = PROFILES.find(({ name }) => name === series);
  if (!profile)
    throw new Error(`The simulator has no profile "${series}"; it has ${PROFILES.map(p => p.name).join(", ")}.`);
  return new LiveKernel(startVirtualMachine(debianKernelImage(series), swapPages), profile);
}
