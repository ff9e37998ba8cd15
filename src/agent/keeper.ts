// Keeps the agent's processes: one a tracker, for as long as it tracks; and short-lived ones for questions about other processes.
import type { Log } from "../common/log.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import { AgentProcess, type AgentSettings } from "./process.ts";
import * as Protocol from "./protocol.ts";
import { RemoteTracker } from "./remote-tracker.ts";
import { type TrackingAgent, whatIsMissing } from "./tracking.ts";
import { otherSystem } from "./unsupported.ts";

/** No process runs before somebody asks for a tracker, or asks a question. */
export class AgentKeeper implements TrackingAgent {
  private readonly settings: AgentSettings;
  private readonly living = new Set<AgentProcess>();
  /** Where the kernel offers everything: that does not change while it runs. */
  private offered: CapabilityReport | undefined;

  /** @param modulePath the agent's main module. */
  constructor(modulePath: string, log: Log, patience?: number) {
    this.settings = { modulePath, log, ...(patience === undefined ? {} : { patience }) };
  }

  tracker(): RemoteTracker {
    return new RemoteTracker(this.start());
  }

  /** @throws {KernelError} as the kernel refuses; {AgentGone}; {Cancelled}. */
  snapshot(pid: number, signal?: AbortSignal): Promise<Snapshot> {
    return this.once(process => process.ask(Protocol.SNAPSHOT, { pid }, signal));
  }

  /** @throws {AgentGone} */
  async capabilities(): Promise<CapabilityReport> {
    if (this.offered) return this.offered;
    const report = await this.once(process => process.ask(Protocol.CAPABILITIES, {}));
    if (report.problems.length === 0) this.offered = report;
    return report;
  }

  /** What stands in the way of watching native programs here, and the remedy; undefined where nothing does. */
  async missing(): Promise<string | undefined> {
    try {
      return whatIsMissing(await this.capabilities());
    } catch (error) {
      return `Native programs can't be watched here: ${error instanceof Error ? error.message : error}.`;
    }
  }

  /** The same so far as it can be told without starting anything: whether this is a system that we know. */
  missingAtFirstSight(): string | undefined {
    const other = otherSystem(process.platform, process.arch);
    return other && `Native programs can't be watched here. ${other}`;
  }

  /** The processes that run now. */
  get processes(): readonly AgentProcess[] {
    return [...this.living];
  }

  /** Ends all processes; what they had armed is disarmed. */
  dispose(): void {
    for (const process of this.living) void process.end();
  }

  private start(): AgentProcess {
    const process = new AgentProcess(this.settings);
    this.living.add(process);
    void process.gone.then(() => this.living.delete(process));
    return process;
  }

  private async once<T>(question: (process: AgentProcess) => Promise<T>): Promise<T> {
    const process = this.start();
    try {
      return await question(process);
    } finally {
      void process.end();
    }
  }
}
