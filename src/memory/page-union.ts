// The union of many page sets that come one by one, without copying the large part each time a small one comes.
import { type PageSet, RunBuilder } from "./page-set.ts";
import { AT, BITMAP_WORDS, END, ENTRY, FIRST, MOST_LISTED, RUNS, setBits } from "./page-set-chunks.ts";

/** Chunks that get a bitmap of their own: 4 MiB in all. A program that is stepped writes in a few dozen. */
const MOST_BITMAPS = 512;

/**
 * Pages of the chunks that come first go into bitmaps. Those of further ones, and whole chunks, are joined as sets with such of
 * their own age, as binary digits are carried: each page is copied as often as the count has digits.
 */
export class PageUnion {
  /** By the chunk's first page. */
  private readonly bitmaps = new Map<number, Uint32Array>();
  private readonly parts: (PageSet | undefined)[] = [];

  add(set: PageSet): void {
    if (set.isEmpty) return;
    const chunks = set.toWire();
    const { index, data } = chunks;
    let rest: RunBuilder | undefined;
    for (let entry = 0; entry * ENTRY < index.length; entry += 1) {
      const runs = index[entry * ENTRY + RUNS];
      const bitmap = runs > 0 ? this.bitmapOf(index[entry * ENTRY + FIRST]) : undefined;
      if (bitmap) {
        addBits(bitmap, data, index[entry * ENTRY + AT], runs);
        continue;
      }
      rest ??= new RunBuilder();
      if (runs > 0) rest.addEntry(chunks, entry);
      else rest.addFull(index[entry * ENTRY + FIRST], index[entry * ENTRY + END]);
    }
    if (rest) this.carry(rest.finish());
  }

  all(): PageSet {
    const builder = new RunBuilder();
    for (const [first, bitmap] of [...this.bitmaps].sort(([a], [b]) => a - b)) builder.addBitmap(first, bitmap);
    return this.parts.reduce<PageSet>((all, part) => (part ? all.union(part) : all), builder.finish());
  }

  clear(): void {
    this.bitmaps.clear();
    this.parts.length = 0;
  }

  private bitmapOf(first: number): Uint32Array | undefined {
    const known = this.bitmaps.get(first);
    if (known || this.bitmaps.size === MOST_BITMAPS) return known;
    const bitmap = new Uint32Array(BITMAP_WORDS);
    this.bitmaps.set(first, bitmap);
    return bitmap;
  }

  private carry(set: PageSet): void {
    let carried = set;
    for (let i = 0; ; i += 1) {
      const part = this.parts[i];
      if (part === undefined) {
        this.parts[i] = carried;
        return;
      }
      carried = part.union(carried);
      this.parts[i] = undefined;
    }
  }
}

function addBits(bitmap: Uint32Array, data: Uint32Array, at: number, runs: number): void {
  if (runs > MOST_LISTED) {
    for (let word = 0; word < BITMAP_WORDS; word += 1) bitmap[word] |= data[at + word];
    return;
  }
  for (let i = at; i < at + runs; i += 1) {
    const first = data[i] & 0xffff;
    const last = data[i] >>> 16;
    if (first === last) bitmap[first >>> 5] |= 1 << (first & 31);
    else setBits(bitmap, 0, first, last);
  }
}
