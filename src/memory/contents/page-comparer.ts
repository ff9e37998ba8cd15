// Pages just read, and where they differ from copies of before: by WebAssembly, sixteen bytes at a time.
import { PAGE_SIZE } from "../page.ts";
import { loopMemory } from "../wasm/memory.ts";
import { differences, MOST_RUNS } from "./difference.ts";

/** In its memory: a page of zeroes, the page to compare with, the spans, the pages just read. */
const ZERO = 0;
const BEFORE = PAGE_SIZE;
const SPANS = 2 * PAGE_SIZE;
const READ = SPANS + MOST_RUNS * 4;

/** A page within an array. */
interface Place {
  readonly bytes: Uint8Array;
  /** Where the page begins. */
  readonly at: number;
}

export class PageComparer {
  /** Room for the pages just read, one after another; it stays where it is. */
  readonly read: Uint8Array;
  /** [start, end) offsets of what {@link find} found last. */
  readonly spans: Uint16Array;
  private readonly before: Uint8Array;
  private readonly compare: (a: number, b: number) => number;

  /** @param pages how many there is room for. */
  constructor(pages: number) {
    const bytes = READ + pages * PAGE_SIZE;
    const memory = loopMemory(bytes);
    const buffer = memory?.buffer ?? new ArrayBuffer(bytes);
    this.read = new Uint8Array(buffer, READ, pages * PAGE_SIZE);
    this.spans = new Uint16Array(buffer, SPANS, MOST_RUNS * 2);
    this.before = new Uint8Array(buffer, BEFORE, PAGE_SIZE);
    const words = new Int32Array(buffer);
    this.compare = memory
      ? (a, b) => memory.differences(a, b, SPANS)
      : (a, b) => differences(words, a / 4, words, b / 4, this.spans);
  }

  /**
   * Finds the maximal runs of bytes that differ, and leaves them in {@link spans}.
   * @param before undefined: a page of zeroes. @param page which of the pages just read; undefined: one of zeroes.
   * @returns how many runs there are.
   */
  find(before: Place | undefined, page: number | undefined): number {
    if (before) this.before.set(before.bytes.subarray(before.at, before.at + PAGE_SIZE));
    return this.compare(before ? BEFORE : ZERO, page === undefined ? ZERO : READ + page * PAGE_SIZE);
  }
}
