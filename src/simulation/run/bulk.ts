// memset and memmove in pieces, so that gigabytes do not keep the debugger waiting.
import type { SystemCalls } from "../../kernel/simulated/system-calls.ts";
import { HeldAccess } from "../../kernel/simulated/waiting.ts";
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
  /** What a copy has loaded of its present piece, and how much of that is stored. */
  private loaded: Uint8Array | undefined;
  private stored = 0;
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
    this.guarded(
      () => this.calls.store(to, this.patternOf(this.value, piece)),
      stored => {
        rest.to = add(rest.to, stored);
        rest.length -= stored;
      },
      piece,
    );
    return rest.length === 0 && this.done();
  }

  /** @returns whether it is done. Ranges may overlap: what is copied is what was there before. */
  copy(to: Integer, from: Integer, length: Integer): boolean {
    this.rest ??= { to, from, length: checkedLength(length) };
    const { rest } = this;
    if (rest.length === 0) return this.done();
    const isBackward = rest.to > rest.from;
    const piece = this.loaded?.length ?? Math.min(PIECE, rest.length);
    const offset = isBackward ? rest.length - piece : 0;
    if (!this.loaded) {
      const bytes = new Uint8Array(piece);
      this.guarded(() => this.calls.load(userAddress(add(rest.from, offset), false), bytes));
      this.loaded = bytes;
    }
    const { loaded } = this;
    this.guarded(
      () => this.calls.store(userAddress(add(rest.to, offset + this.stored), true), loaded.subarray(this.stored)),
      stored => {
        this.stored += stored;
      },
    );
    this.loaded = undefined;
    this.stored = 0;
    rest.length -= piece;
    if (!isBackward) {
      rest.to = add(rest.to, piece);
      rest.from = add(rest.from, piece);
    }
    return rest.length === 0 && this.done();
  }

  private done(): true {
    this.forget();
    return true;
  }

  private forget(): void {
    this.rest = undefined;
    this.loaded = undefined;
    this.stored = 0;
  }

  /**
   * A fault ends the operation; where a userfaultfd holds the access, it goes on later from the byte that is held.
   * @param progress told how many bytes were reached: those before the held one, or `all` where all were.
   */
  private guarded(access: () => void, progress?: (bytes: number) => void, all = 0): void {
    try {
      access();
      progress?.(all);
    } catch (error) {
      if (error instanceof HeldAccess) progress?.(error.done);
      else this.forget();
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
