// Host memory for many small pieces of one size, cut from large ones: as many buffers of their own would keep the collector busy.

/** Bytes of host memory that are asked for at once. */
const SLAB_BYTES = 2 ** 20;

export class Slots {
  private readonly size: number;
  private free: { readonly buffer: ArrayBuffer; readonly offset: number }[] = [];

  /** @param size of a piece, in bytes: a multiple of 8. */
  constructor(size: number) {
    this.size = size;
  }

  /** A piece of zeroes, as what `make` makes of it. */
  take<T>(make: (buffer: ArrayBuffer, offset: number) => T): T {
    const slot = this.free.pop();
    if (!slot) {
      const buffer = new ArrayBuffer(Math.floor(SLAB_BYTES / this.size) * this.size);
      for (let offset = buffer.byteLength - this.size; offset >= 0; offset -= this.size) {
        this.free.push({ buffer, offset });
      }
      return this.take(make);
    }
    new Uint8Array(slot.buffer, slot.offset, this.size).fill(0);
    return make(slot.buffer, slot.offset);
  }

  /** Takes a piece back, which nobody may use any longer. */
  give({ buffer, byteOffset }: { readonly buffer: ArrayBufferLike; readonly byteOffset: number }): void {
    this.free.push({ buffer: buffer as ArrayBuffer, offset: byteOffset });
  }
}
