// What watches tell: what is watched and how, and the stores that were found.

/** Addresses in bytes, the end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface WatchOptions {
  /** Whether whoever asked steps over misses ({@link WatchHandle.onMiss}); else each is let through at once. */
  readonly steps?: boolean | undefined;
  /** Ranges of more pages are refused; absent: 2^22, that is 16 GiB, for which the kernel makes page tables of 32 MiB. */
  readonly mostPages?: number | undefined;
}

/**
 * "stop": stores wait before they are done. "poll": the range is looked at some hundred times a second, and a change is told a moment
 * after the fact, without its thread and place.
 */
export type WatchWay = "stop" | "poll";

/** A part of a range that is asked for, in one mapping. */
export interface WatchedPart extends ByteRange {
  /** Which of the ranges asked for it belongs to. */
  readonly range: number;
  readonly way: WatchWay;
  /** Why it is polled, and what to do about it; absent where stores wait. */
  readonly why?: string | undefined;
  /**
   * The mapping it lies in, where stores would wait if that were anonymous memory: a private, writable mapping of a file, as of
   * initialized globals.
   */
  readonly inPrivateFile?: ByteRange | undefined;
}

/** What is not watched, or not well. */
export interface WatchWarning extends ByteRange {
  readonly range: number;
  /** Whether nothing of it is watched. */
  readonly refused: boolean;
  readonly reason: string;
}

export interface WatchReport {
  readonly parts: readonly WatchedPart[];
  readonly warnings: readonly WatchWarning[];
  /** Pages watched. */
  readonly pages: number;
  /** Of them those of which only a part is watched: a store to the rest of one is a miss, and costs. */
  readonly edgePages: number;
  /** Whether every store is told before it is done, whatever else is stored meanwhile: no polling, and misses are stepped over. */
  readonly exact: boolean;
  readonly microseconds: number;
}

export interface WatchHit {
  /** Counts hits and misses together, from 1. */
  readonly id: number;
  /** The first byte that the store writes; of a change found after the fact, the first byte that differs. */
  readonly address: number;
  /** The system's number; 0 where it is not known. */
  readonly threadId: number;
  /**
   * "store": an instruction of the program. "system call": the kernel, on the program's behalf. "another process": a debugger that pokes,
   * or process_vm_writev. "unknown": found after the fact, see `words`.
   */
  readonly by: "store" | "system call" | "another process" | "unknown";
  /** Whether the store is still to be done, and waits for {@link WatchHandle.pass}. All others are over, or let through at once. */
  readonly waits: boolean;
  /** The storing instruction; of a system call, behind the instruction that made it. */
  readonly pc?: number | undefined;
  readonly systemCall?: { readonly number: number; readonly args: readonly number[] } | undefined;
  /** Which of the ranges asked for. */
  readonly range: number;
  /** Where `before` begins: within the range. */
  readonly start: number;
  /** Bytes of the range from `start` on, at most 64, as they were before the store; empty where they could not be read. */
  readonly before: Uint8Array;
  /** The same bytes now, of a change found after the fact. */
  readonly after?: Uint8Array | undefined;
  /** The watched bytes that changed, of a change found after the fact. */
  readonly changed?: readonly ByteRange[] | undefined;
  /** For what is found after the fact, how: a sentence. */
  readonly words?: string | undefined;
}

/** A store beside the watched ranges, in a page of theirs; it waits. */
export interface WatchMiss {
  readonly id: number;
  readonly address: number;
  readonly threadId: number;
  readonly pc?: number | undefined;
}
