// What a debug session without a debugger asks of an agent: to have a process stand, and to let it go.
import type { Kernel, ThreadRegisters, ThreadState } from "../kernel/kernel.ts";

/** Holds processes; what it holds goes on when it ends. See {@link Kernel} for what each call does and throws. */
export interface ProcessHolder {
  /** Settles when it is gone and all it held runs on, with one sentence on how. */
  readonly gone: Promise<string>;
  hold(pid: number): Promise<void>;
  release(pid: number): Promise<void>;
  runFor(pid: number, milliseconds: number): Promise<void>;
  threads(pid: number): Promise<readonly ThreadState[]>;
  systemCallIn(pid: number, number: number, args: readonly number[]): Promise<number>;
  /** Of each thread of a process that it holds. */
  registers(pid: number): Promise<readonly ThreadRegisters[]>;
  /** Lets everything go, and ends. Never fails. */
  end(): Promise<void>;
}

/** One over a kernel in this process. */
export class LocalHolder implements ProcessHolder {
  /** Never: it ends with its process. */
  readonly gone = new Promise<string>(() => {});
  private readonly giveKernel: () => Kernel;
  private readonly holding = new Set<number>();

  constructor(giveKernel: () => Kernel) {
    this.giveKernel = giveKernel;
  }

  async hold(pid: number): Promise<void> {
    const { hold } = this.giveKernel();
    if (!hold) throw new Error(CANT);
    await hold(pid);
    this.holding.add(pid);
  }

  async release(pid: number): Promise<void> {
    this.holding.delete(pid);
    await this.giveKernel().release?.(pid);
  }

  async runFor(pid: number, milliseconds: number): Promise<void> {
    const { runFor } = this.giveKernel();
    if (!runFor) throw new Error(CANT);
    await runFor(pid, milliseconds);
  }

  async threads(pid: number): Promise<readonly ThreadState[]> {
    return this.giveKernel().threads?.(pid) ?? [];
  }

  async systemCallIn(pid: number, number: number, args: readonly number[]): Promise<number> {
    const { injectCall } = this.giveKernel();
    if (!injectCall) throw new Error(CANT);
    return injectCall(pid, number, args);
  }

  async registers(pid: number): Promise<readonly ThreadRegisters[]> {
    return this.giveKernel().heldRegisters?.(pid) ?? [];
  }

  async end(): Promise<void> {
    for (const pid of this.holding) await this.release(pid).catch(() => {});
  }
}

const CANT = "This kernel holds no processes that nobody traces.";
