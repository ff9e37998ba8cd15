// An agent in this process: trackers over a kernel, and nothing of Node's.
import { Cancelled } from "../common/deadline.ts";
import { TRACKING_FEATURES } from "../kernel/abi.ts";
import type { CapabilityReport } from "../kernel/capabilities.ts";
import type { Kernel, ProcessStatus } from "../kernel/kernel.ts";
import { KernelError } from "../kernel/kernel-error.ts";
import { Category } from "../memory/category.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../memory/page.ts";
import type { PageSet } from "../memory/page-set.ts";
import type { MemoryChoice } from "../tracker/choice.ts";
import { Contents } from "../tracker/contents/contents.ts";
import { ForkLens } from "../tracker/fork-lens.ts";
import type { ArmOptions, OtherBackend, ScanReport, Settlement } from "../tracker/reports.ts";
import { type Snapshot, type SnapshotRequest, takeSnapshot } from "../tracker/snapshot.ts";
import { Tracker } from "../tracker/tracker.ts";
import type { ContentsHandle } from "./contents.ts";
import {
  type CoreChain,
  type CoreHost,
  type CoreProgress,
  type CoreReport,
  type JoinCoresParams,
  joinCoreFiles,
  NO_HOST,
  type SaveCoreParams,
  saveCoreFile,
} from "./cores.ts";
import { LocalHolder, type ProcessHolder } from "./holding.ts";
import { LocalWatches } from "./local-watches.ts";
import { type BytesBefore, type NamedRoot, type NameRanges, type NamesAnswer, namesOfMappings } from "./names.ts";
import { ProcessMemory } from "./process-memory.ts";
import {
  type ArmAnswer,
  type ForkHandle,
  type ForkPair,
  MOST_READ,
  type ReadPages,
  type TrackerHandle,
  type TrackingAgent,
} from "./tracking.ts";

/** Gives the kernel, or what sees writes on it in another way. @throws {Error} there is none, and why. */
export type GiveKernel = (backend?: OtherBackend) => Kernel;

const BY_SOFT_DIRTY: OtherBackend = "soft-dirty";

