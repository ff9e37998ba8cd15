// The holder that a process of its own works: what it holds goes on when that ends.
import type { ThreadRegisters, ThreadState } from "../kernel/kernel.ts";
import type { ProcessHolder } from "./holding.ts";
import type { AgentProcess } from "./process.ts";
import * as Protocol from "./protocol.ts";

export class RemoteHolder implements ProcessHolder {
  readonly gone: Promise<string>;
  private readonly process: AgentProcess;

  /** @param process a fresh one, from now on this holder's. */
  constructor(process: AgentProcess) {
    this.process = process;
    this.gone = process.gone;
  }

  async hold(pid: number): Promise<void> {
    await this.process.ask(Protocol.HOLD, { pid });
  }

  async release(pid: number): Promise<void> {
    await this.process.ask(Protocol.RELEASE, { pid });
  }

  async runFor(pid: number, milliseconds: number): Promise<void> {
    await this.process.ask(Protocol.RUN_FOR, { pid, milliseconds });
  }

  threads(pid: number): Promise<readonly ThreadState[]> {
    return this.process.ask(Protocol.THREADS, { pid });
  }

  systemCallIn(pid: number, number: number, args: readonly number[]): Promise<number> {
    return this.process.ask(Protocol.SYSTEM_CALL, { pid, number, args });
  }

  registers(pid: number): Promise<readonly ThreadRegisters[]> {
    return this.process.ask(Protocol.HELD_REGISTERS, { pid });
  }

  async end(): Promise<void> {
    await this.process.end("the agent was ended with its session");
  }
}
