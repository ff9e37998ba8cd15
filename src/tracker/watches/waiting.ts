// A store that waits: which it is, and whether one that comes is one that was there before.
import type { BlockedCall } from "../../kernel/kernel.ts";
import type { WatchHit } from "./reports.ts";

/** The widest store of one instruction, bytes. */
export const WIDEST_STORE = 64;

/** How soon a hindered thread comes again, milliseconds: it may have to wait for a processor. */
export const AT_ONCE = 20;

/** What is known of a store when it begins to wait. */
export interface Arrival {
  readonly address: number;
  readonly threadId: number;
  /** Whose thread that is. */
  readonly pid: number;
  readonly call: BlockedCall | undefined;
  /** {@link Kernel.faultsDone}. */
  readonly faults: number | undefined;
  /** How often its pages had been opened before. */
  readonly openings: number;
}

export interface Waiting extends Arrival {
  readonly id: number;
  readonly by: WatchHit["by"];
  /** Which of the ranges it writes to; -1 for a miss. */
  readonly range: number;
  /** One past the last byte that it may write; a system call copies as much as it likes. */
  readonly reach: number;
  /** The page that it waits for, and the next one where it may reach into that. */
  readonly pages: readonly number[];
  /** Whether a hit was told of it, under this number or an earlier one. */
  readonly isTold: boolean;
  /** Whether it was let through before, in vain. */
  readonly wasHindered: boolean;
  /** Tells it; again, where it comes again and nobody has let it through. */
  readonly tell: () => void;
  /** Whether it is to be let through. */
  isPassed: boolean;
  /** Whether it waits, so far as is known: a debugger that stops the thread ends its wait, and it begins anew when that goes on. */
  isThere: boolean;
  /** How often its pages were opened for it. */
  attempts: number;
}

/** A store that was let through, as the last one of its thread. */
export interface Passed {
  readonly waiting: Waiting;
  /** When its page was shut again, by `performance.now()`. */
  readonly shut: number;
  /** Whether any byte changed that it may have written. */
  readonly hasChanged: boolean;
}

/**
 * Whether a store that comes is the one that waited. While its page stays shut nothing can have been stored, however often the thread
 * is interrupted; where it was opened in between, the thread's count of faults tells whether this one is over.
 */
export function isSame(waiting: Waiting, arrival: Arrival): boolean {
  return isAlike(waiting, arrival) && (waiting.openings === arrival.openings || waiting.faults === arrival.faults);
}

/**
 * Whether a store that comes was let through just now, and hindered: its fault was over, and its page shut again before the instruction
 * was made anew. One that stores the same value once more, soon, looks the same, and passes as that one did; but not a third.
 */
export function isHindered({ waiting, hasChanged, shut }: Passed, arrival: Arrival, now: number): boolean {
  return !hasChanged && !waiting.wasHindered && now - shut < AT_ONCE && isAlike(waiting, arrival);
}

/** Whether a system call that comes to another page is the one that was there before: what it copies goes upwards. */
export function isSameCall(before: Arrival | undefined, arrival: Arrival): boolean {
  const [a, b] = [before?.call, arrival.call];
  if (!before || a?.kind !== "system call" || b?.kind !== "system call") return false;
  return (
    arrival.address > before.address &&
    a.number === b.number &&
    a.sp === b.sp &&
    a.pc === b.pc &&
    a.args.every((arg, i) => arg === b.args[i])
  );
}

/** Whether a thread that stores there now has gone on without that store: in a signal's handler, deeper in its stack, it would come back. */
export function hasGoneOn({ call }: Waiting, arrival: Arrival): boolean {
  return (arrival.call?.sp ?? 0) >= (call?.sp ?? 0);
}

function isAlike(a: Arrival, b: Arrival): boolean {
  return a.threadId === b.threadId && a.address === b.address && a.call?.pc === b.call?.pc;
}
