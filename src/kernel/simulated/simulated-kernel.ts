// The simulated machine behind the kernel interface, as the tracker sees any kernel.
import type { Kernel } from "../kernel.ts";
import type { Machine } from "./machine.ts";

export function simulatedKernel(_machine: Machine): Kernel {
  throw new Error("not yet");
}
