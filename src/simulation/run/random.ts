// Random numbers that are the same for the same seed, on every machine (sfc32 by Chris Doty-Humphrey).
import { type Integer, toRegister } from "../language/integer.ts";

export class Random {
  private a: number;
  private b: number;
  private c = 0;
  private counter = 1;

  constructor(seed: Integer) {
    const bits = toRegister(seed);
    this.a = Number(bits & 0xffffffffn) | 0;
    this.b = Number(bits >> 32n) | 0;
    for (let i = 0; i < 12; i += 1) this.next32();
  }

  /** An integer from 0 up to, but without, `end`. */
  below(end: number): number {
    // 53 bits: of ends in use none is so large that the remainder's unevenness could be seen.
    const high = this.next32() & 0x1fffff;
    return (high * 2 ** 32 + this.next32()) % end;
  }

  /** The generator's state as a debugger shows it. */
  get state(): string {
    return [this.a, this.b, this.c, this.counter].map(word => (word >>> 0).toString(16).padStart(8, "0")).join(" ");
  }

  private next32(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }
}
