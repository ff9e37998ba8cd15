// The tracker: arms a process's memory, tells at every stop what was written, and follows its mappings as they come and go.

import { TRACKING_FEATURES } from "../kernel/abi.ts";
import type { Kernel, Pagemap, Userfaultfd } from "../kernel/kernel.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { Category } from "../memory/category.ts";
import { isShared, isWritable, kindOf, type Mapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { PageSet, RunBuilder } from "../memory/page-set.ts";
import { Arming } from "./arming.ts";
import { ForeignMemory } from "./foreign.ts";
import { labelPages } from "./labels.ts";
import { diffMappings } from "./mapping-diff.ts";
import type { ArmOptions, ArmReport, Layout, ScanReport, Settlement } from "./reports.ts";
import * as Scans from "./scans.ts";
import { ThreadControlBlocks } from "./thread-control.ts";

/** Regions a scan's buffer holds; the ioctl is called again for more. */
const VECTOR_REGIONS = 1 << 15;
/** Regions that are scanned on the spot: fewer than take longer to hand to another thread than to scan. */
const FIRST_REGIONS = 1 << 11;

/**
 * Tracks one process, which must be stopped whenever a method runs; one method at a time.
 *
 * At a stop: `scan` for the result, then `settle` for what may come a moment later. Before the process goes on: `scan` again,
 * for what the debugger wrote in the meantime.
 */
export class Tracker {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly userfaultfd: Userfaultfd;
  private readonly vector = new RegionVector(VECTOR_REGIONS);
  private readonly vectors = {
    first: new RegionVector(FIRST_REGIONS),
    pair: [this.vector, new RegionVector(VECTOR_REGIONS)] as const,
  };
  /** Kept from scan to scan for its memory. */
  private readonly builder = new RunBuilder(VECTOR_REGIONS);
  private readonly arming: Arming;
  private readonly threads: ThreadControlBlocks;
  private readonly foreign: ForeignMemory;

  private mappings: readonly Mapping[] = [];
  /** Private pages that were already populated outside the armed mappings, at the last look. */
  private outside = PageSet.EMPTY;
  /** Mappings that are deliberately not armed: file pages in them are no news. */
  private skipped = PageSet.EMPTY;
  /** Created or replaced since the last settlement. */
  private fresh = PageSet.EMPTY;
  private lost = PageSet.EMPTY;
  /** Of the last scan. */
  private lastWritten = PageSet.EMPTY;
  private settledMappings: readonly Mapping[] = [];

  /**
   * Takes our copy of the userfaultfd that the debuggee opened as `descriptor`; arms nothing yet.
   * @throws {KernelError} EPERM, EACCES without the right to attach; EINVAL where the kernel can't protect asynchronously;
   *   ENOTTY before Linux 6.7.
   */
  constructor(kernel: Kernel, pid: number, descriptor: number, options: ArmOptions) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = kernel.openPagemap(pid);
    try {
      // An empty scan, so that a kernel without the ioctl refuses before anything is armed.
      this.pagemap.scan({ ...Scans.RESIDENT, start: 0, end: 0 }, this.vector);
      this.userfaultfd = kernel.takeUserfaultfd(pid, descriptor);
    } catch (error) {
      this.pagemap.close();
      throw error;
    }
    try {
      this.userfaultfd.negotiate(TRACKING_FEATURES);
    } catch (error) {
      this.close();
      throw error;
    }
    this.arming = new Arming(kernel, pid, this.pagemap, this.userfaultfd, this.vector, options);
    this.threads = new ThreadControlBlocks(kernel, pid, page => this.isPresent(page));
    this.foreign = new ForeignMemory(kernel, pid, this.pagemap, this.userfaultfd, this.vectors.first);
  }

  /**
   * Arms all mappings that should be.
   * @param pause is awaited from time to time; it may throw to cancel, and everything is disarmed.
   * @throws {KernelError} ESRCH when the process ended on the way.
   */
  async arm(pause: () => Promise<void>): Promise<ArmReport> {
    const begin = performance.now();
    this.mappings = this.kernel.mappings(this.pid);
    await this.arming.armAll(this.mappings, pause);
    this.rememberOutside();
    this.settledMappings = this.mappings;
    return {
      backend: this.kernel.backend,
      mappings: this.arming.armedMappings.length,
      pages: this.arming.armedPages(),
      populatedOnly: this.arming.armedMappings.filter(({ way }) => way === "populated"),
      notArmed: this.arming.notArmed,
      microseconds: Math.round((performance.now() - begin) * 1000),
    };
  }

  /**
   * Which armed pages were written since the scan before, and re-arms them. Pages populated in mappings that came since count
   * as written; the mappings are armed now.
   * @throws {KernelError} ESRCH when the process has ended or replaced its program.
   */
  async scan(): Promise<ScanReport> {
    const begin = performance.now();
    const scanned = await this.scanArmed();
    const strays = scanned.isWithin(this.arming.armed)
      ? PageSet.EMPTY
      : this.notStored(scanned.subtract(this.arming.armed));
    // Only now: what grew is armed by the next call, and was not when it was scanned.
    const { inNewMappings, text } = this.discover();
    const written = scanned.subtract(strays).union(inNewMappings);
    this.lastWritten = written;
    return {
      written,
      text,
      microseconds: Math.round((performance.now() - begin) * 1000),
    };
  }

  /**
   * What may take a moment longer: the list of mappings, which came and went, what the written pages are, and (on request)
   * which pages are in memory. The debuggee must still stand where it stood at the scan.
   */
  settle(wantResident: boolean): Settlement {
    const mappings = this.kernel.mappings(this.pid);
    const registered = this.registered();
    // A mapping replaced by its like shows in no list of mappings: only the registration is gone.
    const replaced = !this.arming.armed.subtract(registered).isEmpty;
    const changed = replaced || !sameMappings(mappings, this.settledMappings) || !this.fresh.isEmpty;
    let late = PageSet.EMPTY;
    if (changed) {
      this.mappings = mappings;
      late = this.follow(this.populatedOutside(), registered).inNewMappings.subtract(this.lastWritten);
    }
    const diff = diffMappings(this.settledMappings, mappings, this.lost);
    const written = this.lastWritten.union(late);
    const settlement: Settlement = {
      ...(changed ? { layout: this.layout() } : {}),
      ...diff,
      late,
      discarded: this.notStored(written),
      notes: labelPages(written, this.fresh, this.arming, this.mappings, this.threads),
      ...(wantResident ? { resident: Scans.scanSet(this.pagemap, Scans.RESIDENT, this.vector) } : {}),
    };
    this.settledMappings = mappings;
    this.fresh = PageSet.EMPTY;
    this.lost = PageSet.EMPTY;
    return settlement;
  }

  layout(): Layout {
    return { mappings: this.mappings, armed: this.arming.armedMappings, notArmed: this.arming.notArmed };
  }

  /** Disarms everything: the kernel does so when the last copy of the userfaultfd is closed, and this is the only one. */
  close(): void {
    this.userfaultfd.close();
    this.pagemap.close();
  }

  /**
   * One ioctl over the whole address space; around each sparse mapping, whose holes would all read as written, one more; and none over
   * what the program watches itself.
   */
  private async scanArmed(): Promise<PageSet> {
    const { pagemap, vectors, builder } = this;
    builder.reset();
    this.foreign.look(this.arming.armed);
    let from = 0;
    for (const { start, end, masks } of this.exceptions()) {
      await Scans.scanAheadInto(builder, pagemap, Scans.WRITTEN_AND_REARM, from, start, vectors);
      if (masks) await Scans.scanAheadInto(builder, pagemap, masks, start, end, vectors);
      from = end;
    }
    await Scans.scanAheadInto(builder, pagemap, Scans.WRITTEN_AND_REARM, from, USER_PAGES_END, vectors);
    return builder.finish();
  }

  /** What the one scan goes round, in address order: sparse mappings with masks of their own, the program's own with none. */
  private exceptions(): readonly { start: number; end: number; masks?: typeof Scans.WRITTEN_AND_REARM }[] {
    const { sparse } = this.arming;
    if (this.foreign.pages.isEmpty) return sparse;
    const foreign = [...this.foreign.pages.pairs()].map(([start, end]) => ({ start, end }));
    return [...sparse, ...foreign].sort((a, b) => a.start - b.start);
  }

  /** What is registered with us, by the kernel's own word. */
  private registered(): PageSet {
    return Scans.scanSet(this.pagemap, Scans.REGISTERED, this.vector).subtract(this.foreign.pages);
  }

  private isPresent(page: number): boolean {
    return !Scans.scanSet(this.pagemap, Scans.RESIDENT, this.vectors.first, page, page + 1).isEmpty;
  }

  /**
   * Of reported pages those with no page behind them, or none but the page of zeroes. In armed memory they were given back
   * (MADV_DONTNEED); outside it (a stack or a mapping that grew) they are holes that came with the growth, bear no marker and
   * read as written until their first scan.
   * With swap in use a page that is not present may be in swap, and none is left out: rather too many than one lost.
   */
  private notStored(reported: PageSet): PageSet {
    if (reported.isEmpty || this.kernel.hasSwap(this.pid)) return PageSet.EMPTY;
    const stored = Scans.scanSet(this.pagemap, Scans.STORED, this.vector, reported.first, reported.end);
    return reported.isWithin(stored) ? PageSet.EMPTY : reported.subtract(stored);
  }

  /** Looks for populated pages that are not armed and were not there before: the trace of new mappings. */
  private discover(): { inNewMappings: PageSet; text: PageSet } {
    const populated = this.populatedOutside();
    const news = !populated.private.subtract(this.outside).isEmpty || !populated.file.subtract(this.skipped).isEmpty;
    if (!news) {
      this.outside = populated.private;
      return { inNewMappings: PageSet.EMPTY, text: PageSet.EMPTY };
    }
    this.mappings = this.kernel.mappings(this.pid);
    return this.follow(populated, this.registered());
  }

  /** Arms what came since, and tells which of its pages are populated. `this.mappings` has just been read. */
  private follow(populated: PopulatedOutside, registered: PageSet): { inNewMappings: PageSet; text: PageSet } {
    this.lost = this.lost.union(this.arming.armed.subtract(registered));
    const newPrivate = populated.private.subtract(this.outside);
    const { gaps } = this.arming.armNew(this.mappings, registered);

    const writtenRuns: [number, number][] = [];
    const textRuns: [number, number][] = [];
    for (const { start, end, mapping } of gaps) {
      // In shared memory every page is the file's; in private memory a page of the file was only read, and so it was in shared
      // memory that can't be written.
      const isFilesToo = isShared(mapping) && isWritable(mapping);
      const pages = isFilesToo ? populated.file.union(populated.private) : populated.private;
      writtenRuns.push(...pages.clip(start, end).pairs());
    }
    const inGaps = PageSet.from(gaps.map(({ start, end }) => [start, end]));
    for (const mapping of this.mappings) {
      const pages = newPrivate.clip(mapping.start, mapping.end).subtract(inGaps);
      if (pages.isEmpty) continue;
      const isText = kindOf(mapping) === "file" && mapping.permissions[2] === "x";
      (isText ? textRuns : writtenRuns).push(...pages.pairs());
    }
    this.fresh = this.fresh.union(inGaps.subtract(grownStack(gaps)));
    this.rememberOutside();
    return { inNewMappings: PageSet.from(writtenRuns), text: PageSet.from(textRuns) };
  }

  private rememberOutside(): void {
    this.outside = this.populatedOutside().private;
    this.skipped = PageSet.from(this.mappings.map(({ start, end }): [number, number] => [start, end])).subtract(
      this.arming.armed,
    );
  }

  private populatedOutside(): PopulatedOutside {
    const privatePages = new RunBuilder();
    const filePages = new RunBuilder();
    Scans.scanRegions(this.pagemap, Scans.POPULATED_OUTSIDE, 0, USER_PAGES_END, this.vector, (start, end, categories) =>
      (categories & Category.FILE ? filePages : privatePages).add(start, end),
    );
    return { private: privatePages.finish(), file: filePages.finish() };
  }
}

/** Populated pages outside the armed mappings: private ones, and pages of files or shared memory. */
interface PopulatedOutside {
  readonly private: PageSet;
  readonly file: PageSet;
}

function grownStack(gaps: readonly { start: number; end: number; mapping: Mapping }[]): PageSet {
  return PageSet.from(gaps.filter(({ mapping }) => kindOf(mapping) === "stack").map(({ start, end }) => [start, end]));
}

function sameMappings(a: readonly Mapping[], b: readonly Mapping[]): boolean {
  return (
    a.length === b.length &&
    a.every((mapping, i) => {
      const other = b[i];
      return (
        mapping.start === other.start &&
        mapping.end === other.end &&
        mapping.permissions === other.permissions &&
        mapping.name === other.name &&
        mapping.inode === other.inode
      );
    })
  );
}
