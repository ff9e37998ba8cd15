// A tracker's watches from ranges to report: which memory can stop its writers, which is polled, and which is refused.
import type { Disposable } from "../../common/disposable.ts";
import { Emitter } from "../../common/emitter.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Mapping } from "../../memory/mapping.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { PageSet } from "../../memory/page-set.ts";
import type { Tracker } from "../tracker.ts";
import type { Lent } from "./lent.ts";
import { MOST_PAGES, outcomeOf, type Plan, planFor } from "./plan.ts";
import type { ByteRange, WatchHit, WatchMiss, WatchOptions, WatchReport } from "./reports.ts";
import { WatchMap } from "./watch-map.ts";
import { Watches } from "./watches.ts";

export class WatchSession {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly tracker: Tracker;
  private readonly lent: Lent | undefined;
  private readonly watches: Watches | undefined;
  private readonly hits = new Emitter<WatchHit>();
  private readonly misses = new Emitter<WatchMiss>();
  private map = WatchMap.EMPTY;
  private options: WatchOptions = {};
  private plan: Plan = { pages: PageSet.EMPTY, parts: [], warnings: [] };

  /** @throws {KernelError} as the tracker's own descriptor is refused. */
  constructor(kernel: Kernel, pid: number, tracker: Tracker, descriptor: number | undefined) {
    this.kernel = kernel;
    this.pid = pid;
    this.tracker = tracker;
    this.lent = descriptor === undefined ? undefined : tracker.prepareWatches(descriptor);
    this.watches = this.lent && new Watches(kernel, pid, this.lent);
    this.watches?.onHit(hit => this.hits.fire(hit));
    this.watches?.onMiss(miss => this.misses.fire(miss));
  }

  onHit(listener: (hit: WatchHit) => void): Disposable {
    return this.hits.listen(listener);
  }

  onMiss(listener: (miss: WatchMiss) => void): Disposable {
    return this.misses.listen(listener);
  }

  /** @throws {Error} a range is none. */
  set(ranges: readonly ByteRange[], options: WatchOptions): WatchReport {
    const begin = performance.now();
    const map = new WatchMap(ranges);
    const mappings = this.kernel.mappings(this.pid);
    const plan = planFor(map, mappings, options.mostPages ?? MOST_PAGES, mapping => this.isHugetlb(mapping));
    const notLent = this.lent ? this.tracker.lend(plan.pages) : [];
    this.map = map;
    this.options = options;
    this.plan = outcomeOf(plan, notLent, this.tracker.armedPages, mappings);
    this.watches?.watch(map, options.steps === true);
    return this.report(begin);
  }

  look(): WatchReport {
    return this.report(performance.now());
  }

  pass(id: number): void {
    this.watches?.pass(id);
  }

  open(id: number): void {
    this.watches?.open(id);
  }

  shut(id: number): WatchHit | undefined {
    return this.watches?.shut(id);
  }

  close(): void {
    this.watches?.close();
    this.tracker.endWatches();
  }

  /** The tracker is closed with all it has. */
  abandon(): void {
    this.watches?.close();
  }

  private report(begin: number): WatchReport {
    const { map, lent, plan, options } = this;
    const pages = lent?.pages ?? PageSet.EMPTY;
    return {
      parts: plan.parts,
      warnings: plan.warnings,
      pages: pages.pageCount,
      edgePages: pages.intersect(map.edges).pageCount,
      exact: options.steps === true && plan.parts.every(({ way }) => way === "stop"),
      microseconds: Math.round((performance.now() - begin) * 1000),
    };
  }

  private isHugetlb({ start, inode }: Mapping): boolean {
    if (inode === 0) return false;
    return (this.kernel.mappingPageSize(this.pid, start) ?? PAGE_SIZE) > PAGE_SIZE;
  }
}
