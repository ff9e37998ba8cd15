// Walks over page sets: run by run, and counting the pages below ever higher ones.
import {
  AT,
  BITMAP_WORDS,
  bitCount,
  CHUNK,
  type Chunks,
  END,
  ENTRY,
  entryEndingAfter,
  FIRST,
  findBit,
  listedEndingAt,
  MOST_LISTED,
  RUNS,
} from "./page-set-chunks.ts";

/** Reads a set's runs one after another, joined across chunks: `while (cursor.next()) use(cursor.start, cursor.end)`. */
export class RunCursor {
  start = 0;
  end = 0;
  private readonly chunks: Chunks;
  private entry: number;
  /** Where in the entry to go on, pages from its first. */
  private place: number;
  /** The same where the entry is a list, as an index into `data`. */
  private listed: number;
  /** The next piece of a run, within one entry. */
  private pieceStart = 0;
  private pieceEnd = 0;
  private hasPiece: boolean;

  /** @param from where to begin; a run that holds this page begins there. */
  constructor(chunks: Chunks, from = 0) {
    this.chunks = chunks;
    this.entry = entryEndingAfter(chunks, from);
    const { index, data } = chunks;
    const at = index[this.entry * ENTRY + AT];
    this.place = Math.max(0, from - index[this.entry * ENTRY + FIRST]);
    this.listed = this.place === 0 ? at : listedEndingAt(data, at, at + index[this.entry * ENTRY + RUNS], this.place);
    this.hasPiece = this.nextPiece();
  }

  /** @returns whether there was one more run. */
  next(): boolean {
    if (!this.hasPiece) return false;
    this.start = this.pieceStart;
    this.end = this.pieceEnd;
    this.hasPiece = this.nextPiece();
    while (this.hasPiece && this.pieceStart === this.end) {
      this.end = this.pieceEnd;
      this.hasPiece = this.nextPiece();
    }
    return true;
  }

  private nextPiece(): boolean {
    const { index, data } = this.chunks;
    for (; this.entry * ENTRY < index.length; this.enterNext()) {
      const at = this.entry * ENTRY;
      const first = index[at + FIRST];
      const runs = index[at + RUNS];
      if (runs === 0) {
        if (first + this.place >= index[at + END]) continue;
        this.pieceStart = first + this.place;
        this.pieceEnd = index[at + END];
        this.enterNext();
        return true;
      }
      if (runs <= MOST_LISTED) {
        if (this.listed === index[at + AT] + runs) continue;
        const run = data[this.listed];
        this.listed += 1;
        this.pieceStart = first + Math.max(run & 0xffff, this.place);
        this.pieceEnd = first + (run >>> 16) + 1;
        return true;
      }
      const place = findBit(data, index[at + AT], this.place, 0);
      if (place === CHUNK) continue;
      this.place = findBit(data, index[at + AT], place, -1);
      this.pieceStart = first + place;
      this.pieceEnd = first + this.place;
      return true;
    }
    return false;
  }

  private enterNext(): void {
    this.entry += 1;
    this.place = 0;
    this.listed = this.chunks.index[this.entry * ENTRY + AT];
  }
}

/** Pages in all entries before the one of the same index; one more number at the end for all of them. */
export function pagesBefore({ index, data }: Chunks): Float64Array {
  const entries = index.length / ENTRY;
  const before = new Float64Array(entries + 1);
  for (let entry = 0; entry < entries; entry += 1) {
    const runs = index[entry * ENTRY + RUNS];
    const at = index[entry * ENTRY + AT];
    let pages = 0;
    if (runs === 0) pages = index[entry * ENTRY + END] - index[entry * ENTRY + FIRST];
    else if (runs > MOST_LISTED) for (let word = at; word < at + BITMAP_WORDS; word += 1) pages += bitCount(data[word]);
    else for (let run = at; run < at + runs; run += 1) pages += (data[run] >>> 16) - (data[run] & 0xffff) + 1;
    before[entry + 1] = before[entry] + pages;
  }
  return before;
}

/** Tells how many pages of a set lie below a page, for pages that are asked for in ascending order. */
export class RankCursor {
  private readonly chunks: Chunks;
  private readonly before: Float64Array;
  private entry = 0;
  /** How many words of the entry have been counted, and the pages in them. */
  private words = 0;
  private counted = 0;

  /** @param before see {@link pagesBefore}. */
  constructor(chunks: Chunks, before: Float64Array) {
    this.chunks = chunks;
    this.before = before;
  }

  below(page: number): number {
    const { index, data } = this.chunks;
    if (!(index[this.entry * ENTRY + END] > page)) {
      this.entry = entryEndingAfter(this.chunks, page, this.entry);
      this.words = 0;
      this.counted = 0;
    }
    const before = this.before[this.entry];
    const entry = this.entry * ENTRY;
    // Behind the last entry there is no number, and no page.
    if (!(index[entry + FIRST] < page)) return before;
    const place = page - index[entry + FIRST];
    const runs = index[entry + RUNS];
    const at = index[entry + AT];
    if (runs === 0) return before + place;
    if (runs > MOST_LISTED) {
      const last = place >>> 5;
      for (; this.words < last; this.words += 1) this.counted += bitCount(data[at + this.words]);
      return before + this.counted + bitCount(data[at + last] & ((1 << (place & 31)) - 1));
    }
    for (; this.words < runs && data[at + this.words] >>> 16 < place; this.words += 1) {
      const run = data[at + this.words];
      this.counted += (run >>> 16) - (run & 0xffff) + 1;
    }
    const within = this.words < runs ? Math.max(0, place - (data[at + this.words] & 0xffff)) : 0;
    return before + this.counted + within;
  }
}
