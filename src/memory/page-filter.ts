// Answers at once, and in a byte a page, that a page is not in a set; of one page in forty that is not, it can't tell.

/** Bits for each page (a Bloom filter); two of them are looked at. */
const BITS_A_PAGE = 12;

export class PageFilter {
  private readonly words: Uint32Array;
  /** Bits less one; their number is a power of two. */
  private readonly mask: number;

  /** @param count how many pages there are. */
  constructor(pages: Iterable<number>, count: number) {
    const bits = 2 ** Math.max(5, Math.ceil(Math.log2(Math.max(1, count) * (BITS_A_PAGE / 1.5))));
    this.words = new Uint32Array(bits / 32);
    this.mask = bits - 1;
    for (const page of pages) {
      const hash = hashOf(page);
      this.set(hash & this.mask);
      this.set(((hash >>> 7) & this.mask) ^ ((hash << 9) & this.mask));
    }
  }

  get byteLength(): number {
    return this.words.byteLength;
  }

  /** False: it surely is not in the set. */
  mayHold(page: number): boolean {
    const hash = hashOf(page);
    return this.has(hash & this.mask) && this.has(((hash >>> 7) & this.mask) ^ ((hash << 9) & this.mask));
  }

  private set(bit: number): void {
    this.words[bit >>> 5] |= 1 << (bit & 31);
  }

  private has(bit: number): boolean {
    return (this.words[bit >>> 5] & (1 << (bit & 31))) !== 0;
  }
}

/** 32 bits that depend on all of a page's number (Murmur's finalizer). */
function hashOf(page: number): number {
  let hash = (page | 0) ^ Math.imul(Math.floor(page / 2 ** 32), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
