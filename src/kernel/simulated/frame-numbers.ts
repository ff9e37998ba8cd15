// Gives out the numbers of frames: one at a time, or 512 that follow one another for a huge page. Numbers are used again before new
// ones are, so that what is kept for each number stays as small as the memory in use.
import { TABLE_PAGES } from "./entry.ts";

/** What is known of a number. Those in use, and those never given out, have no state. */
const State = { SINGLE: 1, IN_BLOCK: 2, SEEN: 3 } as const;
/** So many out-dated entries may gather in the list of single numbers. */
const MOST_STALE = 8192;

export class FrameNumbers {
  /** Lowest number that was never given out; 0 is the page of zeroes. */
  end = 1;
  private states = new Uint8Array(1024);
  /** Free numbers. Some may be out-dated: only those whose state is SINGLE count. */
  private singles: number[] = [];
  private singleCount = 0;
  /** Blocks of 512 that were given out as such, with how many numbers of each are free now. */
  private readonly blocks = new Map<number, number>();
  /** Of these the ones that are all free. */
  private readonly freeBlocks: number[] = [];

  /** A free number. */
  take(): number {
    for (;;) {
      const number = this.singles.pop();
      if (number === undefined) {
        const block = this.freeBlocks.pop();
        if (block === undefined) return this.fresh(1);
        for (let i = 0; i < TABLE_PAGES; i += 1) this.addSingle(block * TABLE_PAGES + i);
      } else if (this.states[number] === State.SINGLE) {
        this.states[number] = 0;
        this.singleCount -= 1;
        this.countFree(number, -1);
        return number;
      }
    }
  }

  /** The first of 512 free numbers, a multiple of 512. */
  takeBlock(): number {
    const block = this.freeBlocks.pop();
    const first = block === undefined ? this.freshBlock() : block * TABLE_PAGES;
    this.states.fill(0, first, first + TABLE_PAGES);
    this.blocks.set(first / TABLE_PAGES, 0);
    return first;
  }

  /** A number that is free from now on. */
  give(number: number): void {
    this.addSingle(number);
    const block = Math.floor(number / TABLE_PAGES);
    if (this.countFree(number, 1) === TABLE_PAGES) {
      this.states.fill(State.IN_BLOCK, block * TABLE_PAGES, (block + 1) * TABLE_PAGES);
      this.singleCount -= TABLE_PAGES;
      this.freeBlocks.push(block);
    }
    if (this.singles.length > 2 * this.singleCount + MOST_STALE) this.dropStale();
  }

  private addSingle(number: number): void {
    this.states[number] = State.SINGLE;
    this.singles.push(number);
    this.singleCount += 1;
  }

  /** @returns how many numbers of its block are free; 0 where it belongs to none. */
  private countFree(number: number, change: number): number {
    const block = Math.floor(number / TABLE_PAGES);
    const before = this.blocks.get(block);
    if (before === undefined) return 0;
    this.blocks.set(block, before + change);
    return before + change;
  }

  private dropStale(): void {
    const kept: number[] = [];
    for (const number of this.singles) {
      if (this.states[number] !== State.SINGLE) continue;
      this.states[number] = State.SEEN;
      kept.push(number);
    }
    for (const number of kept) this.states[number] = State.SINGLE;
    this.singles = kept;
  }

  private freshBlock(): number {
    while (this.end % TABLE_PAGES !== 0) this.addSingle(this.fresh(1));
    return this.fresh(TABLE_PAGES);
  }

  private fresh(count: number): number {
    const first = this.end;
    this.end += count;
    if (this.end > this.states.length) {
      const larger = new Uint8Array(Math.max(this.end, this.states.length * 2));
      larger.set(this.states);
      this.states = larger;
    }
    return first;
  }
}
