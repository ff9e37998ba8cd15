// What a tracker asks of a process's memory besides the scan itself: each a question with a set of pages for its answer.
import type { Kernel, Pagemap } from "../kernel/kernel.ts";
import type { RegionVector } from "../kernel/region-vector.ts";
import { Category } from "../memory/category.ts";
import { findMapping, isShared, type Mapping } from "../memory/mapping.ts";
import { USER_PAGES_END } from "../memory/page.ts";
import { PageSet, RunBuilder } from "../memory/page-set.ts";
import type { Range } from "./account.ts";
import * as Scans from "./scans.ts";

/** Populated pages outside the armed mappings. */
export interface PopulatedOutside {
  readonly private: PageSet;
  /** Pages of files or shared memory. */
  readonly file: PageSet;
  /** Whether huge pages are among them. */
  readonly hasHuge: boolean;
}

/** To walk over as many pages costs as much as another call behind them. */
const WORTH_A_CALL = 512;
const MOST_SPANS = 256;
/** With more runs all that lies between them is walked over: to go through them here would take longer. */
const MANY_RUNS = 1 << 14;

export class Look {
  private readonly kernel: Kernel;
  private readonly pid: number;
  private readonly pagemap: Pagemap;
  private readonly vector: RegionVector;
  /** Pages that watches have: registered with another userfaultfd of ours, which these scans do not know. */
  lent: () => PageSet = () => PageSet.EMPTY;

  constructor(kernel: Kernel, pid: number, pagemap: Pagemap, vector: RegionVector) {
    this.kernel = kernel;
    this.pid = pid;
    this.pagemap = pagemap;
    this.vector = vector;
  }

  /** @param without ranges in address order that are not searched. */
  populatedOutside(without: readonly Range[] = []): PopulatedOutside {
    const privatePages = new RunBuilder();
    const filePages = new RunBuilder();
    let all = 0;
    const lent = this.lent();
    for (const { start, end } of between([...without, ...rangesOf(lent)])) {
      Scans.scanRegions(this.pagemap, Scans.POPULATED_OUTSIDE, start, end, this.vector, (first, last, categories) => {
        all |= categories;
        (categories & Category.FILE ? filePages : privatePages).add(first, last);
      });
    }
    return {
      private: privatePages.finish().subtract(lent),
      file: filePages.finish().subtract(lent),
      hasHuge: (all & Category.HUGE) !== 0,
    };
  }

  /** Pages of mappings that no userfaultfd watches, holes included. */
  unregistered(): PageSet {
    const lent = this.lent();
    const found = new RunBuilder();
    for (const { start, end } of between(rangesOf(lent))) {
      Scans.scanInto(found, this.pagemap, Scans.UNREGISTERED, start, end, this.vector);
    }
    return found.finish().subtract(lent);
  }

  /** Pages of mappings that a userfaultfd watches, and those that are lent, holes included. */
  registered(): PageSet {
    return Scans.scanSet(this.pagemap, Scans.REGISTERED, this.vector).union(this.lent());
  }

  /** All pages in memory. */
  resident(): PageSet {
    return Scans.scanSet(this.pagemap, Scans.RESIDENT, this.vector);
  }

  /** Which of the pages are in memory. */
  residentIn(pages: PageSet): PageSet {
    return this.matching(Scans.RESIDENT, pages);
  }

  /** Which of the pages are the process's own: not the page of zeroes, and not a file's. */
  ownIn(pages: PageSet): PageSet {
    return this.matching(Scans.STORED_PRIVATE, pages);
  }

  /**
   * Of the process's own pages those that are its own no more, or none at all: given back.
   * @param kept as {@link ownIn} told them earlier, or written since, so far as they lie in the same mappings still.
   */
  givenBackOf(kept: PageSet): PageSet {
    if (kept.isEmpty || this.hasSwap()) return PageSet.EMPTY;
    const gone = kept.subtract(this.ownIn(kept));
    // For a moment a page that the kernel moves to another frame is not present: asked again, it is.
    return gone.isEmpty ? gone : gone.subtract(this.ownIn(gone));
  }

