// Host memory for many small pieces of one size, cut from large ones: as many buffers of their own would keep the collector busy.

/** Bytes of host memory that are asked for at once. */
const SLAB_BYTES = 2 ** 20;

export class Slots {
  private readonly size: number;
  /** Pieces that were given back, and may hold anything. */
  private readonly used: { readonly buffer: ArrayBuffer; readonly offset: number }[] = [];
  /** The slab that is being cut, from `next` on. */
  private slab = new ArrayBuffer(0);
  private next = 0;

  /** @param size of a piece, in bytes: a multiple of 8. */
  constructor(size: number) {
    this.size = size;
  }

  /** A piece of zeroes. */
  take(): Uint8Array<ArrayBuffer> {
    const slot = this.used.pop();
    if (slot) return new Uint8Array(slot.buffer, slot.offset, this.size).fill(0);
    if (this.next + this.size > this.slab.byteLength) {
      this.slab = new ArrayBuffer(SLAB_BYTES);
      this.next = 0;
    }
    this.next += this.size;
    return new Uint8Array(this.slab, this.next - this.size, this.size);
  }

  /** Takes a piece back, which nobody may use any longer. */
  give({ buffer, byteOffset }: Uint8Array<ArrayBuffer>): void {
    this.used.push({ buffer, offset: byteOffset });
  }
}
