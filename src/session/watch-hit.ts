// What is asked of Stop at Write, and what is told of it: the watches of a session, and the stores that met them.
import type { SourceLocation, Thread } from "../recording/step.ts";
import type { ByteRange, WatchHit, WatchMiss } from "../tracker/watches/reports.ts";
import type { WatchCondition } from "./watch-condition.ts";

/** One watch, resolved to addresses. */
export interface WatchRequest {
  readonly id: string;
  /** What is watched, as the user named it: "counters". */
  readonly what: string;
  readonly ranges: readonly ByteRange[];
  /** Absent: every store into the ranges. */
  readonly condition?: WatchCondition;
  /** Tell of the store and go on, instead of stopping. */
  readonly log?: boolean;
}

/** How one watch stands. */
export interface WatchState {
  /** "waiting": it is set as soon as the program halts. */
  readonly state: "watched" | "waiting" | "refused";
  /** What the user should know, a sentence each: why it is refused, that a miss costs a step, that a debugger's own data breakpoint does better. */
  readonly notes: readonly string[];
  /** Stores that met it, those that its condition passed by among them. */
  readonly hits: number;
}

/** A store into a watch, or a change of it. */
export interface Hit {
  /** 1 for the session's first one that its watch's condition lets through. */
  readonly number: number;
  readonly watch: WatchRequest;
  /** Of the first byte stored. */
  readonly address: number;
  /** As the debugger numbers threads. */
  readonly thread: Thread;
  /**
   * "store": an instruction of the program's. "system call": the kernel, on the program's behalf. "another process": one that pokes in
   * it. "unknown": found changed after the fact.
   */
  readonly by: WatchHit["by"];
  /** By which system call; its name where it is known, as "read(3, 0x7f…, 5)". */
  readonly systemCall?: { readonly number: number; readonly args: readonly number[]; readonly words: string };
  /** Whether the program stands before the store; else it is done. */
  readonly isBefore: boolean;
  /** Where the thread stood; absent where the debugger could not say. */
  readonly place?: SourceLocation;
  /** The frames from `place` outwards, as far as they were asked for. */
  readonly stack: readonly SourceLocation[];
  /** The watched bytes from `beforeAt` on, as they were before the store. */
  readonly before: Uint8Array;
  /** Address of the first byte of `before`. */
  readonly beforeAt: number;
  /** The same bytes after it, where that is known: where the program stands behind the store. */
  readonly after?: Uint8Array;
  /** Whether the program stands there; else it was told, and went on. */
  readonly stopped: boolean;
  /** One sentence: "Stopped before a write to counters (counters+68) in thread 17." */
  readonly words: string;
}

/** A miss as the halt for it is asked for: a store into none of the ranges, which nobody is told of. */
export function missAsHit({ id, address, threadId, pc }: WatchMiss): WatchHit {
  return {
    ...{ id, address, threadId, by: "store", waits: true, range: NO_RANGE, start: address, before: new Uint8Array() },
    ...(pc === undefined ? {} : { pc }),
  };
}

export function isMiss({ range }: WatchHit): boolean {
  return range === NO_RANGE;
}

const NO_RANGE = -1;
