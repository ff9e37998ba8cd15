// An agent in this process: trackers over a kernel, and nothing of Node's.
import { Cancelled } from "../common/deadline.ts";
import { TRACKING_FEATURES } from "../kernel/abi.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { Kernel, ProcessStatus } from "../kernel/kernel.ts";
import { Category } from "../memory/category.ts";
import type { ArmOptions, ScanReport, Settlement } from "../tracker/reports.ts";
import { type Snapshot, takeSnapshot } from "../tracker/snapshot.ts";
import { Tracker } from "../tracker/tracker.ts";
import type { ArmAnswer, TrackerHandle, TrackingAgent } from "./tracking.ts";

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
  private readonly giveKernel: GiveKernel;
  private readonly probe: () => CapabilityReport;

  /** @param probe asks the kernel what it offers; absent: a kernel that offers everything. */
  constructor(giveKernel: GiveKernel, probe = () => EVERYTHING) {
    this.giveKernel = giveKernel;
    this.probe = probe;
  }

  tracker(): LocalTracker {
    return new LocalTracker(this.giveKernel);
  }

  async snapshot(pid: number, signal?: AbortSignal): Promise<Snapshot> {
    refuseCancelled(signal);
    return takeSnapshot(this.giveKernel(), pid);
  }

  async capabilities(): Promise<CapabilityReport> {
    return this.probe();
  }
}

export class LocalTracker implements TrackerHandle {
  readonly pid = undefined;
  /** Never: it ends with the process it works in. One for each tracker, so that nobody who waits for it outlives the tracker. */
  readonly gone = new Promise<string>(() => {});
  private readonly giveKernel: GiveKernel;
  private attached: Tracker | undefined;
  /** A scan waits for its thread, and arming lets others in: what is asked meanwhile waits for its turn. */
  private last: Promise<unknown> = Promise.resolve();
  /** Rises with each disarming: what was asked before it is not wanted any more. */
  private disarmings = 0;

  constructor(giveKernel: GiveKernel) {
    this.giveKernel = giveKernel;
  }

  async status(pid: number, program?: string): Promise<ProcessStatus | undefined> {
    return this.giveKernel().status?.(pid, program);
  }

  attach(pid: number, descriptor: number, options: ArmOptions, signal?: AbortSignal): Promise<void> {
    return this.inTurn(() => {
      refuseCancelled(signal);
      this.drop();
      this.attached = new Tracker(this.giveKernel(), pid, descriptor, options);
    });
  }

  arm(signal?: AbortSignal): Promise<ArmAnswer> {
    const { disarmings } = this;
    return this.inTurn(async () => {
      const { tracker } = this;
      try {
        refuseCancelled(signal);
        const report = await tracker.arm(async () => {
          await turn();
          refuseCancelled(signal);
          if (disarmings !== this.disarmings) throw new Cancelled();
        });
        return { ...report, layout: tracker.layout() };
      } catch (error) {
        this.drop();
        throw error;
      }
    });
  }

  scan(): Promise<ScanReport> {
    return this.inTurn(() => this.tracker.scan());
  }

  settle(resident: boolean): Promise<Settlement> {
    return this.inTurn(() => this.tracker.settle(resident));
  }

  disarm(): Promise<void> {
    this.disarmings += 1;
    return this.inTurn(() => this.drop());
  }

  private get tracker(): Tracker {
    if (!this.attached) throw new Error("nothing is armed");
    return this.attached;
  }

  private drop(): void {
    const { attached } = this;
    this.attached = undefined;
    attached?.close();
  }

  private inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(work);
    // Not the result itself: it would be held until the next one.
    this.last = result.then(
      () => {},
      () => {},
    );
    return result;
  }
}

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Cancelled();
}

/** Lets others in, a cancellation among them. */
function turn(): Promise<void> {
  // A browser has none, and its timers wait for milliseconds.
  const soon = typeof setImmediate === "function" ? setImmediate : setTimeout;
  return new Promise(resolve => void soon(resolve));
}
