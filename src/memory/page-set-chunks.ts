// How a page set is laid out in memory: chunks of 65,536 pages, each a list of runs or a bitmap, in the manner of Roaring bitmaps.

/** Pages in a chunk; a page's place within its chunk fits 16 bits. */
export const CHUNK = 1 << 16;
/** 32-bit words of a chunk's bitmap. */
export const BITMAP_WORDS = CHUNK / 32;
/** As a list a chunk takes a word for each run: with more runs than this a bitmap is smaller. */
export const MOST_LISTED = BITMAP_WORDS;
/** Pages a set can hold lie below this: all addresses of 64 bits. */
export const PAGES_END = 2 ** 52;

/** Numbers an entry of the index takes, and what they are. */
export const ENTRY = 4;
export const FIRST = 0;
export const END = 1;
export const RUNS = 2;
export const AT = 3;

/**
 * A set of pages. Equal sets have equal arrays.
 *
 * `index` has four numbers for each entry, in ascending order: first page, one past the last page (both multiples of
 * {@link CHUNK}), number of runs, and where in `data` the entry's words begin. An entry of 0 runs holds all of its pages, however
 * many: a mapping of terabytes is one entry. Any other is one chunk, of which `data` holds up to {@link MOST_LISTED} runs as a
 * word each (first page in the low half, last page in the high half, both within the chunk), of more runs a bitmap.
 */
export interface Chunks {
  readonly index: Float64Array;
  readonly data: Uint32Array;
}

export const NO_CHUNKS: Chunks = { index: new Float64Array(0), data: new Uint32Array(0) };

export function isFull({ index }: Chunks, entry: number): boolean {
  return index[entry * ENTRY + RUNS] === 0;
}

export function isBitmap({ index }: Chunks, entry: number): boolean {
  return index[entry * ENTRY + RUNS] > MOST_LISTED;
}

/** How many words of `data` an entry of so many runs has. */
export function wordsOf(runs: number): number {
  return runs > MOST_LISTED ? BITMAP_WORDS : runs;
}

/** The first entry, from `from` on, that ends after `page`; the number of entries where none does. */
export function entryEndingAfter({ index }: Chunks, page: number, from = 0): number {
  let low = from;
  let high = index.length / ENTRY;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index[middle * ENTRY + END] <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of a list of runs the first that ends at or after a place in the chunk, as an index into `data`; `end` where none does. */
export function listedEndingAt(data: Uint32Array, start: number, end: number, place: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (data[middle] >>> 16 < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first page at or after `place` whose bit is set, or clear where `invert` is -1; CHUNK where there is none. */
export function findBit(data: Uint32Array, at: number, place: number, invert: 0 | -1): number {
  if (place >= CHUNK) return CHUNK;
  let word = place >>> 5;
  let bits = (data[at + word] ^ invert) & (-1 << (place & 31));
  while (bits === 0) {
    word += 1;
    if (word === BITMAP_WORDS) return CHUNK;
    bits = data[at + word] ^ invert;
  }
  return word * 32 + 31 - Math.clz32(bits & -bits);
}

/** The last page at or before `place` whose bit is set, or clear where `invert` is -1; -1 where there is none. */
export function findBitBack(data: Uint32Array, at: number, place: number, invert: 0 | -1): number {
  let word = place >>> 5;
  let bits = (data[at + word] ^ invert) & (-1 >>> (31 - (place & 31)));
  while (bits === 0) {
    word -= 1;
    if (word < 0) return -1;
    bits = data[at + word] ^ invert;
  }
  return word * 32 + 31 - Math.clz32(bits);
}

/** Sets the bits from `first` to `last`, both included. */
export function setBits(data: Uint32Array, at: number, first: number, last: number): void {
  const firstWord = at + (first >>> 5);
  const lastWord = at + (last >>> 5);
  const head = -1 << (first & 31);
  const tail = -1 >>> (31 - (last & 31));
  if (firstWord === lastWord) {
    data[firstWord] |= head & tail;
    return;
  }
  data[firstWord] |= head;
  data.fill(0xffffffff, firstWord + 1, lastWord);
  data[lastWord] |= tail;
}

/** How many bits of a word are set. */
export function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How many runs a bitmap has. */
export function bitmapRuns(data: Uint32Array, at: number): number {
  let runs = 0;
  let carry = 0;
  for (let word = at; word < at + BITMAP_WORDS; word += 1) {
    const bits = data[word];
    // A run begins at each bit set after a clear one.
    runs += bitCount(bits & ~((bits << 1) | carry));
    carry = bits >>> 31;
  }
  return runs;
}

/** Whether the set holds a page of an entry. @param place within the entry. */
export function holds(chunks: Chunks, entry: number, place: number): boolean {
  return placeBack(chunks, entry, place, 0) === place;
}

/** The last page of the set at or before `page`; -1 where there is none. */
export function lastSet(chunks: Chunks, page: number): number {
  const { index } = chunks;
  let entry = entryEndingAfter(chunks, page);
  if (index[entry * ENTRY + FIRST] <= page) {
    const first = index[entry * ENTRY + FIRST];
    const place = placeBack(chunks, entry, page - first, 0);
    if (place >= 0) return first + place;
  }
  entry -= 1;
  if (entry < 0) return -1;
  const first = index[entry * ENTRY + FIRST];
  return first + placeBack(chunks, entry, index[entry * ENTRY + END] - 1 - first, 0);
}

/** The last page before `page`, which is in the set, that is not; -1 where there is none. */
export function lastClear(chunks: Chunks, page: number): number {
  const { index } = chunks;
  let entry = entryEndingAfter(chunks, page);
  for (let from = page; ; entry -= 1) {
    const first = index[entry * ENTRY + FIRST];
    const place = placeBack(chunks, entry, from - first, -1);
    from = first - 1;
    if (place >= 0) return first + place;
    if (entry === 0 || index[(entry - 1) * ENTRY + END] !== first) return from;
  }
}

/** Of an entry the last page at or before `place` that is in the set, or is not where `invert` is -1; -1 where there is none. */
function placeBack(chunks: Chunks, entry: number, place: number, invert: 0 | -1): number {
  const { index, data } = chunks;
  const runs = index[entry * ENTRY + RUNS];
  const at = index[entry * ENTRY + AT];
  if (runs === 0) return invert ? -1 : place;
  if (runs > MOST_LISTED) return findBitBack(data, at, place, invert);
  const run = listedEndingAt(data, at, at + runs, place);
  const inside = run < at + runs && (data[run] & 0xffff) <= place;
  if (invert) return inside ? (data[run] & 0xffff) - 1 : place;
  return inside ? place : run > at ? data[run - 1] >>> 16 : -1;
}
