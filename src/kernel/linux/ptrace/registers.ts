// How a processor makes a system call, as a tracer sees it: what is set before, what is read after, and what tells an interrupted call.

/** One kind of processor's. Registers are a regset of NT_PRSTATUS, eight bytes each. */
export interface CallRegisters {
  /** How many there are. */
  readonly count: number;
  /** The instruction that makes a system call. */
  readonly instruction: Uint8Array;
  /** Number of the system call that the thread was in when it stopped; undefined where it was in its own code. */
  interrupted(registers: BigUint64Array): number | undefined;
  /** What that call's result is so far, -512 and below for one that the kernel begins anew; undefined where that can't be seen. */
  result(registers: BigUint64Array): number;
  /** Where the thread's next instruction is. */
  pc(registers: BigUint64Array): number;
  /** Whether the thread runs code of this width: not a 64-bit program's, or not now, where false. */
  isNative(registers: BigUint64Array): boolean;
  /** Where the instruction stands, if anywhere, that made the interrupted call. */
  callSite(registers: BigUint64Array): number;
  /** Makes registers run a call with the instruction at an address; the kernel will begin no interrupted call anew after it. */
  prepare(registers: BigUint64Array, instruction: number, number: number, args: readonly number[]): void;
  /** Makes an interrupted call that would tell of EINTR begin anew, unless a handler of a signal runs first: as -ERESTARTNOHAND. */
  beginAnew(registers: BigUint64Array): void;
}
