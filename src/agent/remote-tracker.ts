// A tracker in a process of its own, which lives as long as the tracker: no session waits for another's memory.
import { Cancelled } from "../common/deadline.ts";
import type { ArmOptions, ScanReport, Settlement } from "../tracker/reports.ts";
import { scanFromWire, settlementFromWire } from "./answers.ts";
import type { AgentProcess } from "./process.ts";
import * as Protocol from "./protocol.ts";
import type { ArmAnswer, TrackerHandle } from "./tracking.ts";

export class RemoteTracker implements TrackerHandle {
  readonly pid: number | undefined;
  readonly gone: Promise<string>;
  private readonly process: AgentProcess;

  /** @param process a fresh one, from now on this tracker's. */
  constructor(process: AgentProcess) {
    this.process = process;
    this.pid = process.pid;
    this.gone = process.gone;
  }

  async attach(pid: number, descriptor: number, options: ArmOptions, signal?: AbortSignal): Promise<void> {
    await this.cancellable(this.process.ask(Protocol.ATTACH, { pid, descriptor, options }, signal));
  }

  arm(signal?: AbortSignal): Promise<ArmAnswer> {
    return this.cancellable(this.process.ask(Protocol.ARM, {}, signal));
  }

  async scan(): Promise<ScanReport> {
    return scanFromWire(await this.process.ask(Protocol.SCAN, {}));
  }

  async settle(resident: boolean): Promise<Settlement> {
    return settlementFromWire(await this.process.ask(Protocol.SETTLE, { resident }));
  }

  async disarm(): Promise<void> {
    await this.process.end("the agent was ended with its tracking");
  }

  /** What is cancelled may be inside a system call that takes long: only the process's end makes sure that nothing is armed. */
  private async cancellable<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof Cancelled) await this.process.end("the arming was cancelled");
      throw error;
    }
  }
}
