// How many pages a program writes in a window of time, for windows of many lengths, out of samples that are taken one after another.
import type { PageSet } from "../memory/page-set.ts";

/** Of windows of one length. */
export interface WindowPages {
  readonly seconds: number;
  /** Different pages written in one, on average, and at most. */
  readonly mean: number;
  readonly most: number;
  /** How many windows of that length there were. */
  readonly windows: number;
}

interface Level {
  /** The first half of a window that is not whole yet. */
  half: { readonly pages: PageSet; readonly seconds: number } | undefined;
  windows: number;
  seconds: number;
  pages: number;
  most: number;
}

/**
 * Windows of 1, 2, 4, 8, … samples, joined two by two: of n samples no more than log n page sets are kept, and each is joined log n times.
 */
export class WorkingSet {
  private readonly levels: Level[] = [];

  /** @param pages written in these `seconds`, which follow the ones before. */
  add(pages: PageSet, seconds: number): void {
    let window = { pages, seconds };
    for (let i = 0; ; i += 1) {
      const level = this.level(i);
      const count = window.pages.pageCount;
      level.windows += 1;
      level.seconds += window.seconds;
      level.pages += count;
      level.most = Math.max(level.most, count);
      const { half } = level;
      if (!half) {
        level.half = window;
        return;
      }
      level.half = undefined;
      window = { pages: half.pages.union(window.pages), seconds: half.seconds + window.seconds };
    }
  }

  /** Shortest windows first; empty before the first sample. */
  get curve(): readonly WindowPages[] {
    return this.levels.map(({ windows, seconds, pages, most }) => ({
      seconds: seconds / windows,
      mean: pages / windows,
      most,
      windows,
    }));
  }

  private level(i: number): Level {
    const known = this.levels[i];
    if (known) return known;
    const level: Level = { half: undefined, windows: 0, seconds: 0, pages: 0, most: 0 };
    this.levels.push(level);
    return level;
  }
}

/**
 * Different pages written in a window of any length, by a curve's means: between two lengths in proportion; beyond the longest as it grew
 * last, since nobody has seen more.
 */
export function pagesWithin(curve: readonly WindowPages[], seconds: number): number {
  let before = { seconds: 0, mean: 0 };
  let slope = 0;
  for (const point of curve) {
    slope = Math.max(0, (point.mean - before.mean) / (point.seconds - before.seconds));
    if (point.seconds >= seconds) return before.mean + slope * (seconds - before.seconds);
    before = point;
  }
  return before.mean + slope * (seconds - before.seconds);
}
