// The machines that run at the moment, by the numbers of their processes: how a tracker finds the kernel of a simulated one.
import type { Machine } from "../kernel/simulated/machine.ts";

const machines = new Map<number, Machine>();

/** Lets the machine be found by this process of its own. */
export function addMachine(pid: number, machine: Machine): void {
  machines.set(pid, machine);
}

export function removeMachine(pid: number): void {
  machines.delete(pid);
}

/** The machine a simulated process runs on; undefined where no such process runs. */
export function machineOf(pid: number): Machine | undefined {
  return machines.get(pid);
}
