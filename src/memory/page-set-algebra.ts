// Unites, intersects and subtracts page sets, chunk by chunk.
import {
  AT,
  BITMAP_WORDS,
  CHUNK,
  type Chunks,
  END,
  ENTRY,
  entryEndingAfter,
  FIRST,
  isBitmap,
  isFull,
  RUNS,
  setBits,
} from "./page-set-chunks.ts";
import { ChunkWriter } from "./page-set-writer.ts";

/** Which pages a result keeps: those of the left set alone, of the right set alone, and of both. */
interface Kept {
  readonly left: boolean;
  readonly right: boolean;
  readonly both: boolean;
}

export const UNION: Kept = { left: true, right: true, both: true };
export const INTERSECTION: Kept = { left: false, right: false, both: true };
export const DIFFERENCE: Kept = { left: true, right: false, both: false };

/** Room for one chunk of each side and of the result; nothing is kept in them from call to call. */
const leftBits = new Uint32Array(BITMAP_WORDS);
const rightBits = new Uint32Array(BITMAP_WORDS);
const resultBits = new Uint32Array(BITMAP_WORDS);

export function combine(a: Chunks, b: Chunks, kept: Kept): Chunks {
  const writer = new ChunkWriter();
  const [ends, others] = [a.index.length / ENTRY, b.index.length / ENTRY];
  let page = 0;
  let i = 0;
  let j = 0;
  while (i < ends || j < others) {
    const left = i < ends ? Math.max(page, a.index[i * ENTRY + FIRST]) : Infinity;
    const right = j < others ? Math.max(page, b.index[j * ENTRY + FIRST]) : Infinity;
    // Where only one side has pages, and they are not kept, the next page of interest is the other side's.
    const from = kept.left ? (kept.right ? Math.min(left, right) : left) : kept.right ? right : Math.max(left, right);
    if (from === Infinity) break;
    page = from;
    if (page > left) i = entryEndingAfter(a, page, i);
    if (page > right) j = entryEndingAfter(b, page, j);
    const inLeft = i < ends && a.index[i * ENTRY + FIRST] <= page;
    const inRight = j < others && b.index[j * ENTRY + FIRST] <= page;
    const leftPart = inLeft && !isFull(a, i);
    const rightPart = inRight && !isFull(b, j);
    if (leftPart || rightPart) {
      if (leftPart && rightPart) twoChunks(writer, a, i, b, j, kept);
      else if (leftPart) oneChunk(writer, a, i, inRight ? kept.both : kept.left, inRight && kept.right);
      else oneChunk(writer, b, j, inLeft ? kept.both : kept.right, inLeft && kept.left);
      page += CHUNK;
    } else if (inLeft || inRight) {
      const end = Math.min(borderAfter(a, i, inLeft), borderAfter(b, j, inRight));
      if (inLeft ? (inRight ? kept.both : kept.left) : kept.right) writer.addFull(page, end);
      page = end;
    }
    if (i < ends && a.index[i * ENTRY + END] <= page) i += 1;
    if (j < others && b.index[j * ENTRY + END] <= page) j += 1;
  }
  return writer.take();
}

/** Where the full or absent pages from here on end. */
function borderAfter({ index }: Chunks, entry: number, inside: boolean): number {
  if (inside) return index[entry * ENTRY + END];
  return entry * ENTRY < index.length ? index[entry * ENTRY + FIRST] : Infinity;
}

/** One side's chunk where the other side has all pages or none. @param inside whether its pages are kept, and which others. */
function oneChunk(writer: ChunkWriter, chunks: Chunks, entry: number, inside: boolean, outside: boolean): void {
  const first = chunks.index[entry * ENTRY + FIRST];
  if (inside && outside) writer.addFull(first, first + CHUNK);
  else if (inside) writer.addEntry(chunks, entry);
  else if (outside) {
    fillBitmap(leftBits, chunks, entry);
    for (let word = 0; word < BITMAP_WORDS; word += 1) leftBits[word] = ~leftBits[word];
    writer.addBitmap(first, leftBits);
  }
}

function twoChunks(writer: ChunkWriter, a: Chunks, i: number, b: Chunks, j: number, kept: Kept): void {
  if (!isBitmap(a, i) && !isBitmap(b, j)) {
    twoLists(writer, a, i, b, j, kept);
    return;
  }
  fillBitmap(leftBits, a, i);
  fillBitmap(rightBits, b, j);
  const [left, right, both] = [kept.left ? -1 : 0, kept.right ? -1 : 0, kept.both ? -1 : 0];
  for (let word = 0; word < BITMAP_WORDS; word += 1) {
    const [x, y] = [leftBits[word], rightBits[word]];
    resultBits[word] = (x & ~y & left) | (y & ~x & right) | (x & y & both);
  }
  writer.addBitmap(a.index[i * ENTRY + FIRST], resultBits);
}

/** Sweeps over the edges of both lists at once. */
function twoLists(writer: ChunkWriter, a: Chunks, i: number, b: Chunks, j: number, kept: Kept): void {
  const first = a.index[i * ENTRY + FIRST];
  // Edges are counted: the even ones are a run's first page, the odd ones the page behind its last.
  let x = a.index[i * ENTRY + AT] * 2;
  let y = b.index[j * ENTRY + AT] * 2;
  const endX = x + a.index[i * ENTRY + RUNS] * 2;
  const endY = y + b.index[j * ENTRY + RUNS] * 2;
  let start = -1;
  while (x < endX || y < endY) {
    const edgeX = x < endX ? edge(a.data, x) : Infinity;
    const edgeY = y < endY ? edge(b.data, y) : Infinity;
    const at = Math.min(edgeX, edgeY);
    if (edgeX === at) x += 1;
    if (edgeY === at) y += 1;
    const keeps = (x & 1) === 1 ? ((y & 1) === 1 ? kept.both : kept.left) : (y & 1) === 1 && kept.right;
    if (keeps && start < 0) start = at;
    if (!keeps && start >= 0) {
      writer.add(first + start, first + at);
      start = -1;
    }
  }
}

function edge(data: Uint32Array, number: number): number {
  const run = data[number >>> 1];
  return (number & 1) === 0 ? run & 0xffff : (run >>> 16) + 1;
}

function fillBitmap(bits: Uint32Array, chunks: Chunks, entry: number): void {
  const { index, data } = chunks;
  const at = index[entry * ENTRY + AT];
  if (isBitmap(chunks, entry)) {
    bits.set(data.subarray(at, at + BITMAP_WORDS));
    return;
  }
  bits.fill(0);
  for (let run = at; run < at + index[entry * ENTRY + RUNS]; run += 1)
    setBits(bits, 0, data[run] & 0xffff, data[run] >>> 16);
}
