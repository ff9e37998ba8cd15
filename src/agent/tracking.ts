// What a debug session asks of an agent, in whichever process that one works.
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { ProcessStatus } from "../kernel/kernel.ts";
import type { MemoryChoice } from "../tracker/choice.ts";
import type { ForkLook } from "../tracker/fork-lens.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "../tracker/reports.ts";
import type { Snapshot, SnapshotRequest } from "../tracker/snapshot.ts";
import type { ContentsHandle } from "./contents.ts";
import type { CoreProgress, CoreReport, JoinCoresParams, SaveCoreParams } from "./cores.ts";
import type { ProcessHolder } from "./holding.ts";
import type { BytesBefore, NamedRoot, NamesAnswer } from "./names.ts";
import type { WatchHandle } from "./watches.ts";

export interface TrackingAgent {
  /** A tracker of its own for one debug session; whoever asked for it owes it a {@link TrackerHandle.disarm}. */
  tracker(): TrackerHandle;
  /** Scans a process without arming or changing anything, see {@link takeSnapshot}. @throws {Cancelled} */
  snapshot(pid: number, signal?: AbortSignal, request?: SnapshotRequest): Promise<Snapshot>;
  /**
   * Saves a process's used memory as a core file; see {@link TrackerHandle.saveCore} for one that is armed.
   * @throws {KernelError} {AgentGone} {Cancelled}
   */
  saveCore(
    params: SaveCoreParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport>;
  /**
   * Joins a chain of core files into one.
   * @returns its bytes, holes included.
   * @throws {Error} they are no chain, or can't be read or written, with the file's name. {Cancelled}
   */
  joinCores(
    params: JoinCoresParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<number>;
  /** Watches what a parent and its forked child share; whoever asked for it owes it a {@link ForkHandle.close}. */
  forkLens(pair: ForkPair): ForkHandle;
  /** What the kernel offers. */
  capabilities(): Promise<CapabilityReport>;
  /** A holder of its own for one debug session; whoever asked for it owes it an end. Absent: it holds no processes. */
  holder?(): ProcessHolder;
}

/** Numbers of processes, of which the one began as a copy of the other. */
export interface ForkPair {
  readonly parent: number;
  readonly child: number;
}

/** See {@link ForkLens}. */
export interface ForkHandle {
  /** @throws {KernelError} {AgentGone} {Cancelled} */
  look(signal?: AbortSignal): Promise<ForkLook>;
  close(): void;
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
   * Runs one system call in a process that nobody traces, see {@link Kernel.injectCall}; waits for nothing that is in turn.
   * @returns a negative number is -errno.
   * @throws {KernelError} as the kernel's; {Error} why it can't be done: nothing was done to the process.
   */
  systemCallIn(pid: number, number: number, args: readonly number[]): Promise<number>;
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
   * @param ranges [start, end) pairs in bytes. @param most names for each range. @param before, roots see {@link NamesParams}.
   */
  names(
    pid: number,
    ranges: Float64Array,
    most: number,
    before?: BytesBefore,
    roots?: readonly NamedRoot[],
  ): Promise<NamesAnswer>;
  /**
   * The bytes of pages of a process that stands still, so far as they are in memory; brings none there.
   * @param pages page numbers, at most {@link MOST_READ}.
   */
  read(pid: number, pages: Float64Array): Promise<ReadPages>;
  /**
   * Saves a process's used memory as a core file; of the armed one also only what was written since the last. It must stand, or be traced
   * by nobody: then its threads are held meanwhile.
   */
  saveCore(
    params: SaveCoreParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport>;
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
