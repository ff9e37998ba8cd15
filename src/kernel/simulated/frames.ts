// Physical memory: frames, how many page-table entries map each, and their bytes where these are not all zero.
import { PAGE_SIZE } from "../../memory/page.ts";
import { TABLE_PAGES } from "./entry.ts";
import { FrameNumbers } from "./frame-numbers.ts";
import { OutOfMemory } from "./out-of-memory.ts";
import { Slots } from "./slots.ts";

/** The page of zeroes. It is mapped anywhere and never counted. */
export const ZERO_FRAME = 0;

/** Of a limited machine's memory the kernel itself may have one part in so many. */
const KEPT_SHARE = 8;

export class Frames {
  /** How many entries map the frame, a file's page cache not counted. */
  private mapped = new Int32Array(1024);
  /** Of a file's frames: 1 where it was ever stored to. */
  private dirty = new Uint8Array(1024);
  /** Frames without bytes of their own read as zero: most pages of a simulated program are only touched. */
  private readonly bytes = new Map<number, Uint8Array<ArrayBuffer>>();
  private readonly slots = new Slots(PAGE_SIZE);
  /** The first frame of the huge page that a frame is still a part of, though its pages may be mapped one by one. */
  private readonly folios = new Map<number, number>();
  /** Huge pages, by their first frames, that MADV_FREE gave up as a whole. */
  private readonly givenUp = new Set<number>();
  /** Frames that were locked when mremap took the lock off the memory they are in. */
  private readonly locked = new Set<number>();
  private readonly numbers = new FrameNumbers();
  /** Frames in use. */
  used = 0;
  /** Pages in use for what the kernel itself keeps: page tables, areas. */
  private kept = 0;
  /** How many pages the machine has. */
  limit = Number.POSITIVE_INFINITY;

  /** One past the highest number that a frame ever had: so many are kept account of. */
  get highest(): number {
    return this.numbers.end;
  }

  /** Pages in use, whatever for. */
  get taken(): number {
    return this.used + this.kept;
  }

  /**
   * Takes pages for the kernel's own use, or gives them back where the number is negative.
   * @throws {OutOfMemory} there are not so many.
   */
  keep(pages: number): void {
    if (pages > 0) this.demand(pages);
    if (pages > 0 && this.kept + pages > this.limit / KEPT_SHARE) throw new OutOfMemory();
    this.kept += pages;
  }

  private demand(pages: number): void {
    if (this.taken + pages > this.limit) throw new OutOfMemory();
  }

  /** A frame of zeroes that nothing maps yet. @throws {OutOfMemory} */
  allocate(): number {
    this.demand(1);
    this.used += 1;
    return this.withRoom(this.numbers.take());
  }

  /** A huge page: the first of its frames, which follow one another. @throws {OutOfMemory} */
  allocateHuge(): number {
    this.demand(TABLE_PAGES);
    this.used += TABLE_PAGES;
    const first = this.withRoom(this.numbers.takeBlock());
    for (let i = 0; i < TABLE_PAGES; i += 1) this.folios.set(first + i, first);
    return first;
  }

  /** The first frame of the huge page that a frame is a part of; undefined for a page of its own. */
  folio(frame: number): number | undefined {
    return this.folios.get(frame);
  }

  /** Whether more than one entry maps any page of a huge page. */
  isShared(first: number): boolean {
    for (let i = 0; i < TABLE_PAGES; i += 1) if (this.mapped[first + i] > 1) return true;
    return false;
  }

  /** The same of a huge page that may have lost some of its pages since. */
  isPartShared(first: number): boolean {
    for (let i = 0; i < TABLE_PAGES; i += 1) {
      if (this.mapped[first + i] > 1 && this.folios.get(first + i) === first) return true;
    }
    return false;
  }

  /** How many entries map pages of a huge page, whosoever. */
  mapCounts(first: number): number {
    let count = 0;
    for (let i = 0; i < TABLE_PAGES; i += 1) if (this.folios.get(first + i) === first) count += this.mapped[first + i];
    return count;
  }

  giveUp(folio: number): void {
    this.givenUp.add(folio);
  }

  /** Takes back that a huge page was given up. @returns whether it was. */
  takeBack(folio: number): boolean {
    return this.givenUp.delete(folio);
  }

  isGivenUp(folio: number): boolean {
    return this.givenUp.has(folio);
  }

  /** Makes the frames of a huge page pages of their own. */
  splitFolio(first: number): void {
    this.givenUp.delete(first);
    for (let i = 0; i < TABLE_PAGES; i += 1) if (this.folios.get(first + i) === first) this.folios.delete(first + i);
  }

  map(frame: number): void {
    if (frame !== ZERO_FRAME) this.mapped[frame] += 1;
  }

  /** @returns whether nothing maps the frame any longer. */
  unmap(frame: number): boolean {
    if (frame === ZERO_FRAME) return false;
    this.mapped[frame] -= 1;
    return this.mapped[frame] === 0;
  }

  /** How many entries map it. */
  mapCount(frame: number): number {
    return this.mapped[frame];
  }

  markDirty(frame: number): void {
    this.dirty[frame] = 1;
  }

  /** Whether a file's frame was stored to. */
  isDirty(frame: number): boolean {
    return this.dirty[frame] === 1;
  }

  /** Keeps a frame from being paged out for as long as it is in use. */
  lock(frame: number): void {
    if (frame !== ZERO_FRAME) this.locked.add(frame);
  }

  isLocked(frame: number): boolean {
    return this.locked.has(frame);
  }

  release(frame: number): void {
    if (frame === ZERO_FRAME) return;
    this.locked.delete(frame);
    this.dirty[frame] = 0;
    this.used -= 1;
    this.forget(frame);
    this.folios.delete(frame);
    this.numbers.give(frame);
  }

  /** The frame's bytes to read until the frame is written or released; undefined where all are zero. */
  peek(frame: number): Uint8Array | undefined {
    return this.bytes.get(frame);
  }

  isZero(frame: number): boolean {
    const bytes = this.bytes.get(frame);
    return bytes === undefined || isAllZero(bytes);
  }

  write(frame: number, offset: number, from: Uint8Array): void {
    let bytes: Uint8Array | undefined = this.bytes.get(frame);
    if (!bytes) {
      if (isAllZero(from)) return;
      bytes = this.room(frame);
    }
    bytes.set(from, offset);
  }

  read(frame: number, offset: number, into: Uint8Array): void {
    const bytes = this.bytes.get(frame);
    if (bytes) into.set(bytes.subarray(offset, offset + into.length));
    else into.fill(0);
  }

  copy(from: number, to: number): void {
    const bytes = this.bytes.get(from);
    if (bytes) (this.bytes.get(to) ?? this.room(to)).set(bytes);
    else this.forget(to);
  }

  private room(frame: number): Uint8Array {
    const bytes = this.slots.take();
    this.bytes.set(frame, bytes);
    return bytes;
  }

  private forget(frame: number): void {
    const bytes = this.bytes.get(frame);
    if (!bytes) return;
    this.bytes.delete(frame);
    this.slots.give(bytes);
  }

  /** Makes room in the account for all frames that there are. @returns the frame. */
  private withRoom(frame: number): number {
    const { end } = this.numbers;
    if (end > this.mapped.length) {
      const larger = new Int32Array(Math.max(end, this.mapped.length * 2));
      larger.set(this.mapped);
      this.mapped = larger;
      const largerDirty = new Uint8Array(larger.length);
      largerDirty.set(this.dirty);
      this.dirty = largerDirty;
    }
    return frame;
  }
}

function isAllZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] !== 0) return false;
  return true;
}
