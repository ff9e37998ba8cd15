// A file as memory sees it: its page cache (mm/filemap.c, mm/shmem.c). Memfds and shared memory of no file are files too.
import { PAGE_SIZE } from "../../memory/page.ts";
import type { Frames } from "./frames.ts";
import type { SwapArea } from "./swap-area.ts";

export class MemoryFile {
  /** As maps shows it. */
  readonly path: string;
  readonly device: string;
  readonly inode: number;
  /** Bytes. */
  size: number;
  /** Pages before this one are on disk and were read ahead; what a longer size adds is a hole. */
  private aheadEnd: number;
  /** Pages before aheadEnd that were taken away since. */
  private readonly punched = new Set<number>();
  /** A memfd or shared memory: its pages can go to swap, and live as long as the file. */
  readonly inMemory: boolean;
  /** Frame of each page in the cache. */
  readonly cache = new Map<number, number>();
  /** Slot in the swap area of each page that is there instead. */
  readonly swapped = new Map<number, number>();

  constructor(path: string, device: string, inode: number, size: number, inMemory: boolean) {
    this.path = path;
    this.device = device;
    this.inode = inode;
    this.size = size;
    this.inMemory = inMemory;
    this.aheadEnd = inMemory ? 0 : this.endPage;
  }

  /** Gives the file another size; the caller takes the pages beyond it away. */
  resize(bytes: number): void {
    this.size = bytes;
    this.aheadEnd = Math.min(this.aheadEnd, this.endPage);
  }

  /** Notes that pages [first, end) are holes now. */
  punch(first: number, end: number): void {
    for (let index = first; index < Math.min(end, this.aheadEnd); index += 1) this.punched.add(index);
  }

  private wasReadAhead(index: number): boolean {
    return index < this.aheadEnd && !this.punched.has(index);
  }

  /** The page's frame where it is in the cache without anyone waiting for it. */
  cachedPage(index: number, frames: Frames, swap: SwapArea): number | undefined {
    return this.wasReadAhead(index) ? this.page(index, frames, swap) : this.cache.get(index);
  }

  /** One past the last page that holds a byte of the file. */
  get endPage(): number {
    return Math.ceil(this.size / PAGE_SIZE);
  }

  /**
   * Reads a page from disk, and with it pages [first, end) as far as the file reaches.
   * @returns whether it was not there yet.
   */
  readAround(index: number, first: number, end: number, frames: Frames, swap: SwapArea): boolean {
    if (this.inMemory || index >= this.endPage || this.wasReadAhead(index) || this.cache.has(index)) return false;
    for (let at = first; at < Math.min(this.endPage, end); at += 1) this.page(at, frames, swap);
    return true;
  }

  /** Drops a page from the cache: what it held was never stored, or goes to swap. */
  forget(index: number, frames: Frames, swap?: SwapArea): void {
    const frame = this.cache.get(index);
    if (frame === undefined) return;
    if (swap) this.swapped.set(index, swap.store(frames.peek(frame), 1));
    this.cache.delete(index);
    frames.release(frame);
  }

  /** The page's frame, brought into the cache; undefined beyond the end (SIGBUS). */
  page(index: number, frames: Frames, swap: SwapArea): number | undefined {
    if (index >= this.endPage) return undefined;
    const cached = this.cache.get(index);
    if (cached !== undefined) return cached;
    const frame = frames.allocate();
    this.cache.set(index, frame);
    const slot = this.swapped.get(index);
    if (slot === undefined) return frame;
    const bytes = swap.peek(slot);
    if (bytes) frames.write(frame, 0, bytes);
    frames.markDirty(frame);
    swap.release(slot);
    this.swapped.delete(index);
    return frame;
  }
}
