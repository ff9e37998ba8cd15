// memset and memmove in pieces, so that gigabytes do not keep the debugger waiting.
import type { SystemCalls } from "../../kernel/simulated/system-calls.ts";
import { PAGE_SIZE } from "../../memory/page.ts";
import { add, type Integer } from "../language/integer.ts";
import { ProgramFailure } from "./code.ts";
import { userAddress } from "./user-address.ts";

/** One call of the kernel each. */
const PIECE = 2 ** 20;

export class Bulk {
  private readonly calls: SystemCalls;
  /** What is left to do of an operation that has begun. */
  private rest: { to: Integer; from: Integer; length: number } | undefined;
  private pattern = new Uint8Array(0);
  private value = 0;

  constructor(calls: SystemCalls) {
    this.calls = calls;
  }

  /** @returns whether it is done; until then the arguments of the first call hold. */
  fill(address: Integer, length: Integer, value: number): boolean {
    if (!this.rest) {
      this.rest = { to: address, from: 0, length: checkedLength(length) };
      this.value = value;
    }
    const { rest } = this;
    if (rest.length === 0) return this.done();
    const to = userAddress(rest.to, true);
    // Pieces end where pages do.
    const piece = Math.min(PIECE - (to % PAGE_SIZE), rest.length);
    this.guarded(() => this.calls.store(to, this.patternOf(this.value, piece)));
    rest.to = add(rest.to, piece);
    rest.length -= piece;
    return rest.length === 0 && this.done();
  }

  /** @returns whether it is done. Ranges may overlap: what is copied is what was there before. */
  copy(to: Integer, from: Integer, length: Integer): boolean {
    this.rest ??= { to, from, length: checkedLength(length) };
    const { rest } = this;
    if (rest.length === 0) return this.done();
    const piece = Math.min(PIECE, rest.length);
    const isBackward = rest.to > rest.from;
    const offset = isBackward ? rest.length - piece : 0;
    const bytes = new Uint8Array(piece);
    this.guarded(() => {
      this.calls.load(userAddress(add(rest.from, offset), false), bytes);
      this.calls.store(userAddress(add(rest.to, offset), true), bytes);
    });
    rest.length -= piece;
    if (!isBackward) {
      rest.to = add(rest.to, piece);
      rest.from = add(rest.from, piece);
    }
    return rest.length === 0 && this.done();
  }

  private done(): true {
    this.rest = undefined;
    return true;
  }

  /** A fault ends the operation. */
  private guarded(access: () => void): void {
    try {
      access();
    } catch (error) {
      this.rest = undefined;
      throw error;
    }
  }

  private patternOf(value: number, length: number): Uint8Array {
    if (this.pattern.length < length) this.pattern = new Uint8Array(Math.min(PIECE, length * 2)).fill(value);
    else if (this.pattern[0] !== value) this.pattern.fill(value);
    return this.pattern.subarray(0, length);
  }
}

function checkedLength(length: Integer): number {
  if (length < 0) throw new ProgramFailure(`a length of ${length} bytes`);
  return Number(length);
}
