// A stopped process's memory by address, read through the kernel in pieces that are kept: who walks a heap looks at every page of it.
import type { Kernel } from "../kernel/kernel.ts";
import { addressOf, PAGE_SIZE, pageOf } from "../memory/page.ts";
import type { MemoryReader } from "../names/bytes.ts";

/** Pages read at once. */
const PIECE = 16;
/** Pieces kept: 16 MiB. */
const MOST_PIECES = 256;

/** What it has read stays as it was: one is good for one standstill of the process. */
export class ProcessMemory implements MemoryReader {
  private readonly kernel: Pick<Kernel, "readPages">;
  private readonly pid: number;
  /** By their first page, the one longest unused first; as many bytes of each as can be read from its begin on. */
  private readonly pieces = new Map<number, Uint8Array>();

  constructor(kernel: Pick<Kernel, "readPages">, pid: number) {
    this.kernel = kernel;
    this.pid = pid;
  }

  read(address: number, length: number): Uint8Array | undefined {
    if (!(address >= 0 && length >= 0 && Number.isSafeInteger(address + length))) return undefined;
    const first = pageOf(address);
    const piece = Math.floor(first / PIECE) * PIECE;
    const end = Math.ceil((address + length) / PAGE_SIZE);
    if (end <= piece + PIECE) {
      const from = address - addressOf(piece);
      const bytes = this.piece(piece);
      if (from + length <= bytes.length) return bytes.subarray(from, from + length);
    }
    // It lies in several pieces, or behind a page that can't be read.
    const bytes = this.pages(first, end);
    const from = address - addressOf(first);
    return from + length <= bytes.length ? bytes.subarray(from, from + length) : undefined;
  }

  private piece(start: number): Uint8Array {
    const known = this.pieces.get(start);
    if (known) {
      this.pieces.delete(start);
      this.pieces.set(start, known);
      return known;
    }
    const bytes = this.pages(start, start + PIECE);
    this.pieces.set(start, bytes);
    if (this.pieces.size > MOST_PIECES) this.pieces.delete(this.pieces.keys().next().value ?? start);
    return bytes;
  }

  private pages(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array((end - start) * PAGE_SIZE);
    try {
      return bytes.subarray(0, this.kernel.readPages(this.pid, Float64Array.of(start, end), bytes));
    } catch {
      // The first page is not there, or the process is not ours to read: nothing is known of it.
      return bytes.subarray(0, 0);
    }
  }
}
