// Copies of pages within a budget: one a page, in slots of large blocks. What was copied longest ago goes first.
import { PAGE_SIZE } from "../../memory/page.ts";

/** Pages in a block. */
const BLOCK = 256;

export class PageCopies {
  /** How many pages there is room for. */
  readonly capacity: number;
  private readonly blocks: { readonly bytes: Uint8Array; readonly words: Int32Array }[] = [];
  /** The slot of each page that has a copy; in the order in which they were written, those never written apart. */
  private readonly written = new Map<number, number>();
  private readonly unwritten = new Map<number, number>();
  /** Pages of {@link unwritten} in the order they were copied, the hottest first: the last one is the first to go. */
  private order: number[] = [];
  private readonly free: number[] = [];
  private slots = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
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
    return this.written.get(page) ?? this.unwritten.get(page) ?? -1;
  }

  bytesOf(slot: number): Uint8Array {
    return this.blocks[(slot / BLOCK) | 0].bytes;
  }

  wordsOf(slot: number): Int32Array {
    return this.blocks[(slot / BLOCK) | 0].words;
  }

  /** Where a slot begins in its block's bytes. */
  offsetOf(slot: number): number {
    return (slot % BLOCK) * PAGE_SIZE;
  }

  /** A slot for the first copy of a page that nobody has written. @returns -1 where the budget is spent. */
  add(page: number): number {
    const slot = this.freeSlot();
    if (slot < 0) return -1;
    this.unwritten.set(page, slot);
    if (this.order.length > this.capacity * 2) this.order = this.order.filter(other => this.unwritten.has(other));
    this.order.push(page);
    return slot;
  }

  /**
   * The slot for a page that was written just now, the same as before where it has one; room is made for it.
   * @returns -1 where the budget is zero.
   */
  touch(page: number): number {
    let slot = this.written.get(page) ?? -1;
    if (slot >= 0) {
      // To the end of the line; nobody needs the order while half of the room is left.
      if (this.count * 2 < this.capacity) return slot;
      this.written.delete(page);
    } else {
      slot = this.unwritten.get(page) ?? -1;
      if (slot >= 0) this.unwritten.delete(page);
      else slot = this.freeSlot();
      if (slot < 0) slot = this.evict();
      if (slot < 0) return -1;
    }
    this.written.set(page, slot);
    return slot;
  }

  drop(page: number): void {
    const slot = this.slotOf(page);
    if (slot < 0) return;
    this.written.delete(page);
    this.unwritten.delete(page);
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
      const bytes = new Uint8Array(Math.min(BLOCK, this.capacity - this.slots) * PAGE_SIZE);
      this.blocks.push({ bytes, words: new Int32Array(bytes.buffer) });
    }
    this.slots += 1;
    return this.slots - 1;
  }

  private evict(): number {
    while (this.order.length > 0) {
      const page = this.order.pop() as number;
      const slot = this.unwritten.get(page);
      if (slot === undefined) continue;
      this.unwritten.delete(page);
      return slot;
    }
    for (const [page, slot] of this.written) {
      this.written.delete(page);
      return slot;
    }
    return -1;
  }
}
