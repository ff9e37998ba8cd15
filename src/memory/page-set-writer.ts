// Writes page sets chunk by chunk: what builds them and what combines them both write through this.
import {
  AT,
  BITMAP_WORDS,
  bitmapRuns,
  CHUNK,
  type Chunks,
  END,
  ENTRY,
  FIRST,
  findBit,
  MOST_LISTED,
  NO_CHUNKS,
  PAGES_END,
  RUNS,
  setBits,
  wordsOf,
} from "./page-set-chunks.ts";
import { fillBitmap, fillList, firstBeyond, pageAt } from "./page-set-ranges.ts";
import type { BitmapFiller } from "./region-memory.ts";

/** Ranges that take longer to add here than to hand to WebAssembly. */
const WORTH_A_CALL = 512;
/** A chunk's list, while it becomes a bitmap in its own place. */
const list = new Uint32Array(MOST_LISTED);

export class ChunkWriter {
  private index: Float64Array;
  private entries = 0;
  private data: Uint32Array;
  /** Words of `data` that belong to finished entries; those of the open chunk follow. */
  private used = 0;

  /** First page of the chunk that still grows; -1 while there is none. */
  private open = -1;
  /** Runs of the open chunk so far. */
  private runs = 0;
  /** Whether they stand as a bitmap: as soon as there are too many for a list. */
  private isBitmap = false;
  /** One past the last page added, within the open chunk. */
  private past = 0;

  /** @param expected how many runs to make room for at first. */
  constructor(expected = 16) {
    this.index = new Float64Array(4 * ENTRY);
    this.data = new Uint32Array(Math.max(4, expected));
  }

  /**
   * Adds pages [start, end), joining them with those before where they touch or overlap.
   * @param start not before the start of the run added last.
   * @throws {RangeError} pages that no address of 64 bits has.
   */
  add(start: number, end: number): void {
    let from = Math.max(start, this.told());
    while (from < end) {
      const first = this.open;
      if (first < 0 || from >= first + CHUNK) {
        from = this.begin(from, end);
        continue;
      }
      const last = Math.min(end, first + CHUNK) - 1 - first;
      this.addToOpen(from - first, last);
      from = first + last + 1;
    }
  }

  /**
   * Adds byte ranges [start, end) in ascending order, each two little-endian 64-bit numbers, as the kernel's struct page_region
   * begins. The hot way of a stop with many written pages.
   * @param stride how many 32-bit words one range begins behind another.
   * @param fill for ranges in memory that WebAssembly reads, too.
   */
  addByteRanges(ranges: Uint32Array, count: number, stride: number, fill?: BitmapFiller): void {
    const end = count * stride;
    for (let word = 0; word < end; ) {
      const start = pageAt(ranges, word);
      const chunk = start - (start % CHUNK);
      const inside = start < this.told() ? word : firstBeyond(ranges, word, end, stride, chunk + CHUNK);
      if (inside === word) {
        // One that is partly told, or reaches a chunk's end, takes the long way.
        this.add(start, pageAt(ranges, word + 2));
        word += stride;
        continue;
      }
      const isBitmap = this.openFor(chunk, (inside - word) / stride);
      const { data, used, runs, past } = this;
      if (!isBitmap) this.runs += fillList(ranges, word, inside, stride, data, used + runs, past);
      else if (fill && inside - word >= WORTH_A_CALL * stride) this.runs = fill(word, inside, data, used);
      else this.runs += fillBitmap(ranges, word, inside, stride, data, used, past);
      this.past = (ranges[inside - stride + 2] >>> 12) & 0xffff;
      word = inside;
    }
  }

  /** Adds all pages of whole chunks. */
  addFull(first: number, end: number): void {
    this.close();
    const before = (this.entries - 1) * ENTRY;
    if (before >= 0 && this.index[before + RUNS] === 0 && this.index[before + END] === first) {
      this.index[before + END] = end;
    } else {
      this.enter(first, end, 0);
    }
  }

  /** Adds a copy of another set's entry. */
  addEntry({ index, data }: Chunks, entry: number): void {
    const first = index[entry * ENTRY + FIRST];
    const runs = index[entry * ENTRY + RUNS];
    const at = index[entry * ENTRY + AT];
    if (runs === 0) {
      this.addFull(first, index[entry * ENTRY + END]);
      return;
    }
    this.close();
    const words = wordsOf(runs);
    this.makeRoom(words);
    // A loop beats the call for the few words that most chunks have.
    if (words < 16) for (let i = 0; i < words; i += 1) this.data[this.used + i] = data[at + i];
    else this.data.set(data.subarray(at, at + words), this.used);
    this.enter(first, first + CHUNK, runs);
  }

  /** Adds a chunk by its bitmap, in whichever form is its own. */
  addBitmap(first: number, bitmap: Uint32Array): void {
    const runs = bitmapRuns(bitmap, 0);
    if (runs > MOST_LISTED) {
      this.close();
      this.makeRoom(BITMAP_WORDS);
      this.data.set(bitmap, this.used);
      this.enter(first, first + CHUNK, runs);
      return;
    }
    for (let place = findBit(bitmap, 0, 0, 0); place < CHUNK; place = findBit(bitmap, 0, place, 0)) {
      const past = findBit(bitmap, 0, place, -1);
      this.add(first + place, first + past);
      place = past;
    }
  }

