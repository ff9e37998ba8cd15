// Stops a program again and again, each time another way and at another moment, as the seed says.
import { setTimeout as sleep } from "node:timers/promises";
import { DapError } from "../../src/debuggers/adapter-port.ts";
import type { Random } from "../programs/random.ts";
import { isStanding } from "./process-files.ts";
import type { Prepared } from "./programs.ts";
import type { WatchedProgram } from "./watched.ts";

/** How the next stop is come to; "pause" lets the program run for a random time. */
const WAYS = ["next", "stepIn", "stepOut", "breakpoint", "pause"] as const;
export type Way = (typeof WAYS)[number];

/**
 * How long the program may run before it is paused, milliseconds from and to. What should come to a stop by itself gets time for
 * that: where a pause meets a stop, lldb 19 waits for 20 seconds, takes the program's only thread for ended, and steps no more.
 */
const RUNS: Readonly<Record<Way, readonly [number, number]>> = {
  next: [50, 60],
  stepIn: [50, 60],
  stepOut: [20, 45],
  breakpoint: [20, 45],
  pause: [0, 25],
};
/** A debugger that was asked to pause while a program forks may not hear it. */
const PAUSE_PATIENCE = 10_000;
const MOST_PAUSES = 3;
/** A debugger that refuses more is not stepping. */
const MOST_REFUSALS = 20;
/** An event may tell of a stop before all threads stand. */
const STANDING_PATIENCE = 2000;

export class Walk {
  private readonly watched: WatchedProgram;
  private readonly program: Prepared;
  private readonly random: Random;
  private breakpoints: readonly string[] = [];
  private refusals = 0;
  /** How often each way led to a stop. */
  readonly stops: Record<Way, number> = { next: 0, stepIn: 0, stepOut: 0, breakpoint: 0, pause: 0 };

  constructor(watched: WatchedProgram, program: Prepared, random: Random) {
    this.watched = watched;
    this.program = program;
    this.random = random;
  }

  /** Pauses the running program after some milliseconds. @returns whether it stands; false: it has ended. */
  async pauseAfter(milliseconds: number): Promise<boolean> {
    const { watched } = this;
    let found = await watched.happening(milliseconds);
    for (let pauses = 0; !found; pauses += 1) {
      if (pauses === MOST_PAUSES)
        throw new Error(`asked ${MOST_PAUSES} times, the debugger does not pause the program`);
      await watched.pause().catch(error => {
        // It stopped by itself meanwhile.
        if (!(error instanceof DapError)) throw error;
      });
      found = await watched.happening(PAUSE_PATIENCE);
    }
    return found.kind === "stopped" && this.stands();
  }

  /** @returns how it came to the next stop; undefined: the program has ended. */
  async toNextStop(): Promise<Way | undefined> {
    for (;;) {
      const way = this.random.pick(WAYS);
      if (!(await this.letGo(way))) continue;
      if (!(await this.pauseAfter(this.random.between(...RUNS[way])))) return undefined;
      this.stops[way] += 1;
      return way;
    }
  }

  clearBreakpoints(): Promise<void> {
    return this.breakAt([]);
  }

  private async breakAt(names: readonly string[]): Promise<void> {
    if (names.join() !== this.breakpoints.join()) await this.watched.breakAt(names);
    this.breakpoints = names;
  }

  /** @returns whether it was let go: there may be nothing to step out of. */
  private async letGo(way: Way): Promise<boolean> {
    const { watched, random, program } = this;
    if (way === "breakpoint") {
      await this.breakAt([random.pick(program.functions as [string, ...string[]])]);
    } else if (way === "pause") {
      await this.clearBreakpoints();
    }
    const byLine = program.hasLines && random.chance(50);
    try {
      if (way === "next") await watched.letGo(byLine ? "next" : "nextInstruction");
      else if (way === "stepIn") await watched.letGo(byLine ? "stepIn" : "stepInInstruction");
      else await watched.letGo(way === "stepOut" ? "stepOut" : "continue");
      return true;
    } catch (error) {
      if (!(error instanceof DapError) || this.refusals >= MOST_REFUSALS) throw error;
      this.refusals += 1;
      // There is nothing to step out of, say; or a late word of the pause before was taken for a stop, and it runs.
      return this.watched.pid !== undefined && !isStanding(this.watched.pid);
    }
  }

  /** Its threads come to rest one after another. @returns false where it has ended. */
  private async stands(): Promise<boolean> {
    const { pid } = this.watched;
    if (pid === undefined) return true;
    for (let waited = 0; !isStanding(pid); waited += 5) {
      if (waited > STANDING_PATIENCE)
        throw new Error(`the debugger says that process ${pid} stopped, but its threads run`);
      await sleep(5);
    }
    return true;
  }
}
