// Keeps the agent's processes: one a tracker, for as long as it tracks; and short-lived ones for questions about other processes.
import type { Log } from "../common/log.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { Snapshot, SnapshotRequest } from "../tracker/snapshot.ts";
import type { CoreProgress, CoreReport, JoinCoresParams, SaveCoreParams } from "./cores.ts";
import { AgentProcess, type AgentSettings } from "./process.ts";
import * as Protocol from "./protocol.ts";
import { RemoteHolder } from "./remote-holder.ts";
import { RemoteTracker } from "./remote-tracker.ts";
import { type ForkHandle, type ForkPair, type TrackingAgent, whatIsMissing } from "./tracking.ts";
import { otherSystem } from "./unsupported.ts";

/** How long a process that has answered a question waits for a tracker to need it, milliseconds. */
const SPARE = 5_000;

/** No process runs before somebody asks for a tracker, or asks a question. */
export class AgentKeeper implements TrackingAgent {
  private readonly settings: AgentSettings;
  private readonly living = new Set<AgentProcess>();
  /** Has told what the kernel offers, and may serve the tracker that was asked about: starting one takes a tenth of a second. */
  private spare: AgentProcess | undefined;
  /** Where the kernel offers everything: that does not change while it runs. */
  private offered: CapabilityReport | undefined;

  /** @param modulePath the agent's main module. */
  constructor(modulePath: string, log: Log, patience?: number) {
    this.settings = { modulePath, log, ...(patience === undefined ? {} : { patience }) };
  }

  tracker(): RemoteTracker {
    const process = this.spare ?? this.start();
    this.spare = undefined;
    return new RemoteTracker(process);
  }

  holder(): RemoteHolder {
    return new RemoteHolder(this.start());
  }

  /** @throws {KernelError} as the kernel refuses; {AgentGone}; {Cancelled}. */
  snapshot(pid: number, signal?: AbortSignal, request?: SnapshotRequest): Promise<Snapshot> {
    return this.once(process => process.ask(Protocol.SNAPSHOT, { pid, request }, signal));
  }

  /** @throws {KernelError} as the kernel refuses; {AgentGone}; {Cancelled}. */
  saveCore(
    params: SaveCoreParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport> {
    return this.once(process => process.askTelling(Protocol.SAVE_CORE, params, onProgress, signal));
  }

  /** @throws {Error} they are no chain; {AgentGone}; {Cancelled}. */
  joinCores(
    params: JoinCoresParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<number> {
    return this.once(process => process.askTelling(Protocol.JOIN_CORES, params, onProgress, signal));
  }

  /** In a process of its own, which ends with it. */
  forkLens(pair: ForkPair): ForkHandle {
    const process = this.start();
    return {
      look: signal => process.ask(Protocol.FORK_LOOK, pair, signal),
      close: () => void process.end(),
    };
  }

  /** @throws {AgentGone} */
  async capabilities(): Promise<CapabilityReport> {
    if (this.offered) return this.offered;
    const process = this.start();
    try {
      const report = await process.ask(Protocol.CAPABILITIES, {});
      if (report.problems.length === 0) this.offered = report;
      return report;
    } finally {
      this.keepSpare(process);
    }
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

  /** Asks a process that lives for this question alone. */
  private async once<T>(ask: (process: AgentProcess) => Promise<T>): Promise<T> {
    const process = this.start();
    try {
      return await ask(process);
    } finally {
      void process.end();
    }
  }

  private start(): AgentProcess {
    const process = new AgentProcess(this.settings);
    this.living.add(process);
    void process.gone.then(() => {
      this.living.delete(process);
      if (this.spare === process) this.spare = undefined;
    });
    return process;
  }

  private keepSpare(process: AgentProcess): void {
    void this.spare?.end();
    this.spare = process;
    const timer = setTimeout(() => {
      if (this.spare === process) void process.end();
    }, SPARE);
    void process.gone.then(() => clearTimeout(timer));
  }
}
