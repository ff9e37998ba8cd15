// What a debug session asks of an agent, in whichever process that one works.
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { ProcessStatus } from "../kernel/kernel.ts";
import type { MemoryChoice } from "../tracker/choice.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import type { Snapshot } from "../tracker/snapshot.ts";
import type { ContentsHandle } from "./contents.ts";
import type { BytesBefore, NamesAnswer } from "./names.ts";
import type { WatchHandle } from "./watches.ts";

export interface TrackingAgent {
  /** A tracker of its own for one debug session; whoever asked for it owes it a {@link TrackerHandle.disarm}. */
  tracker(): TrackerHandle;
  /** Scans a process without arming or changing anything. @throws {Cancelled} */
  snapshot(pid: number, signal?: AbortSignal): Promise<Snapshot>;
  /** What the kernel offers. */
  capabilities(): Promise<CapabilityReport>;
}

/** Bytes that one {@link TrackerHandle.peek} may ask for. */
export const MOST_PEEKED = 4096;

/** What arming came to, and the mappings it was done on. */
export type ArmAnswer = ArmReport & { readonly layout: Layout };

/**
 * One debug session's tracker, see {@link Tracker} for what each call does and throws; {@link AgentGone} besides. No call waits
 * for ever, and none for another session's memory.
 */
export interface TrackerHandle {
  /** The process that takes the descriptor: Yama wants to be told. Undefined where it is this one, and no system call is made. */
  readonly pid: number | undefined;
  /** Settles when that process is gone and everything disarmed, with one sentence on how. */
  readonly gone: Promise<string>;
  /** What the kernel says of a process or a thread, and of the agent's own: {@link Kernel.status}. */
  status(pid: number, program?: string): Promise<ProcessStatus | undefined>;
  /**
   * Sends a signal to a thread that a debugger holds, see {@link Kernel.interrupt}; waits for nothing that is in turn.
   * @returns whether it was sent.
   */
  interrupt(pid: number, threadId: number, signal: number): Promise<boolean>;
  /**
   * Copies pages within a process that stands: [start, end) to those from `to` on.
   * @throws {KernelError} as the kernel's.
   */
  copyPages(pid: number, start: number, end: number, to: number): Promise<void>;
  /**
   * Bytes of a process as they are now, at most {@link MOST_PEEKED}; waits for nothing that is in turn.
   * @returns fewer where not all can be read.
   */
  peek(pid: number, address: number, bytes: number): Promise<Uint8Array>;
  /**
   * Takes the debuggee's userfaultfd; from then on the agent holds a copy, and the debuggee should close its own. Where it fails
   * it may be tried again.
   * @throws {Cancelled} and the tracker is of no more use.
   */
  attach(pid: number, descriptor: number, options: ArmOptions, signal?: AbortSignal): Promise<void>;
  /** Arms. Where it fails or is cancelled nothing is armed, and the userfaultfd is gone. @throws {Cancelled} */
  arm(signal?: AbortSignal): Promise<ArmAnswer>;
  /** Chooses what is armed anew, see {@link Tracker.choose}. */
  choose(choice: MemoryChoice): Promise<ArmAnswer>;
  scan(): Promise<ScanReport>;
  /** The bytes of pages; undefined where the options that it was attached with ask for none. */
  readonly contents?: ContentsHandle | undefined;
  /** Stops at the next store to chosen ranges. */
  readonly watches: WatchHandle;
  /** @param resident whether to tell which pages are in memory, too. */
  settle(resident: boolean): Promise<Settlement>;
  /**
   * What byte ranges of a process that stands still are called; waits for nothing that is in turn, and nothing waits for it.
   * @param ranges [start, end) pairs in bytes. @param most names for each range. @param before see {@link NamesParams}.
   */
  names(pid: number, ranges: Float64Array, most: number, before?: BytesBefore): Promise<NamesAnswer>;
  /**
   * The bytes of pages of a process that stands still, so far as they are in memory; brings none there.
   * @param pages page numbers, at most {@link MOST_READ}.
   */
  read(pid: number, pages: Float64Array): Promise<ReadPages>;
  /** Disarms and ends the tracker, whatever it is doing and however often it is asked. Never fails. */
  disarm(): Promise<void>;
}

/** Pages of one reading. */
export const MOST_READ = 512;

/** Pages one after another; `known` is 1 for each that could be read. */
export interface ReadPages {
  readonly bytes: Uint8Array;
  readonly known: Uint8Array;
}

/** What stands in the way of watching native programs on this computer, and the remedy; undefined where nothing does. */
export function whatIsMissing({ problems, softDirty }: CapabilityReport): string | undefined {
  return problems.length === 0 || softDirty ? undefined : `Native programs can't be watched here. ${problems[0]}`;
}

/** The agent's process ended, could not be started, or had to be killed; nothing is armed any more. */
export class AgentGone extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AgentGone";
  }
}