const NO_WATCHES =
  "Stop at Write needs userfaultfd's write protection: by soft-dirty bits no store can be held up, and to look at them while the program " +
  "runs would lose writes.";

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
  private readonly nameRanges: NameRanges;
  private readonly cores: CoreHost;

  /**
   * @param probe asks the kernel what it offers; absent: a kernel that offers everything.
   * @param nameRanges names memory; absent: by mappings alone.
   * @param cores what core files are made with; absent: in memory alone.
   */
  constructor(giveKernel: GiveKernel, probe = () => EVERYTHING, nameRanges = namesOfMappings, cores = NO_HOST) {
    this.cores = cores;
    this.giveKernel = giveKernel;
    this.probe = probe;
    this.nameRanges = nameRanges;
  }

  tracker(): LocalTracker {
    return new LocalTracker(this.giveKernel, this.nameRanges, this.cores);
  }

  holder(): ProcessHolder {
    return new LocalHolder(this.giveKernel);
  }

  saveCore(
    params: SaveCoreParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport> {
    return this.tracker().saveCore(params, onProgress, signal);
  }

  joinCores(
    params: JoinCoresParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<number> {
    const options = { onProgress: (done: number, all: number) => onProgress({ done, all }), signal, turn };
    return joinCoreFiles(this.cores, params, options);
  }

  async snapshot(pid: number, signal?: AbortSignal, request?: SnapshotRequest): Promise<Snapshot> {
    refuseCancelled(signal);
    try {
      return takeSnapshot(this.giveKernel(), pid, request);
    } catch (error) {
      // Before Linux 6.7: the entries are read one by one.
      if (!(error instanceof KernelError) || error.code !== "ENOTTY") throw error;
      return takeSnapshot(this.giveKernel("soft-dirty"), pid, request);
    }
  }

  forkLens({ parent, child }: ForkPair): ForkHandle {
    const lens = new ForkLens(this.giveKernel(), parent, child);
    return {
      look: async signal => {
        refuseCancelled(signal);
        return lens.look();
      },
      close: () => {},
    };
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
  private readonly nameRanges: NameRanges;
  private attached: Tracker | undefined;
  /** That the tracker works on. */
  private kernel: Kernel | undefined;
  /** Beside the tracker, where its options ask for it. */
  private copies: Contents | undefined;
  readonly watches: LocalWatches;
  private readonly cores: CoreHost;
  /** What the next core file would follow on. */
  private chain: CoreChain | undefined;
  /** A scan waits for its thread, and arming lets others in: what is asked meanwhile waits for its turn. */
  private last: Promise<unknown> = Promise.resolve();
  /** Rises with each disarming: what was asked before it is not wanted any more. */
  private disarmings = 0;

  constructor(giveKernel: GiveKernel, nameRanges: NameRanges, cores: CoreHost) {
    this.cores = cores;
    this.giveKernel = giveKernel;
    this.nameRanges = nameRanges;
    this.watches = new LocalWatches({
      armed: () => {
        const { tracker, kernel = this.giveKernel() } = this;
        if (kernel.backend === BY_SOFT_DIRTY) throw new Error(NO_WATCHES);
        return { kernel, pid: tracker.pid, tracker };
      },
      inTurn: work => this.inTurn(work),
    });
  }

  async status(pid: number, program?: string): Promise<ProcessStatus | undefined> {
    return this.giveKernel().status?.(pid, program);
  }

  async interrupt(pid: number, threadId: number, signal: number): Promise<boolean> {
    return this.giveKernel().interrupt?.(pid, threadId, signal) ?? false;
  }

  async copyPages(pid: number, start: number, end: number, to: number): Promise<void> {
    const kernel = this.giveKernel();
    if (!kernel.copyPages) throw new Error("This kernel copies no pages within a process.");
    kernel.copyPages(pid, start, end, to);
  }

  async systemCallIn(pid: number, number: number, args: readonly number[]): Promise<number> {
    const kernel = this.giveKernel();
    if (!kernel.injectCall) throw new Error("This kernel runs no calls in processes that nobody traces.");
    return kernel.injectCall(pid, number, args);
  }

  async peek(pid: number, address: number, bytes: number): Promise<Uint8Array> {
    const first = pageOf(address);
    const end = pageOf(address + bytes - 1) + 1;
    const into = new Uint8Array(addressOf(end - first));
    const read = this.giveKernel().readPages(pid, Float64Array.of(first, end), into);
    const start = address - addressOf(first);
    return into.slice(start, Math.min(start + bytes, Math.max(start, read)));
  }

  attach(pid: number, descriptor: number, options: ArmOptions, signal?: AbortSignal): Promise<void> {
    return this.inTurn(() => {
      refuseCancelled(signal);
      this.drop();
      const kernel = this.giveKernel(options.backend);
      this.kernel = kernel;
      this.attached = new Tracker(kernel, pid, descriptor, options);
      if (options.contentsPages !== undefined) this.copies = new Contents(kernel, pid, options.contentsPages);
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
        this.copies?.armed(tracker.layout());
        return { ...report, layout: tracker.layout() };
      } catch (error) {
        this.drop();
        throw error;
      }
    });
  }

  choose(choice: MemoryChoice): Promise<ArmAnswer> {
    return this.inTurn(async () => {
      const { tracker } = this;
      const { report, untold } = await tracker.choose(choice);
      const layout = tracker.layout();
      this.copies?.chosen(untold, layout);
      this.changed(untold);
      return { ...report, layout };
    });
  }

  scan(): Promise<ScanReport> {
    return this.inTurn(async () => {
      const report = await this.tracker.scan();
      this.copies?.scanned(report);
      this.watches.scanned(report);
      this.changed(report.written, report.text);
      return report;
    });
  }

  settle(resident: boolean): Promise<Settlement> {
    return this.inTurn(() => {
      const settlement = this.tracker.settle(resident);
      this.copies?.settled(settlement, this.tracker.layout());
      this.changed(settlement.late, settlement.discarded, settlement.text);
      return settlement;
    });
  }

  async names(
    pid: number,
    ranges: Float64Array,
    most: number,
    before?: BytesBefore,
    roots?: readonly NamedRoot[],
  ): Promise<NamesAnswer> {
    return this.nameRanges(this.giveKernel(), { pid, ranges, most, before, roots }, turn);
  }

  async read(pid: number, pages: Float64Array): Promise<ReadPages> {
    if (pages.length > MOST_READ) throw new Error(`at most ${MOST_READ} pages are read at once`);
    const memory = new ProcessMemory(this.giveKernel(), pid);
    const bytes = new Uint8Array(pages.length * PAGE_SIZE);
    const known = new Uint8Array(pages.length);
    try {
      for (const [i, page] of pages.entries()) {
        const read = memory.read(addressOf(page), PAGE_SIZE);
        if (!read) continue;
        bytes.set(read, i * PAGE_SIZE);
        known[i] = 1;
      }
    } finally {
      memory.close();
    }
    return { bytes, known };
  }

  saveCore(
    params: SaveCoreParams,
    onProgress: (progress: CoreProgress) => void,
    signal?: AbortSignal,
  ): Promise<CoreReport> {
    return this.inTurn(async () => {
      refuseCancelled(signal);
      const { attached, chain, cores: host } = this;
      const armed = attached && { pid: attached.pid, layout: attached.layout(), untold: attached.untold };
      const kernel = this.giveKernel();
      const saved = await saveCoreFile(params, { kernel, host, armed, chain, turn, onProgress, signal });
      if (armed && armed.pid === params.pid && attached === this.attached) this.chain = saved.chain;
      return saved.report;
    });
  }

  disarm(): Promise<void> {
    this.disarmings += 1;
    return this.inTurn(() => this.drop());
  }

  get contents(): ContentsHandle | undefined {
    if (!this.copies) return undefined;
    const kept = (): Contents => {
      if (!this.copies) throw new Error("nothing is armed");
      return this.copies;
    };
    return {
      capture: async signal => {
        await this.inTurn(() => kept().begin());
        // A turn at a time: whatever else is asked comes in between.
        while (!(await this.inTurn(() => signal?.aborted === true || kept().read()))) await turn();
        return this.inTurn(() => {
          if (!signal?.aborted) return kept().finish();
          kept().abandon();
          throw new Cancelled();
        });
      },
      uncapture: version => this.inTurn(() => kept().uncapture(version)),
      copyAhead: stood => this.inTurn(() => kept().copyAhead(stood)),
      newest: pages => this.inTurn(() => kept().pagesNow(pages)),
    };
  }

  private get tracker(): Tracker {
    if (!this.attached) throw new Error("nothing is armed");
    return this.attached;
  }

  /** Pages that the next core file of the chain must hold. */
  private changed(...sets: readonly PageSet[]): void {
    if (!this.chain) return;
    for (const pages of sets) this.chain.changed = this.chain.changed.union(pages);
  }

  private drop(): void {
    this.chain = undefined;
    const { attached } = this;
    this.attached = undefined;
    this.watches.drop();
    this.copies?.close();
    this.copies = undefined;
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
