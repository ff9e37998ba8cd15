// Page sets between processes: what crosses is what lies in memory, checked on receipt.
import { AT, CHUNK, type Chunks, END, ENTRY, FIRST, MOST_LISTED, PAGES_END, RUNS, wordsOf } from "./page-set-chunks.ts";

/**
 * A page set as plain typed arrays, each the whole of its buffer: fit for structured clones. See {@link Chunks} for what is in
 * them. 524,288 pages, every second one of 4 GiB, are 128 KiB.
 */
export type PageSetWire = Chunks;

/**
 * Checks everything that may be wrong but one: any bits are a bitmap, and how many runs they have is taken on trust, since
 * to count them takes longer than to send them.
 * @throws {Error} it is no set, and what is wrong with it.
 */
export function checkedChunks(wire: unknown): Chunks {
  const { index, data } = (typeof wire === "object" && wire !== null ? wire : {}) as Partial<Chunks>;
  if (!(index instanceof Float64Array) || !(data instanceof Uint32Array)) damaged("it is no pair of typed arrays");
  if (index.length % ENTRY !== 0) damaged(`its index has ${index.length} numbers`);
  let words = 0;
  for (let at = 0; at < index.length; at += ENTRY) {
    const [first, end, runs] = [index[at + FIRST], index[at + END], index[at + RUNS]];
    const behind = at === 0 ? 0 : index[at - ENTRY + END];
    if (!(first >= behind && end > first && end <= PAGES_END && first % CHUNK === 0 && end % CHUNK === 0))
      damaged(`entry ${at / ENTRY} holds pages ${first} to ${end}`);
    if (!Number.isInteger(runs) || runs < 0 || runs > CHUNK / 2) damaged(`entry ${at / ENTRY} has ${runs} runs`);
    if (index[at + AT] !== words || words + wordsOf(runs) > data.length) damaged(`entry ${at / ENTRY} has no data`);
    if (runs === 0) {
      if (at > 0 && behind === first && index[at - ENTRY + RUNS] === 0)
        damaged(`entry ${at / ENTRY} is the one before`);
    } else if (end !== first + CHUNK || (runs <= MOST_LISTED && !isList(data, words, runs))) {
      damaged(`entry ${at / ENTRY} does not hold ${runs} runs of a chunk`);
    }
    words += wordsOf(runs);
  }
  if (words !== data.length) damaged(`${data.length - words} words of its data belong to no entry`);
  return { index, data };
}

/** Whether the runs are in order, with a gap between neighbours, and not the whole chunk. */
function isList(data: Uint32Array, at: number, runs: number): boolean {
  let behind = -1;
  for (let run = at; run < at + runs; run += 1) {
    const [first, last] = [data[run] & 0xffff, data[run] >>> 16];
    if (first <= behind || last < first) return false;
    behind = last + 1;
  }
  return data[at] !== 0xffff0000;
}

function damaged(how: string): never {
  throw new Error(`a set of pages arrived damaged: ${how}`);
}
