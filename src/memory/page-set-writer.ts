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
  /** Runs of the open chunk so far: a list up to MOST_LISTED, then a bitmap. */
  private runs = 0;
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
   * begins. The hot loop of a stop with many written pages: nearly always a range lies within the open chunk's bitmap.
   * @param stride how many 32-bit words one range begins behind another.
   */
  addByteRanges(ranges: Uint32Array, count: number, stride: number): void {
    const end = count * stride;
    for (let word = 0; word < end; ) {
      if (this.runs > MOST_LISTED) word = this.addToBitmap(ranges, word, end, stride);
      if (word >= end) return;
      this.add(pageAt(ranges, word), pageAt(ranges, word + 2));
      word += stride;
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
    if (runs > MOST_LISTED) {
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

  /** @returns the word of the first range that does not lie behind the others within the open chunk. */
  private addToBitmap(ranges: Uint32Array, from: number, end: number, stride: number): number {
    const { data, used, open } = this;
    // Of an address: bits 0 to 11 are the place in the page, 12 to 27 the page in the chunk, the rest are the chunk.
    const high = Math.floor(open / 2 ** 20);
    const low = (open / CHUNK) & 15;
    let { runs, past } = this;
    let word = from;
    for (; word < end; word += stride) {
      const start = ranges[word];
      const behind = ranges[word + 2];
      const first = (start >>> 12) & 0xffff;
      const next = (behind >>> 12) & 0xffff;
      // A range up to the chunk's very end has `next` 0 and takes the long way.
      if (start >>> 28 !== low || behind >>> 28 !== low || first < past || next <= first) break;
      if (ranges[word + 1] !== high || ranges[word + 3] !== high) break;
      if (next === first + 1) data[used + (first >>> 5)] |= 1 << (first & 31);
      else setBits(data, used, first, next - 1);
      if (first > past) runs += 1;
      past = next;
    }
    this.runs = runs;
    this.past = past;
    return word;
  }

  private makeBitmap(): void {
    const { used, runs } = this;
    list.set(this.data.subarray(used, used + runs));
    this.makeRoom(BITMAP_WORDS);
    this.data.fill(0, used, used + BITMAP_WORDS);
    for (let i = 0; i < runs; i += 1) setBits(this.data, used, list[i] & 0xffff, list[i] >>> 16);
  }

  private close(): void {
    const { open, runs } = this;
    if (open < 0) return;
    this.open = -1;
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

function pageAt(ranges: Uint32Array, word: number): number {
  return ranges[word + 1] * 2 ** 20 + (ranges[word] >>> 12);
}
