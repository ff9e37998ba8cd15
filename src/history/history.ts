// The steps of one debug session since it was armed or reset.
import type { Step } from "./step.ts";

/** Steps beyond this many, and runs beyond that many, push out the oldest steps. */
const MOST_STEPS = 10_000;
const MOST_RUNS = 20_000_000;

export class History {
  private kept: Step[] = [];
  private runs = 0;

  get steps(): readonly Step[] {
    return this.kept;
  }

  get last(): Step | undefined {
    return this.kept.at(-1);
  }

  add(step: Step): void {
    this.kept.push(step);
    this.runs += runsOf(step);
    while (this.kept.length > 1 && (this.kept.length > MOST_STEPS || this.runs > MOST_RUNS)) {
      const oldest = this.kept.shift();
      if (oldest) this.runs -= runsOf(oldest);
    }
  }

  step(number: number): Step | undefined {
    return this.kept.find(step => step.number === number);
  }

  clear(): void {
    this.kept = [];
    this.runs = 0;
  }
}

function runsOf(step: Step): number {
  return step.written.runCount + step.debugger.runCount;
}
