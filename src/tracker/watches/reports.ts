// What watches tell: what is watched and how, and the stores that were found.

/** Addresses in bytes, the end exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What becomes of a miss. "step": it is told ({@link WatchHandle.onMiss}) and waits for whoever asked, who steps over it while all other
 * threads stand. "pass": it is let through at once, and what else is stored in the moments until its page is shut again is found by
 * comparison. "auto": stepped over as long as that takes no more than half of the program's time, and let through at once beyond that.
 */
export type MissWay = "auto" | "step" | "pass";

export interface WatchOptions {
  /** Absent: "pass". */
  readonly misses?: MissWay | undefined;
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
  /** Whether every store is told before it is done, whatever else is stored meanwhile: no polling, and all misses were stepped over so far. */
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

/** Misses beside one range that were let through at once although they were to be stepped over, since they came too fast. */
export interface WatchHurry {
  readonly range: number;
  /** As many so far; told when it is a power of two. */
  readonly count: number;
}

/** A store beside the watched ranges, in a page of theirs; it waits. */
export interface WatchMiss {
  readonly id: number;
  readonly address: number;
  readonly threadId: number;
  readonly pc?: number | undefined;
}
