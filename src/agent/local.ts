// An agent in this process: trackers over a kernel, and nothing of Node's.
import type { CancellationToken } from "vscode-jsonrpc";
import { TRACKING_FEATURES } from "../kernel/abi.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Category } from "../memory/category.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import { type Snapshot, takeSnapshot } from "../tracker/snapshot.ts";
import { Tracker } from "../tracker/tracker.ts";
import { Cancelled, type CapabilityReport, type TrackerHandle, type TrackingAgent } from "./tracking.ts";

/** Gives the kernel. @throws {Error} there is none, and why. */
export type GiveKernel = () => Kernel;

const EVERYTHING: CapabilityReport = {
  pagemapScan: true,
  categories: Object.values(Category).reduce((all, bit) => all | bit, 0),
  userfaultfd: true,
  features: TRACKING_FEATURES,
  problems: [],
};

export class LocalAgent implements TrackingAgent {
  readonly pid = undefined;
  /** Never: it ends with the process it works in. */
  readonly gone = new Promise<string>(() => {});
  private readonly giveKernel: GiveKernel;
  private readonly probe: () => CapabilityReport;
  /** A scan lets other requests in while it waits for its thread; they wait for it. */
  private busy: Promise<unknown> = Promise.resolve();

  /** @param probe asks the kernel what it offers; absent: a kernel that offers everything. */
  constructor(giveKernel: GiveKernel, probe = () => EVERYTHING) {
    this.giveKernel = giveKernel;
    this.probe = probe;
  }

  tracker(): LocalTracker {
    return new LocalTracker(this.giveKernel, work => this.inTurn(work));
  }

  async snapshot(pid: number): Promise<Snapshot> {
    return takeSnapshot(this.giveKernel(), pid);
  }

  async capabilities(): Promise<CapabilityReport> {
    return this.probe();
  }

  private inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.busy.then(work);
    this.busy = result.catch(() => {});
    return result;
  }
}

export class LocalTracker implements TrackerHandle {
  private readonly giveKernel: GiveKernel;
  private readonly inTurn: <T>(work: () => T | Promise<T>) => Promise<T>;
  private attached: Tracker | undefined;

  constructor(giveKernel: GiveKernel, inTurn: <T>(work: () => T | Promise<T>) => Promise<T>) {
    this.giveKernel = giveKernel;
    this.inTurn = inTurn;
  }

  async attach(pid: number, descriptor: number, options: ArmOptions): Promise<void> {
    this.drop();
    this.attached = new Tracker(this.giveKernel(), pid, descriptor, options);
  }

  async arm(token?: CancellationToken): Promise<ArmReport & { layout: Layout }> {
    const { tracker } = this;
    try {
      const report = await tracker.arm(() => turn(token));
      return { ...report, layout: tracker.layout() };
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  scan(): Promise<ScanReport> {
    return this.inTurn(() => this.tracker.scan());
  }

  settle(resident: boolean): Promise<Settlement> {
    return this.inTurn(() => this.tracker.settle(resident));
  }

  disarm(): Promise<void> {
    return this.inTurn(() => this.drop());
  }

  private get tracker(): Tracker {
    if (!this.attached) throw new Error("nothing is armed");
    return this.attached;
  }

  private drop(): void {
    this.attached?.close();
    this.attached = undefined;
  }
}

/** Lets others in, a cancellation among them. */
async function turn(token: CancellationToken | undefined): Promise<void> {
  // A browser has none, and its timers wait for milliseconds.
  const soon = typeof setImmediate === "function" ? setImmediate : setTimeout;
  await new Promise<void>(resolve => soon(() => resolve()));
  if (token?.isCancellationRequested) throw new Cancelled();
}
