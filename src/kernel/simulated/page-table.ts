// Page tables of four levels, as x86-64 has them: what is populated is there, and nothing else costs anything.
import { Entry, TABLE_PAGES } from "./entry.ts";
import { Frames } from "./frames.ts";
import { Work } from "./work.ts";

/** The lowest level: an entry a page. Flags and frames lie in columns, so that a scan touches the flags alone. */
export class LeafTable {
  readonly flags: Uint16Array;
  /** The flags again, two entries at a time. */
  readonly pairs: Uint32Array;
  readonly frames: Int32Array;

  constructor() {
    const memory = new ArrayBuffer(TABLE_PAGES * 6);
    this.frames = new Int32Array(memory, 0, TABLE_PAGES);
    this.flags = new Uint16Array(memory, TABLE_PAGES * 4, TABLE_PAGES);
    this.pairs = new Uint32Array(memory, TABLE_PAGES * 4, TABLE_PAGES / 2);
  }
}

/** An entry of the level above that maps a huge page itself. */
export class HugeEntry {
  flags: number;
  /** The first of its 512 frames, which follow one another. */
  readonly frame: number;
  /** A page of hugetlb memory, which never splits. */
  readonly isHugetlb: boolean;
  /** Since a fork: a write must look whether the other process still maps a part of it. */
  mayBeShared = false;

  constructor(flags: number, frame: number, isHugetlb = false) {
    this.flags = flags;
    this.frame = frame;
    this.isHugetlb = isHugetlb;
  }
}

/** A huge page of private memory keeps a table in reserve, for when it is split (pgtable_trans_huge_deposit). */
function tablesOf(entry: RegionEntry): number {
  return entry === undefined || (entry instanceof HugeEntry && entry.isHugetlb) ? 0 : 1;
}

export type RegionEntry = LeafTable | HugeEntry | undefined;
type Directory<T> = (T | undefined)[];
/** The level that holds regions of 2 MiB. */
export type Middle = Directory<LeafTable | HugeEntry>;

const newDirectory = <T>(): Directory<T> => new Array<T | undefined>(TABLE_PAGES).fill(undefined);

/**
 * A region is what one leaf table covers, 512 pages; its number is its first page's divided by 512, and fits 32 bits, so that
 * the indices of all levels are shifts.
 */
export const regionOf = (page: number): number => Math.floor(page / TABLE_PAGES);

export class PageTable {
  private readonly root: Directory<Directory<Middle>> = newDirectory();
  /** Whose pages the tables take. */
  private readonly frames: Frames;
  /** Where walks count what they do. */
  readonly work: Work;
  private count = 0;

  constructor(frames = new Frames(), work = new Work()) {
    this.frames = frames;
    this.work = work;
    this.add(1);
  }

  /** Leaf tables and the levels above them: what the process pays in memory, a page each. */
  get tables(): number {
    return this.count;
  }

  /** Gives back what the tables take, once they are of no use any more. */
  release(): void {
    this.add(-this.count);
  }

  /** @throws {OutOfMemory} */
  private add(tables: number): void {
    this.frames.keep(tables);
    this.count += tables;
  }

  /** What stands for a region; undefined where nothing was ever there. */
  get(region: number): RegionEntry {
    return this.root[region >>> 18]?.[(region >>> 9) & 511]?.[region & 511];
  }

  /** The leaf table of a region; made where there is none, as is all above it. The region must hold no huge page. */
  leaf(region: number): LeafTable {
    const middle = this.middle(region);
    const there = middle[region & 511];
    if (there instanceof LeafTable) return there;
    if (there) throw new Error("a huge page stands where a leaf table is wanted");
    this.add(1);
    const leaf = new LeafTable();
    middle[region & 511] = leaf;
    return leaf;
  }

  /** Puts a huge page or another table in a region's place, or takes away what is there. */
  set(region: number, entry: RegionEntry): void {
    const middle = entry ? this.middle(region) : this.root[region >>> 18]?.[(region >>> 9) & 511];
    if (!middle) return;
    const before = middle[region & 511];
    const more = tablesOf(entry) - tablesOf(before);
    if (more !== 0) this.add(more);
    middle[region & 511] = entry;
  }

  /** Replaces a huge page's entry by a table of its pages (__split_huge_pmd); the pages stay where they are. @returns the table. */
  split(region: number, { flags, frame }: HugeEntry): LeafTable {
    const table = new LeafTable();
    // Of a dirty huge page each small page is: the processor's bit and the soft one are set together (pte_mkdirty).
    const isDirty = (flags & (Entry.ANON | Entry.LAZY)) === Entry.ANON;
    table.flags.fill(isDirty ? flags | Entry.SOFT_DIRTY : flags);
    // The page of zeroes is one and the same everywhere.
    if ((flags & Entry.ZERO) === 0) for (let i = 0; i < TABLE_PAGES; i += 1) table.frames[i] = frame + i;
    this.set(region, table);
    return table;
  }

  /** Splits the huge page that lies across the beginning of `page`, if one does. */
  splitAt(page: number): void {
    const entry = page % TABLE_PAGES === 0 ? undefined : this.get(regionOf(page));
    if (entry instanceof HugeEntry) this.split(regionOf(page), entry);
  }

  /** Forgets the upper tables of [first, end) regions, which must be empty, where they cover no other region. */
  trim(first: number, end: number): void {
    const step = TABLE_PAGES;
    for (let region = Math.ceil(first / step) * step; region + step <= end; region += step) {
      const upper = this.root[region >>> 18];
      if (!upper) {
        region = ((region >>> 18) + 1) * step * step - step;
        continue;
      }
      if (!upper[(region >>> 9) & 511]) continue;
      upper[(region >>> 9) & 511] = undefined;
      this.add(-1);
    }
    const wide = step * step;
    for (let region = Math.ceil(first / wide) * wide; region + wide <= end; region += wide) {
      if (!this.root[region >>> 18]) continue;
      this.root[region >>> 18] = undefined;
      this.add(-1);
    }
  }

  /** The directory of a 1 GiB stretch, made where there is none. */
  private middle(region: number): Middle {
    let upper = this.root[region >>> 18];
    if (!upper) {
      this.add(1);
      upper = newDirectory();
      this.root[region >>> 18] = upper;
    }
    let middle = upper[(region >>> 9) & 511];
    if (!middle) {
      this.add(1);
      middle = newDirectory();
      upper[(region >>> 9) & 511] = middle;
    }
    return middle;
  }

  /** Whether the directory is there that would hold a region's entry. */
  hasDirectory(region: number): boolean {
    return this.root[region >>> 18]?.[(region >>> 9) & 511] !== undefined;
  }

  /** The next region from `region` on that something stands for; at most `end`. */
  nextPresent(region: number, end: number): number {
    let at = region;
    while (at < end) {
      const upper = this.root[at >>> 18];
      if (!upper) {
        at = ((at >>> 18) + 1) * 2 ** 18;
        continue;
      }
      const middle = upper[(at >>> 9) & 511];
      const next = ((at >>> 9) + 1) * TABLE_PAGES;
      if (middle) for (const last = Math.min(next, end); at < last; at += 1) if (middle[at & 511]) return at;
      at = next;
    }
    return end;
  }
}
