// A tracker's watches from ranges to report: which memory can stop its writers, which is polled, and which is refused.
import type { Disposable } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import { Errno } from "../../kernel/errno.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { KernelError } from "../../kernel/kernel-error.ts";
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE, pageOf } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { ScanReport } from "../reports.ts";
import type { Tracker } from "../tracker.ts";
import type { Lent } from "./lent.ts";
import { MOST_PAGES, type NotLent, outcomeOf, type Plan, planFor, withoutLost } from "./plan.ts";
import { Poller } from "./poller.ts";
import type { ByteRange, WatchedPart, WatchHit, WatchHurry, WatchMiss, WatchOptions, WatchReport } from "./reports.ts";
import { WatchMap } from "./watch-map.ts";
import { Watches } from "./watches.ts";

export class WatchSession {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly tracker: Tracker;
  private readonly lent: Lent | undefined;
  private readonly watches: Watches | undefined;
  private readonly poller: Poller;
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();
  private readonly hurries = new Emitter<WatchHurry>();
  private map = WatchMap.EMPTY;
  private options: WatchOptions = {};
  private lastId = 0;
  /** Watched while it is suspended. */
  private resting: PageSet | undefined;
  private plan: Plan = { pages: PageSet.EMPTY, parts: [], warnings: [] };

  /** @throws {KernelError} as the tracker's own descriptor is refused. */
  constructor(
    kernel: Kernel,
    pid: number,
    tracker: Tracker,
    descriptor: number | undefined,
    inTurn: (work: () => void) => Promise<void>,
  ) {
    this.kernel = kernel;
    this.pid = pid;
    this.tracker = tracker;
    this.lent = descriptor === undefined ? undefined : tracker.prepareWatches(descriptor);
    this.watches = this.lent && new Watches(kernel, pid, this.lent, () => ++this.lastId);
    this.poller = new Poller(kernel, pid, tracker, inTurn, () => ++this.lastId);
    this.poller.onHit(hit => this.hits.fire(hit));
    this.watches?.onHit(hit => this.hits.fire(hit));
    this.watches?.onMiss(miss => this.misses.fire(miss));
    this.watches?.onHurry(hurry => this.hurries.fire(hurry));
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  onMiss(listener: (miss: WatchMiss) => void): Disposable {
    return this.misses.listen(listener);
  }

  onHurry(listener: (hurry: WatchHurry) => void): Disposable {
    return this.hurries.listen(listener);
  }

  /** @throws {Error} a range is none. */
  set(ranges: readonly ByteRange[], options: WatchOptions): WatchReport {
    const begin = performance.now();
    const map = new WatchMap(ranges);
    const mappings = this.tracker.mappingsNow();
    const plan = planFor(map, mappings, options.mostPages ?? MOST_PAGES, mapping => this.isHugetlb(mapping));
    this.watches?.release(plan.pages);
    const notLent = this.lent ? this.tracker.lend(plan.pages) : refusedAll(plan.pages);
    this.resting = undefined;
    this.map = map;
    this.options = options;
    this.plan = outcomeOf(plan, notLent, this.tracker.armedPages, mappings);
    this.watches?.watch(map, options.misses ?? "pass");
    const polled = this.plan.parts.filter(({ way }) => way === "poll");
    this.poller.watch(map, PageSet.from(polled.map(pagesOf)).intersect(this.tracker.armedPages));
    return this.report(begin);
  }

  look(): WatchReport {
    const begin = performance.now();
    this.tracker.collectLent();
    return this.report(begin);
  }

  /** See {@link WatchHandle.suspend}. */
  suspend(): void {
    if (!this.lent) return;
    this.resting ??= this.lent.pages;
    this.watches?.release(PageSet.EMPTY);
    this.tracker.lend(PageSet.EMPTY);
  }

  /** See {@link WatchHandle.resume}. */
  resume(): void {
    const { resting } = this;
    this.resting = undefined;
    if (resting) this.tracker.lend(resting);
  }

  /** The tracker has scanned. */
  scanned({ written }: ScanReport): void {
    this.poller.scanned(written);
  }

  pass(id: number, isOnlyNow: boolean): void {
    this.watches?.pass(id, isOnlyNow);
  }

  open(id: number): void {
    this.watches?.open(id);
  }

  shut(id: number): WatchHit | undefined {
    return this.watches?.shut(id);
  }

  close(): void {
    this.watches?.release(PageSet.EMPTY);
    this.watches?.close();
    this.poller.close();
    this.tracker.endWatches();
  }

  /** The tracker is closed with all it has. */
  abandon(): void {
    this.watches?.close();
    this.poller.close();
  }

  private report(begin: number): WatchReport {
    const { map, plan, options, watches } = this;
    const pages = this.resting ?? this.lent?.pages ?? PageSet.EMPTY;
    const { parts, warnings } = withoutLost(plan, pages);
    return {
      parts,
      warnings,
      pages: pages.pageCount + this.poller.pageCount,
      edgePages: pages.intersect(map.edges).pageCount,
      exact: (options.misses ?? "pass") !== "pass" && watches?.isUnhurried === true && parts.every(isStopped),
      microseconds: Math.round((performance.now() - begin) * 1000),
    };
  }

  private isHugetlb({ start, inode }: Mapping): boolean {
    if (inode === 0) return false;
    return (this.kernel.mappingPageSize(this.pid, start) ?? PAGE_SIZE) > PAGE_SIZE;
  }
}

/** The debuggee could not open a userfaultfd that knows the kernel's stores. */
function refusedAll(pages: PageSet): NotLent[] {
  const error = new KernelError("userfaultfd", "the program", Errno.EPERM);
  return [...pages.pairs()].map(([start, end]) => ({ start, end, error }));
}

function isStopped({ way }: WatchedPart): boolean {
  return way === "stop";
}

function pagesOf({ start, end }: WatchedPart): [number, number] {
  return [pageOf(start), pageOf(end - 1) + 1];
}
