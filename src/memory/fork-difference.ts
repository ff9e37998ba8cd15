// Which pages two processes share since a fork, and which no longer: from what their page tables say of each page. Pure.
import { type PageSet, RunBuilder } from "./page-set.ts";

/**
 * Entries of /proc/PID/pagemap, two words each, low first (Documentation/admin-guide/mm/pagemap.rst): bits 0 to 54 are the frame, or where
 * in swap; 56 says that nobody else maps the page, 62 and 63 that it is in swap, or in memory.
 */
export type PageEntries = Uint32Array;

/** How sharing is told: by the numbers of frames, for which one must be root; or by who maps a page alone, which misses who shares with whom. */
export type SharingEvidence = "frames" | "exclusive";

/** Pages that are each process's own: private memory that was stored to, in memory or in swap. */
export interface ForkSide {
  readonly own: PageSet;
  /** @returns the entries of pages [start, end). */
  entries(start: number, end: number): PageEntries;
}

export interface ForkDifference {
  readonly evidence: SharingEvidence;
  /** One copy serves both. */
  readonly shared: PageSet;
  /** Both have the page, each a copy of its own. */
  readonly copied: PageSet;
  readonly onlyParent: PageSet;
  readonly onlyChild: PageSet;
  /** Of `shared` in order, what of the entries tells one copy from another. */
  readonly frames: Float64Array;
}

/** Bits 32 to 54. */
const FRAME_HIGH = 0x7f_ffff;
const EXCLUSIVE = 1 << 24;
/** Bits 62 and 63. */
const WHERE = 0xc000_0000;
/** Pages compared at once: their entries take a MiB. */
const AT_ONCE = 1 << 16;

export function forkDifference(parent: ForkSide, child: ForkSide): ForkDifference {
  const both = parent.own.intersect(child.own);
  const [shared, copied] = [new RunBuilder(), new RunBuilder()];
  const frames = new Float64Array(both.pageCount);
  let kept = 0;
  let evidence: SharingEvidence = "frames";
  forEachPiece(both, (start, end) => {
    const [a, b] = [parent.entries(start, end), child.entries(start, end)];
    // Who may not see frames is told 0 for each (pagemap_read, CAP_SYS_ADMIN).
    if (start === both.first && frameOf(a, 0) === 0 && frameOf(b, 0) === 0) evidence = "exclusive";
    // A run at a time: pages are many, and lie in runs.
    for (let i = 0; i < end - start; ) {
      const first = i;
      const isOne = isShared(a, b, i, evidence);
      while (i < end - start && isShared(a, b, i, evidence) === isOne) {
        if (isOne) frames[kept++] = frameOf(a, i);
        i += 1;
      }
      (isOne ? shared : copied).add(start + first, start + i);
    }
  });
  return {
    evidence,
    shared: shared.finish(),
    copied: copied.finish(),
    onlyParent: parent.own.subtract(child.own),
    onlyChild: child.own.subtract(parent.own),
    frames: frames.subarray(0, kept),
  };
}

export interface Copiers {
  readonly byParent: PageSet;
  readonly byChild: PageSet;
}

/**
 * Who made the copies of pages that were shared before: the kernel gives a new frame to whoever writes first, and the other keeps the old one.
 * @param before the difference earlier. @param pages of those that were shared then; others are in neither set.
 */
export function copiersOf(before: ForkDifference, pages: PageSet, parent: ForkSide, child: ForkSide): Copiers {
  const [byParent, byChild] = [new RunBuilder(), new RunBuilder()];
  if (before.evidence === "frames") {
    forEachPiece(pages.intersect(before.shared), (start, end) => {
      const [a, b] = [parent.entries(start, end), child.entries(start, end)];
      const first = before.shared.countIn(0, start);
      for (let i = 0; i < end - start; i += 1) {
        const old = before.frames[first + i];
        if (frameOf(a, i) !== old) byParent.add(start + i, start + i + 1);
        if (frameOf(b, i) !== old) byChild.add(start + i, start + i + 1);
      }
    });
  }
  return { byParent: byParent.finish(), byChild: byChild.finish() };
}

function isShared(a: PageEntries, b: PageEntries, i: number, evidence: SharingEvidence): boolean {
  const x = a[i * 2 + 1];
  const y = b[i * 2 + 1];
  if (evidence === "exclusive") return ((x | y) & EXCLUSIVE) === 0 && (x & y & WHERE) !== 0;
  // The same bits of both: where the page is, and its frame or its place in swap.
  return (x & WHERE) !== 0 && a[i * 2] === b[i * 2] && ((x ^ y) & (WHERE | FRAME_HIGH)) === 0;
}

function frameOf(entries: PageEntries, i: number): number {
  return (entries[i * 2 + 1] & FRAME_HIGH) * 0x1_0000_0000 + entries[i * 2];
}

function forEachPiece(pages: PageSet, work: (start: number, end: number) => void): void {
  for (const [start, end] of pages.pairs()) {
    for (let page = start; page < end; page += AT_ONCE) work(page, Math.min(end, page + AT_ONCE));
  }
}
