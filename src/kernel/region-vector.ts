// The buffer a scan fills: an array of struct page_region in the kernel's own layout, decoded only on demand.
import type { RunBuilder } from "../memory/page-set.ts";
import { type BitmapFiller, regionMemory } from "../memory/region-memory.ts";
import { PagemapScan } from "./abi.ts";

/** Vectors of so many regions are kept, and become page sets: they are worth memory that WebAssembly reads. */
const MANY = 1 << 11;
const WORDS = PagemapScan.REGION_SIZE / 4;
const PAGES_PER_HIGH_WORD = 2 ** 32 / 4096;

/** Room for `capacity` regions. Memory stays where it is for the vector's life, so a kernel may keep its address. */
export class RegionVector {
  readonly capacity: number;
  readonly bytes: Uint8Array;
  /** How many regions hold anything; whoever scans into the vector says so, for {@link clear}. */
  used = 0;
  private readonly words: Uint32Array;
  private readonly fill: BitmapFiller | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
    const length = capacity * PagemapScan.REGION_SIZE;
    const { buffer, offset, fill } =
      capacity < MANY ? { buffer: new ArrayBuffer(length), offset: 0 } : regionMemory(length);
    this.bytes = new Uint8Array(buffer, offset, length);
    this.words = new Uint32Array(buffer, offset, length / 4);
    this.fill = fill;
  }

  /** Forgets all regions, so that after a scan that failed {@link countFilled} tells what it had filled. */
  clear(): void {
    this.words.fill(0, 0, this.used * WORDS);
    this.used = 0;
  }

  /** How many regions were filled since {@link clear}. */
  countFilled(): number {
    let regions = 0;
    while (regions < this.capacity && this.end(regions) > 0) regions += 1;
    return regions;
  }

  /** First page of a region. */
  start(region: number): number {
    const word = region * WORDS;
    return this.words[word + 1] * PAGES_PER_HIGH_WORD + (this.words[word] >>> 12);
  }

  /** One past the last page of a region. */
  end(region: number): number {
    const word = region * WORDS + 2;
    return this.words[word + 1] * PAGES_PER_HIGH_WORD + (this.words[word] >>> 12);
  }

  /** The region's categories, so far as the scan was asked to return them. */
  categories(region: number): number {
    return this.words[region * WORDS + 4];
  }

  /** Appends the pages of the first regions to a set being built; the hot loop of a stop with many written pages. */
  appendTo(builder: RunBuilder, regions: number): void {
    builder.addByteRanges(this.words, regions, WORDS, this.fill);
  }

  /** Writes a region, as a kernel does. */
  set(region: number, start: number, end: number, categories: number): void {
    const word = region * WORDS;
    this.words[word] = (start % PAGES_PER_HIGH_WORD) << 12;
    this.words[word + 1] = Math.floor(start / PAGES_PER_HIGH_WORD);
    this.words[word + 2] = (end % PAGES_PER_HIGH_WORD) << 12;
    this.words[word + 3] = Math.floor(end / PAGES_PER_HIGH_WORD);
    this.words[word + 4] = categories;
    this.words[word + 5] = 0;
  }
}
