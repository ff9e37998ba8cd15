// Conservation, as one may check it without knowing any rule: a page stored to time and again is told as often as it was.
import { PageSet } from "../../../src/memory/page-set.ts";
import type { StepRecord } from "./three-ways.ts";

/** @returns a sentence on each page that was told more or fewer times than there were steps that stored to it. */
export function untold(steps: readonly StepRecord[]): string[] {
  const complaints: string[] = [];
  for (const kernel of [0, 1]) {
    const stored = new Map<number, number>();
    const told = new Map<number, number>();
    let unsteady = PageSet.EMPTY;
    for (const step of steps) {
      const stop = step.told[kernel];
      if (!stop) return complaints;
      count(stored, step.stored.pairs());
      count(told, stop.written.pairs());
      // Memory that comes, goes, moves or is given back has rules of its own.
      unsteady = unsteady.union(step.called);
    }
    for (const page of new Set([...stored.keys(), ...told.keys()])) {
      const [times, reports] = [stored.get(page) ?? 0, told.get(page) ?? 0];
      if (times === reports || unsteady.has(page)) continue;
      const name = kernel === 0 ? "simulated" : "live";
      complaints.push(
        `page 0x${page.toString(16)} was stored to in ${times} steps, and told ${reports} times on the ${name} kernel`,
      );
    }
  }
  return complaints;
}

function count(counts: Map<number, number>, runs: Iterable<readonly [number, number]>): void {
  for (const [start, end] of runs) {
    for (let page = start; page < end; page += 1) counts.set(page, (counts.get(page) ?? 0) + 1);
  }
}
