// A process of either kernel under the tracker, and what it is told at each stop.
import { LocalAgent } from "../../../src/agent/local.ts";
import type { TrackerHandle } from "../../../src/agent/tracking.ts";
import type { Kernel } from "../../../src/kernel/kernel.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { DEFAULT_ARM_OPTIONS } from "../../../src/tracker/policy.ts";

/** What the tracker says at a stop, of the pages of the program's own mappings. */
export interface Stop {
  readonly written: PageSet;
  readonly discarded: PageSet;
  readonly created: PageSet;
  readonly removed: PageSet;
  /** Told by a second scan, before the program runs on: nothing must be left. */
  readonly again: PageSet;
}

export class Watched {
  private readonly tracker: TrackerHandle;

  private constructor(tracker: TrackerHandle) {
    this.tracker = tracker;
  }

  /** @param descriptor the process's own userfaultfd, which it closes when this is done. */
  static async arm(kernel: Kernel, pid: number, descriptor: number): Promise<Watched> {
    const tracker = new LocalAgent(() => kernel).tracker();
    await tracker.attach(pid, descriptor, DEFAULT_ARM_OPTIONS);
    await tracker.arm();
    return new Watched(tracker);
  }

  /** @param end of the addresses that a program can have: a live process has its own stack and libraries beyond. */
  async stop(end: number): Promise<Stop> {
    const report = await this.tracker.scan();
    const { late, discarded, created, removed } = await this.tracker.settle(false);
    const again = await this.tracker.scan();
    const within = (set: PageSet): PageSet => set.clip(0, end);
    const pages = (list: readonly { start: number; end: number }[]): PageSet =>
      within(PageSet.from(list.map(({ start, end: last }) => [start, last])));
    const given = discarded;
    return {
      written: within(report.written.union(late).subtract(given)),
      discarded: within(given),
      created: pages(created),
      removed: pages(removed),
      again: within(again.written),
    };
  }

  async close(): Promise<void> {
    await this.tracker.disarm();
  }
}
