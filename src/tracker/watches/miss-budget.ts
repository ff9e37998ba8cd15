// How many misses are worth a halt of the whole program each, and which are let through at once.
import type { MissWay } from "./reports.ts";

/** As many are stepped over whatever that takes. */
const FIRST = 500;
/** The share of the program's time that they may take from then on; and how much of it they may save up, milliseconds. */
const SHARE = 0.5;
const MOST_SAVED = 2000;

/**
 * A miss that is stepped over costs the whole program some milliseconds, one that is let through at once some microseconds of its thread:
 * beside a hot neighbour, stepping every one would make the program a thousand times slower.
 */
export class MissBudget {
  private readonly way: MissWay;
  private credit = MOST_SAVED;
  private count = 0;
  private since: number;
  /** When each miss that waits was told. */
  private readonly told = new Map<number, number>();

  /** @param now milliseconds of any clock that only goes forward, as everywhere here. */
  constructor(way: MissWay, now: number) {
    this.way = way;
    this.since = now;
  }

  /** Whether misses are to be stepped over, where there is time for it. */
  get isWanted(): boolean {
    return this.way !== "pass";
  }

  /** Whether a miss is to wait for a step now. */
  allows(now: number): boolean {
    if (this.way !== "auto") return this.way === "step";
    this.credit = Math.min(MOST_SAVED, this.credit + (now - this.since) * SHARE);
    this.since = now;
    return this.count < FIRST || this.credit > 0;
  }

  /** A miss waits from now on. */
  begin(id: number, now: number): void {
    this.told.set(id, now);
    this.count += 1;
  }

  /** It waits no more. */
  end(id: number, now: number): void {
    const told = this.told.get(id);
    if (told === undefined) return;
    this.told.delete(id);
    this.credit -= now - told;
  }
}
