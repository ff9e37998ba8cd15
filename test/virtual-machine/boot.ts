// Boots a kernel in an emulated machine: qemu with one processor, one disk and a serial console.
import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";

export interface MachineOptions {
  /** Path of a bootable kernel. */
  readonly image: string;
  /** Path of the disk's image; the kernel knows the disk as /dev/nvme0n1. */
  readonly disk: string;
  readonly memoryMib: number;
  /** More of the kernel's command line; what it does not know is init's environment. */
  readonly append: readonly string[];
}

/**
 * Emulated, as virtual machines inside others seldom may use the processor's help: it boots in some five seconds and works at about a
 * tenth of the speed. It is the simulated processor: without protection keys, which make executable memory unreadable, and with 47
 * bits of addresses.
 * @returns arguments for qemu-system-x86_64.
 */
export function machineArguments({ image, disk, memoryMib, append }: MachineOptions): string[] {
  return [
    ...["-accel", "tcg", "-cpu", "max,pku=off,la57=off", "-smp", "1", "-m", String(memoryMib)],
    ...["-nodefaults", "-display", "none", "-no-reboot"],
    ...["-kernel", image, "-append", ["console=ttyS0", "quiet", "panic=-1", ...append].join(" ")],
    ...["-drive", `id=disk,if=none,format=raw,file=${disk}`, "-device", "nvme,drive=disk,serial=disk"],
  ];
}

/** Makes the image of a disk with an ext4 file system. @param content a folder that it holds from the beginning. */
export function makeDisk(path: string, bytes: number, content?: string): void {
  writeFileSync(path, "");
  truncateSync(path, bytes);
  // Where Debian puts it is not on everybody's PATH.
  execFileSync("/sbin/mkfs.ext4", ["-q", "-F", ...(content ? ["-d", content] : []), path]);
}
