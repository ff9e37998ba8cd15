// The swap area (mm/swapfile.c): slots that hold pages while no frame does.

export class SwapArea {
  /** Slots; 0 as long as no swap is turned on. */
  size = 0;
  private readonly bytes = new Map<number, Uint8Array | undefined>();
  private readonly references = new Map<number, number>();
  private readonly free: number[] = [];
  private next = 1;

  get isFull(): boolean {
    return this.references.size >= this.size;
  }

  /** Puts a page's bytes into a slot; undefined bytes are zeroes. @returns the slot. */
  store(bytes: Uint8Array | undefined, references: number): number {
    const slot = this.free.pop() ?? this.next++;
    this.bytes.set(slot, bytes?.slice());
    this.references.set(slot, references);
    return slot;
  }

  peek(slot: number): Uint8Array | undefined {
    return this.bytes.get(slot);
  }

  /** One more entry refers to the slot. */
  share(slot: number): void {
    this.references.set(slot, (this.references.get(slot) ?? 0) + 1);
  }

  /** One entry less refers to it. */
  release(slot: number): void {
    const left = (this.references.get(slot) ?? 1) - 1;
    if (left > 0) {
      this.references.set(slot, left);
      return;
    }
    this.references.delete(slot);
    this.bytes.delete(slot);
    this.free.push(slot);
  }
}
