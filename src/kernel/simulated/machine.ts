// The simulated computer: its processes, its files and its physical memory.

import { Process } from "./process.ts";
import { type KernelProfile, LINUX_6_18 } from "./profile.ts";

/** PIDs of simulated processes begin beyond any the real kernel gives (PID_MAX_LIMIT is 2^22). */
const FIRST_PID = 2 ** 22 + 1;

export class Machine {
  readonly profile: KernelProfile;
  private readonly processes = new Map<number, Process>();
  private nextPid = FIRST_PID;

  constructor(profile: KernelProfile = LINUX_6_18) {
    this.profile = profile;
  }

  /** Creates a file of so many bytes, all zero, that processes can open by its path. */
  createFile(path: string, bytes: number): void {
    throw new Error(`not yet: ${path} ${bytes}`);
  }

  /** A fresh process as execve leaves it: a program's text and data, [heap] after its first brk, [stack]. */
  spawn(name = "program"): Process {
    const process = new Process(this, this.nextPid, name);
    this.nextPid += 1;
    this.processes.set(process.pid, process);
    return process;
  }

  process(pid: number): Process | undefined {
    return this.processes.get(pid);
  }
}
