// Finds, among thousands of steps, the few that may have written a page: a filter of bits (Bloom's), in which 32 steps are asked at once.
import type { PageSet } from "../memory/page-set.ts";

/** Steps of a block: a bit each of one word. */
const BLOCK = 32;
/** Words for each page of the block's largest step, so that one step in twelve is named without having written the page. */
const WORDS_A_PAGE = 6;
const LEAST_WORDS = 64;
/** A step with more pages than this is named for every page: it would take more memory than it saves. */
const MOST_PAGES = 4096;
/** Pages of a range that are looked for one by one; for more, every step is named. */
const FEW = 16;

interface Block {
  /** Bit i of a word: step i of the block has a page with that hash. */
  readonly words: Uint32Array;
  /** Steps that are named for every page. */
  always: number;
}

/** By ordinals: 0 for the first step that was ever added. */
export class WrittenIndex {
  private blocks: (Block | undefined)[] = [];
  /** Steps of the block that is not full yet. */
  private open: PageSet[] = [];

  /** Steps below this ordinal can be asked for. */
  get end(): number {
    return this.blocks.length * BLOCK;
  }

  /** Bytes that the blocks take. */
  get byteLength(): number {
    return this.blocks.reduce((sum, block) => sum + (block?.words.byteLength ?? 0), 0);
  }

  /** @param pages that the next step wrote or gave back. */
  add(pages: PageSet): void {
    this.open.push(pages);
    if (this.open.length < BLOCK) return;
    const most = Math.max(...this.open.map(({ pageCount }) => (pageCount > MOST_PAGES ? 0 : pageCount)));
    const words = new Uint32Array(Math.max(LEAST_WORDS, most * WORDS_A_PAGE));
    const block = { words, always: 0 };
    for (const [i, set] of this.open.entries()) enter(block, i, set);
    this.blocks.push(block);
    this.open = [];
  }

  /** More pages of a step that was added before. */
  widen(ordinal: number, pages: PageSet): void {
    const block = this.blocks[Math.floor(ordinal / BLOCK)];
    if (block) enter(block, ordinal % BLOCK, pages);
    else if (ordinal >= this.end && ordinal - this.end < this.open.length)
      this.open[ordinal - this.end] = this.open[ordinal - this.end].union(pages);
  }

  /** Steps below that ordinal are asked for no more. */
  forget(ordinal: number): void {
    for (let i = Math.floor(ordinal / BLOCK) - 1; i >= 0 && this.blocks[i]; i -= 1) this.blocks[i] = undefined;
  }

  clear(): void {
    this.blocks = [];
    this.open = [];
  }

  /** The ordinals, from the highest below {@link end} on, of steps that may have touched any of the pages [first, last). */
  *named(first: number, last: number): Generator<number> {
    const isRange = last - first > FEW;
    for (let i = this.blocks.length - 1; i >= 0; i -= 1) {
      const block = this.blocks[i];
      if (!block) return;
      let mask = isRange ? -1 : block.always;
      for (let page = first; !isRange && page < last; page += 1) mask |= stepsOf(block, page);
      for (; mask !== 0; ) {
        const bit = 31 - Math.clz32(mask);
        mask &= ~(1 << bit);
        yield i * BLOCK + bit;
      }
    }
  }
}

function enter(block: Block, i: number, pages: PageSet): void {
  if (pages.pageCount > MOST_PAGES) {
    block.always |= 1 << i;
    return;
  }
  const { words } = block;
  const { length } = words;
  const runs = pages.runsFrom(0, MOST_PAGES);
  for (let run = 0; run < runs.length; run += 2) {
    for (let page = runs[run]; page < runs[run + 1]; page += 1) {
      const hash = hashOf(page);
      words[hash % length] |= 1 << i;
      words[secondOf(hash) % length] |= 1 << i;
    }
  }
}

function stepsOf({ words }: Block, page: number): number {
  const hash = hashOf(page);
  return words[hash % words.length] & words[secondOf(hash) % words.length];
}

/** 32 bits that depend on all of a page's number (Murmur's finalizer). */
function hashOf(page: number): number {
  let hash = (page | 0) ^ Math.imul(Math.floor(page / 2 ** 32), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function secondOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x27d4eb2f) >>> 0;
}
