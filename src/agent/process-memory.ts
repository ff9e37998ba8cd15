// A stopped process's memory by address: only what is in memory is read, as reading anything else would bring it there.
import type { Kernel, Pagemap } from "../kernel/kernel.ts";
import { RegionVector } from "../kernel/region-vector.ts";
import { Category } from "../memory/category.ts";
import { addressOf, PAGE_SIZE, pageOf, USER_PAGES_END } from "../memory/page.ts";
import type { MemoryReader } from "../names/bytes.ts";

/** Pages read at once: who walks a heap looks at every page of it. */
const PIECE = 32;
/** Pieces kept: 16 MiB. */
const MOST_PIECES = 128;

interface Piece {
  readonly bytes: Uint8Array;
  /** For each page whether its bytes are known. */
  readonly known: readonly boolean[];
}

/** What it has read stays as it was: one is good for one standstill of the process. Whoever has it owes it a {@link close}. */
export class ProcessMemory implements MemoryReader {
  private readonly kernel: Pick<Kernel, "readPages" | "openPagemap">;
  private readonly pid: number;
  private readonly vector = new RegionVector(PIECE);
  private pagemap: Pagemap | undefined;
  /** By their first page, the one longest unused first. */
  private readonly pieces = new Map<number, Piece>();

  constructor(kernel: Pick<Kernel, "readPages" | "openPagemap">, pid: number) {
    this.kernel = kernel;
    this.pid = pid;
  }

  /** @returns undefined also where a page of it is not in memory: it was never touched, or is swapped out. */
  read(address: number, length: number): Uint8Array | undefined {
    const end = address + length;
    if (!(address >= 0 && length > 0 && end <= addressOf(USER_PAGES_END))) return undefined;
    const first = Math.floor(pageOf(address) / PIECE) * PIECE;
    if (end <= addressOf(first + PIECE)) return this.part(first, address, end);
    const bytes = new Uint8Array(length);
    for (let piece = first; addressOf(piece) < end; piece += PIECE) {
      const from = Math.max(address, addressOf(piece));
      const part = this.part(piece, from, Math.min(end, addressOf(piece + PIECE)));
      if (!part) return undefined;
      bytes.set(part, from - address);
    }
    return bytes;
  }

  close(): void {
    this.pagemap?.close();
    this.pagemap = undefined;
  }

  private part(first: number, address: number, end: number): Uint8Array | undefined {
    const { bytes, known } = this.piece(first);
    for (let page = pageOf(address); addressOf(page) < end; page += 1) if (!known[page - first]) return undefined;
    return bytes.subarray(address - addressOf(first), end - addressOf(first));
  }

  private piece(first: number): Piece {
    let piece = this.pieces.get(first);
    this.pieces.delete(first);
    piece ??= this.look(first);
    this.pieces.set(first, piece);
    if (this.pieces.size > MOST_PIECES) this.pieces.delete(this.pieces.keys().next().value ?? first);
    return piece;
  }

  private look(first: number): Piece {
    const bytes = new Uint8Array(PIECE * PAGE_SIZE);
    const known = new Array<boolean>(PIECE).fill(false);
    try {
      this.pagemap ??= this.kernel.openPagemap(this.pid);
      const end = Math.min(first + PIECE, USER_PAGES_END);
      const bit = Category.PRESENT;
      const request = { start: first, end, flags: 0, inverted: 0, required: bit, anyOf: 0, returned: bit };
      const { regions } = this.pagemap.scan(request, this.vector);
      for (let i = 0; i < regions; i += 1) {
        const [start, stop] = [this.vector.start(i), this.vector.end(i)];
        const into = bytes.subarray((start - first) * PAGE_SIZE, (stop - first) * PAGE_SIZE);
        known.fill(true, start - first, start - first + this.pages(start, stop, into));
      }
    } catch {
      // The process is gone, or not ours to read: nothing is known of it.
    }
    return { bytes, known };
  }

  /** @returns how many pages were read: a page that may not be read ends it. */
  private pages(start: number, end: number, into: Uint8Array): number {
    try {
      return Math.floor(this.kernel.readPages(this.pid, Float64Array.of(start, end), into) / PAGE_SIZE);
    } catch {
      return 0;
    }
  }
}