  /** What was added, in memory of its own. Afterwards only {@link reset} may follow. */
  take(): Chunks {
    this.close();
    return this.entries === 0
      ? NO_CHUNKS
      : { index: this.index.slice(0, this.entries * ENTRY), data: this.data.slice(0, this.used) };
  }

  /** Begins anew, in the memory that is there: touching fresh memory costs more than writing to it. */
  reset(): void {
    this.entries = 0;
    this.used = 0;
    this.open = -1;
    this.isBitmap = false;
    this.runs = 0;
    this.past = 0;
  }

  /** One past the last page added; below all pages where there is none. */
  private told(): number {
    if (this.open >= 0) return this.open + this.past;
    return this.entries === 0 ? -Infinity : this.index[(this.entries - 1) * ENTRY + END];
  }

  /** Opens the chunk of `page`, or adds the whole chunks from there on. @returns the first page that is still to be added. */
  private begin(page: number, end: number): number {
    const first = Math.floor(page / CHUNK) * CHUNK;
    if (!(first >= 0 && end <= PAGES_END)) throw new RangeError(`pages ${page} to ${end} are those of no address`);
    this.close();
    if (page === first && end - first >= CHUNK) {
      const whole = first + Math.floor((end - first) / CHUNK) * CHUNK;
      this.addFull(first, whole);
      return whole;
    }
    this.open = first;
    this.runs = 0;
    this.past = 0;
    return page;
  }

  /** Adds pages of the open chunk, from `first` to `last`, both within the chunk and included; `first` is not before `past`. */
  private addToOpen(first: number, last: number): void {
    const { data, runs, used } = this;
    const joins = runs > 0 && first === this.past;
    this.past = last + 1;
    if (this.isBitmap) {
      setBits(data, used, first, last);
      if (!joins) this.runs = runs + 1;
    } else if (joins) {
      data[used + runs - 1] = (data[used + runs - 1] & 0xffff) | (last << 16);
    } else if (runs < MOST_LISTED) {
      this.makeRoom(runs + 1);
      this.data[used + runs] = first | (last << 16);
      this.runs = runs + 1;
    } else {
      this.makeBitmap();
      setBits(this.data, used, first, last);
      this.runs = runs + 1;
    }
  }

  /** Opens a chunk, unless it is open, with room for so many more ranges. @returns whether as a bitmap. */
  private openFor(chunk: number, ranges: number): boolean {
    if (this.open !== chunk) this.begin(chunk, chunk + 1);
    if (this.isBitmap) return true;
    if (this.runs + ranges > MOST_LISTED) this.makeBitmap();
    else this.makeRoom(this.runs + ranges);
    return this.isBitmap;
  }

  private makeBitmap(): void {
    const { used, runs } = this;
    this.isBitmap = true;
    list.set(this.data.subarray(used, used + runs));
    this.makeRoom(BITMAP_WORDS);
    this.data.fill(0, used, used + BITMAP_WORDS);
    for (let i = 0; i < runs; i += 1) setBits(this.data, used, list[i] & 0xffff, list[i] >>> 16);
  }

  /** What became a bitmap for many ranges may be few runs after all, where they touched. */
  private makeList(): void {
    const { used, data } = this;
    let runs = 0;
    for (let place = findBit(data, used, 0, 0); place < CHUNK; runs += 1) {
      const past = findBit(data, used, place, -1);
      list[runs] = place | ((past - 1) << 16);
      place = findBit(data, used, past, 0);
    }
    data.set(list.subarray(0, runs), used);
  }

  private close(): void {
    const { open, runs } = this;
    if (open < 0) return;
    if (this.isBitmap && runs <= MOST_LISTED) this.makeList();
    this.open = -1;
    this.isBitmap = false;
    this.runs = 0;
    // Filled run by run: no different from one filled at once.
    if (runs === 1 && this.data[this.used] === 0xffff0000) this.addFull(open, open + CHUNK);
    else if (runs > 0) this.enter(open, open + CHUNK, runs);
  }

  private enter(first: number, end: number, runs: number): void {
    const at = this.entries * ENTRY;
    if (at === this.index.length) {
      const larger = new Float64Array(at * 2);
      larger.set(this.index);
      this.index = larger;
    }
    this.index[at + FIRST] = first;
    this.index[at + END] = end;
    this.index[at + RUNS] = runs;
    this.index[at + AT] = this.used;
    this.entries += 1;
    this.used += wordsOf(runs);
  }

  /** Makes room for so many words behind those of the finished entries. */
  private makeRoom(words: number): void {
    const needed = this.used + words;
    if (needed <= this.data.length) return;
    const larger = new Uint32Array(Math.max(needed, this.data.length * 2));
    larger.set(this.data);
    this.data = larger;
  }
}
