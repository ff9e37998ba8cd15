// The simulated kernel that a simulated process runs on, for whoever watches processes by their numbers.
import { Errno } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { simulatedKernel } from "../kernel/simulated/simulated-kernel.ts";
import { machineOf } from "./machines.ts";

/** @throws {KernelError} ESRCH: no such process runs. */
export function kernelOf(pid: number): Kernel {
  const machine = machineOf(pid);
  if (!machine) throw new KernelError("open", `simulated process ${pid}`, Errno.ESRCH);
  return simulatedKernel(machine);
}