  /** Which of the pages are in memory and not the page of zeroes. */
  storedIn(pages: PageSet): PageSet {
    return this.matching(Scans.STORED, pages);
  }

  /**
   * Of pages reported in armed memory those with no page behind them, or none but the page of zeroes: they were given back
   * (MADV_DONTNEED). With swap in use a page that is not present may be in swap, and none is left out: rather too many than one lost.
   * So it is with shared memory, whose bytes stay with the file when the process lets go of its page.
   * @param mappings as they are now.
   */
  emptyOf(reported: PageSet, mappings: readonly Mapping[]): PageSet {
    if (reported.isEmpty || this.hasSwap()) return PageSet.EMPTY;
    const absent = reported.subtract(this.storedIn(reported));
    if (absent.isEmpty) return absent;
    // Asked twice, as above.
    const empty = absent.subtract(this.storedIn(absent));
    const own = [...empty.pairs()].flatMap(([start, end]) =>
      partsIn(mappings, start, end, mapping => !isShared(mapping)),
    );
    return PageSet.from(own);
  }

  /**
   * Of pages reported outside what was armed, in a stack or a mapping that grew, those that nobody stored to. They came with the
   * growth, bear no marker, and read as written until their first scan: holes, and pages of a private file that were only read.
   */
  untouchedOf(grown: PageSet, mappings: readonly Mapping[]): PageSet {
    if (grown.isEmpty || this.hasSwap()) return PageSet.EMPTY;
    const rest = grown.subtract(this.matching(Scans.STORED_PRIVATE, grown));
    if (rest.isEmpty) return rest;
    const list = this.kernel.mappings(this.pid, mappings);
    const stored = [...this.storedIn(rest).pairs()].flatMap(([start, end]) => partsIn(list, start, end, isShared));
    return rest.subtract(PageSet.from(stored));
  }

  private hasSwap(): boolean {
    return this.kernel.hasSwap(this.pid);
  }

  private matching(masks: typeof Scans.RESIDENT, pages: PageSet): PageSet {
    const builder = new RunBuilder();
    for (const [start, end] of spansOf(pages)) Scans.scanInto(builder, this.pagemap, masks, start, end, this.vector);
    return builder.finish().intersect(pages);
  }
}

/** The runs of a set, where they are few enough to go round each. */
function rangesOf(pages: PageSet): Range[] {
  if (pages.runCount > MOST_SPANS) return [];
  return [...pages.pairs()].map(([start, end]) => ({ start, end }));
}

/** What of the address space lies between ranges that do not overlap, given in any order. */
function between(ranges: readonly Range[]): Range[] {
  const gaps: Range[] = [];
  let from = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (from < start) gaps.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  if (from < USER_PAGES_END) gaps.push({ start: from, end: USER_PAGES_END });
  return gaps;
}

/** Few spans that hold the whole set, with gaps between them that are worth a call: the more there are, the wider. */
function spansOf(pages: PageSet): [number, number][] {
  if (pages.runCount > MANY_RUNS) return [[pages.first, pages.end]];
  let spans = [...pages.pairs()];
  for (let gap = WORTH_A_CALL; gap === WORTH_A_CALL || spans.length > MOST_SPANS; gap *= 8) {
    const wider: [number, number][] = [];
    for (const [start, end] of spans) {
      const last = wider.at(-1);
      if (last && start - last[1] < gap) last[1] = end;
      else wider.push([start, end]);
    }
    spans = wider;
  }
  return spans;
}

/** The parts of [start, end) that lie in mappings that are wanted. */
function partsIn(
  mappings: readonly Mapping[],
  start: number,
  end: number,
  wanted: (mapping: Mapping) => boolean,
): [number, number][] {
  const parts: [number, number][] = [];
  for (let page = start; page < end; ) {
    const mapping = mappings[findMapping(mappings, page)];
    if (!mapping) break;
    const last = Math.min(end, mapping.end);
    if (wanted(mapping)) parts.push([page, last]);
    page = last;
  }
  return parts;
}
