// Samples what a live process writes, every so many milliseconds, without ever stopping it: one thread of it stands for a moment at the
// beginning, when its memory is armed.
import type { TrackerHandle } from "../agent/tracking.ts";
import { takeUntraced } from "../debuggers/untraced.ts";
import { kindOf, type Mapping, shortName } from "../memory/mapping.ts";
import type { PageSet } from "../memory/page-set.ts";
import { forEachTouched } from "../memory/touched.ts";
import type { ArmOptions, Layout } from "../tracker/reports.ts";
import { WorkingSet } from "./working-set.ts";

export interface Sample {
  /** Seconds since the sampling began, at its end. */
  readonly at: number;
  /** How long it took: more than was asked for where the computer is busy. */
  readonly seconds: number;
  readonly pages: PageSet;
  /** Pages written in each mapping, most first; mappings of one name are told as one. */
  readonly mappings: readonly MappingPages[];
}

export interface MappingPages {
  readonly name: string;
  readonly pages: number;
}

export interface SamplerOptions {
  readonly pid: number;
  /** Between two samples, milliseconds. */
  readonly interval: number;
  readonly arm: ArmOptions;
  /** A clock, milliseconds; absent: the system's. */
  readonly now?: () => number;
}

export class Sampler {
  readonly workingSet = new WorkingSet();
  /** Pages of the armed memory that are in use, as of the last look. */
  resident = 0;
  private readonly tracker: TrackerHandle;
  private readonly options: SamplerOptions;
  private readonly now: () => number;
  private layout: Layout | undefined;
  private begun = 0;
  private last = 0;

  /** @param tracker a fresh one; {@link end} ends it. */
  constructor(tracker: TrackerHandle, options: SamplerOptions) {
    this.tracker = tracker;
    this.options = options;
    this.now = options.now ?? (() => performance.now());
  }

  /** Arms the process's memory. @throws {KernelError}, {Error} why it can't be, with the remedy; nothing stays armed. */
  async begin(signal?: AbortSignal): Promise<void> {
    const { pid, arm } = this.options;
    try {
      await takeUntraced(this.tracker, pid, arm, signal);
      const { layout, mappings, notArmed } = await this.tracker.arm(signal);
      if (mappings === 0) throw new Error(`None of its memory can be armed: ${notArmed[0]?.reason ?? "it has none"}.`);
      this.layout = layout;
      // What arming itself took is no sample's.
      await this.tracker.scan();
      await this.look(true);
    } catch (error) {
      await this.end();
      throw error;
    }
    this.begun = this.last = this.now();
  }

  /** What was written since the sample before. @throws {KernelError} ESRCH: the process has ended, or has replaced its program. */
  async sample(): Promise<Sample> {
    const { written } = await this.tracker.scan();
    const now = this.now();
    const late = await this.look(false);
    const pages = written.union(late);
    const seconds = Math.max(now - this.last, Number.EPSILON) / 1000;
    this.last = now;
    this.workingSet.add(pages, seconds);
    return { at: (now - this.begun) / 1000, seconds, pages, mappings: byMapping(pages, this.layout?.mappings ?? []) };
  }

  /** How long until the next sample is due, milliseconds. */
  get due(): number {
    return this.dueAfter(this.options.interval);
  }

  /** The same where it is due another time after the last one. */
  dueAfter(interval: number): number {
    return Math.max(0, this.last + interval - this.now());
  }

  /** Counts anew what is in use: its memory may have grown. */
  async count(): Promise<void> {
    await this.look(true);
  }

  /** Disarms. Never fails. */
  async end(): Promise<void> {
    await this.tracker.disarm();
  }

  /** Follows the mappings. @returns pages that only this look found written. */
  private async look(resident: boolean): Promise<PageSet> {
    const settlement = await this.tracker.settle(resident);
    if (settlement.layout) this.layout = settlement.layout;
    if (settlement.resident) this.resident = settlement.resident.pageCount;
    return settlement.late;
  }
}

function byMapping(pages: PageSet, mappings: readonly Mapping[]): MappingPages[] {
  const counts = new Map<string, number>();
  forEachTouched(pages, mappings, index => {
    const mapping = mappings[index];
    const name = shortName(mapping) || kindOf(mapping);
    counts.set(name, (counts.get(name) ?? 0) + pages.countIn(mapping.start, mapping.end));
  });
  return [...counts].map(([name, count]) => ({ name, pages: count })).sort((a, b) => b.pages - a.pages);
}
