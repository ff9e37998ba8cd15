// Copies of pages within a budget: one a page, in slots of large blocks. What was copied longest ago goes first.
import { PAGE_SIZE } from "../../memory/page.ts";

/** Pages in a block. */
const BLOCK = 256;
/** So many that were renewed are passed over before one of them goes all the same: nobody waits for more. */
const MOST_PASSED = 32;

export class PageCopies {
  /** How many pages there is room for. */
  readonly capacity: number;
  private readonly blocks: Uint8Array[] = [];
  /** The slot of each page that has a copy; in the order in which they were written, those never written apart. */
  private readonly written = new Map<number, number>();
  private readonly unwritten = new Map<number, number>();
  /** Pages of {@link unwritten} in the order they were copied, the hottest first: the last one is the first to go. */
  private order: number[] = [];
  private readonly free: number[] = [];
  private slots = 0;
  /**
   * One more than the page in each slot, 0 for none: where one page's copy is, the next page's is mostly behind it, and this is quicker
   * than a map.
   */
  private readonly pages: Float64Array;
  private lastFound = 0;
  /** 1 for each slot whose page was written again since it came into line; only when one must go does it go to the line's end. */
  private readonly renewed: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.pages = new Float64Array(capacity);
    this.renewed = new Uint8Array(capacity);
  }

  /** Whether another page's copy costs an older one. */
  get isFull(): boolean {
    return this.free.length === 0 && this.slots >= this.capacity;
  }

  /** How many pages have a copy. */
  get count(): number {
    return this.written.size + this.unwritten.size;
  }

  /** The slot of a page's copy, -1 where it has none. */
  slotOf(page: number): number {
    const slot =
      this.pages[this.lastFound + 1] === page + 1
        ? this.lastFound + 1
        : (this.written.get(page) ?? this.unwritten.get(page) ?? -1);
    if (slot >= 0) this.lastFound = slot;
    return slot;
  }

  bytesOf(slot: number): Uint8Array {
    return this.blocks[(slot / BLOCK) | 0];
  }

  /** Where a slot begins in its block's bytes. */
  offsetOf(slot: number): number {
    return (slot % BLOCK) * PAGE_SIZE;
  }

  /** A slot for the first copy of a page that nobody has written. @returns -1 where the budget is spent. */
  add(page: number): number {
    const slot = this.freeSlot();
    if (slot < 0) return -1;
    this.enter(this.unwritten, page, slot);
    if (this.order.length > this.capacity * 2) this.order = this.order.filter(other => this.unwritten.has(other));
    this.order.push(page);
    return slot;
  }

  /**
   * The slot for a page that was written just now, the same as before where it has one; room is made for it.
   * @returns -1 where the budget is zero.
   */
  touch(page: number): number {
    const known = this.slotOf(page);
    if (known >= 0) {
      this.renew(page, known);
      return known;
    }
    const free = this.freeSlot();
    const slot = free >= 0 ? free : this.evict();
    if (slot >= 0) this.enter(this.written, page, slot);
    return slot;
  }

  /** A page that has a copy, in that slot, was written just now. */
  renew(page: number, slot: number): void {
    if (this.renewed[slot] === 0 && this.unwritten.delete(page)) this.written.set(page, slot);
    else this.renewed[slot] = 1;
  }

  drop(page: number): void {
    const slot = this.slotOf(page);
    if (slot < 0) return;
    this.written.delete(page);
    this.unwritten.delete(page);
    this.pages[slot] = 0;
    this.free.push(slot);
  }

  /** The pages of [start, end) that have a copy, in no order. */
  *pagesIn(start: number, end: number): Generator<number> {
    if (end - start < this.count) {
      for (let page = start; page < end; page += 1) if (this.slotOf(page) >= 0) yield page;
      return;
    }
    for (const map of [this.written, this.unwritten]) {
      for (const page of map.keys()) if (start <= page && page < end) yield page;
    }
  }

  private freeSlot(): number {
    const slot = this.free.pop();
    if (slot !== undefined) return slot;
    if (this.slots >= this.capacity) return -1;
    if (this.slots % BLOCK === 0) {
      this.blocks.push(new Uint8Array(Math.min(BLOCK, this.capacity - this.slots) * PAGE_SIZE));
    }
    this.slots += 1;
    return this.slots - 1;
  }

  private enter(line: Map<number, number>, page: number, slot: number): void {
    line.set(page, slot);
    this.pages[slot] = page + 1;
    this.renewed[slot] = 0;
  }

  private evict(): number {
    while (this.order.length > 0) {
      const page = this.order.pop() as number;
      const slot = this.unwritten.get(page);
      if (slot === undefined) continue;
      this.unwritten.delete(page);
      return slot;
    }
    let passed = 0;
    for (const [page, slot] of this.written) {
      this.written.delete(page);
      if (this.renewed[slot] === 0 || passed === MOST_PASSED) return slot;
      this.enter(this.written, page, slot);
      passed += 1;
    }
    return -1;
  }
}
