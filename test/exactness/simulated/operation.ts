// What a simulated program asks of its kernel and does to its memory, one operation after another, as the live performer takes it.

/** The calls of performer.c that programs make; "map" stands for what execve maps. */
export type CallName =
  | "mmap"
  | "munmap"
  | "mprotect"
  | "mremap"
  | "madvise"
  | "brk"
  | "memfd"
  | "create"
  | "open"
  | "ftruncate"
  | "close"
  | "load"
  | "store"
  | "vmread"
  | "vmwrite"
  | "fork"
  | "exec"
  | "exit";

export interface Operation {
  /** 0 is the process that is watched; children follow in the order they were born. */
  readonly process: number;
  /** Which of the process's threads the live kernel has it done by. */
  readonly thread: number;
  readonly call: CallName;
  /** As the registers carry them. load, store: address, bytes, first byte. brk: what was asked, the break before. */
  readonly args: readonly bigint[];
  /** What the call answers; of a load or a store the bytes done, and from bit 48 on the signal that ended it. */
  readonly result: number;
  /** Pages of the watched process that the call takes away beside those its arguments name: a file became shorter. */
  readonly dropped?: readonly (readonly [number, number])[];
}

const SIGNAL = 2 ** 48;

/** A load's or store's result. */
export function accessResult(done: number, signal: number): number {
  return done + signal * SIGNAL;
}

export function bytesDone(result: number): number {
  return result % SIGNAL;
}

export function toText({ process, thread, call, args, result }: Operation): string {
  return `${process}.${thread} ${call}(${args.map(arg => `0x${arg.toString(16)}`).join(", ")}) = ${result < 0 ? result : `0x${result.toString(16)}`}`;
}
