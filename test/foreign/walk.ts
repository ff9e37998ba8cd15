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

/** How long the program may run before it is halted, milliseconds from and to. */
const RUNS: Readonly<Record<Way, readonly [number, number]>> = {
  next: [50, 60],
  stepIn: [50, 60],
  stepOut: [20, 45],
  breakpoint: [20, 45],
  pause: [0, 25],
};
const HALT_PATIENCE = 10_000;
/** An event may tell of a stop before all threads stand. */
const STANDING_PATIENCE = 2000;

export class Walk {
  private readonly watched: WatchedProgram;
  private readonly program: Prepared;
  private readonly random: Random;
  private breakpoints: readonly string[] = [];
  /** How often each way led to a stop. */
  readonly stops: Record<Way, number> = { next: 0, stepIn: 0, stepOut: 0, breakpoint: 0, pause: 0 };

  constructor(watched: WatchedProgram, program: Prepared, random: Random) {
    this.watched = watched;
    this.program = program;
    this.random = random;
  }

  /** Pauses the running program after some milliseconds. @returns whether it stands; false: it has ended. */
  async pauseAfter(milliseconds: number): Promise<boolean> {
    return this.haltAfter(milliseconds, () => this.watched.pause());
  }

  /** @returns how it came to the next stop; undefined: the program has ended. */
  async toNextStop(): Promise<Way | undefined> {
    for (;;) {
      const way = this.random.pick(WAYS);
      if (!(await this.letGo(way))) continue;
      const milliseconds = this.random.between(...RUNS[way]);
      const halt = (): Promise<void> => (way === "pause" ? this.watched.pause() : this.watched.halt());
      if (!(await this.haltAfter(milliseconds, halt))) return undefined;
      this.stops[way] += 1;
      return way;
    }
  }

  clearBreakpoints(): Promise<void> {
    return this.breakAt([]);
  }

  /** @returns whether it stands, by itself or because it was halted after some milliseconds; false: it has ended. */
  private async haltAfter(milliseconds: number, halt: () => Promise<void>): Promise<boolean> {
    const { watched } = this;
    let found = await watched.happening(milliseconds);
    if (!found) {
      await halt().catch(error => {
        // It stopped by itself meanwhile.
        if (!(error instanceof DapError)) throw error;
      });
      found = await watched.happening(HALT_PATIENCE);
    }
    if (!found) throw new Error(`the debugger does not halt the program within ${HALT_PATIENCE} ms`);
    return found.kind === "stopped" && this.stands();
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
      // There may be nothing to step out of.
      if (!(error instanceof DapError) || way !== "stepOut") throw error;
      return false;
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
