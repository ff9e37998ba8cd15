// What a debug session asks of an agent, in whichever process that one works.
import type { CancellationToken } from "vscode-jsonrpc";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";

export interface TrackingAgent {
  /** The agent's process, where it has one of its own. */
  readonly pid: number | undefined;
  /** Settles when the agent is gone and everything disarmed, with one sentence on how. */
  readonly gone: Promise<string>;
  /** A tracker of its own for one debug session. */
  tracker(): TrackerHandle;
  /** Scans a process without arming or changing anything. */
  snapshot(pid: number): Promise<Snapshot>;
  /** What the kernel offers. */
  capabilities(): Promise<CapabilityReport>;
}

/** A tracker in an agent, see {@link Tracker} for what each call does and throws; AgentGone besides. */
export interface TrackerHandle {
  /** Takes the debuggee's userfaultfd; from then on the agent holds a copy, and the debuggee should close its own. */
  attach(pid: number, descriptor: number, options: ArmOptions): Promise<void>;
  /** Arms. Where it fails or is cancelled nothing is armed, and the userfaultfd is gone. */
  arm(token?: CancellationToken): Promise<ArmReport & { layout: Layout }>;
  /** The report holds all written pages, however they came. */
  scan(): Promise<ScanReport>;
  /** @param resident whether to tell which pages are in memory, too. */
  settle(resident: boolean): Promise<Settlement>;
  /** Disarms and forgets the userfaultfd; where there is none any more, that is no error. */
  disarm(): Promise<void>;
}

export interface CapabilityReport {
  readonly pagemapScan: boolean;
  /** Category bits the kernel knows. */
  readonly categories: number;
  readonly userfaultfd: boolean;
  /** Features the kernel offers (UffdFeature bits), 0 where there is no userfaultfd. */
  readonly features: number;
  /** Empty where tracking works; else sentences on what is missing and the remedy. */
  readonly problems: readonly string[];
}

/** What stands in the way of watching native programs on this computer, and the remedy; undefined where nothing does. */
export function whatIsMissing({ problems }: CapabilityReport): string | undefined {
  return problems.length === 0 ? undefined : `Native programs can't be watched here. ${problems[0]}`;
}

/** The agent's process ended, or could not be started. */
export class AgentGone extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AgentGone";
  }
}

/** The one who asked for it wants it no more. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}
