// Where the program stands at a halt, taken from the stack traces that go by, and only where the answer is surely about that halt.
import type { SourceLocation } from "../recording/step.ts";
import type { Phase } from "./phase.ts";

/** The answer to "where does it stand?": `place` is absent where the debugger knows none. */
export interface Standing {
  readonly place?: SourceLocation;
}

interface Asked {
  readonly halts: number;
  readonly runs: number;
}

/**
 * A debugger may answer a stack trace after it has let the program go again, with the frames of the next halt. So an answer counts
 * only where it was asked for at this halt, of this halt's thread, and came before anyone let the program go.
 */
export class Places {
  private readonly asked = new Map<number, Asked>();
  private halts = -1;
  private known: Standing | undefined;
  private waiting: ((standing: Standing) => void)[] = [];

  /** A stack trace was asked for. */
  onAsked(seq: number, threadId: number, phase: Phase): void {
    const { program, halts, runs, threadId: halted, isSuspect, resuming } = phase;
    // Asked before it is known whether the program stands at all.
    const isTooEarly = isSuspect && resuming.size > 0;
    if (program === "stopped" && threadId === halted && !isTooEarly) this.asked.set(seq, { halts, runs });
  }

  /** Whether the answer to a question would be about the present halt. */
  isAbout(seq: number, { halts, runs }: Phase): boolean {
    const asked = this.asked.get(seq);
    return asked !== undefined && asked.halts === halts && asked.runs === runs;
  }

  /** It was answered. */
  onAnswer(seq: number, place: SourceLocation | undefined, phase: Phase): void {
    const isAbout = this.isAbout(seq, phase);
    this.asked.delete(seq);
    if (isAbout) this.settle(phase, place ? { place } : {});
  }

  /** Whether somebody's question about this halt is on its way. */
  isAsked({ halts, runs }: Phase): boolean {
    for (const asked of this.asked.values()) if (asked.halts === halts && asked.runs === runs) return true;
    return false;
  }

  /** What is known of this halt so far. */
  at({ halts }: Phase): Standing | undefined {
    return this.halts === halts ? this.known : undefined;
  }

  /** Gives up on the present halt: its place stays unknown. */
  giveUp(phase: Phase): void {
    if (!this.at(phase)) this.settle(phase, {});
  }

  /** Calls once with the place of this halt as soon as it is known; never where the program is let go before. */
  whenKnown(phase: Phase, callback: (standing: Standing) => void): void {
    const standing = this.at(phase);
    if (standing) callback(standing);
    else this.waiting.push(callback);
  }

  /** The program was let go: nobody will learn any more where it stood. */
  letGo(): void {
    this.asked.clear();
    this.waiting = [];
  }

  private settle({ halts }: Phase, standing: Standing): void {
    this.halts = halts;
    this.known = standing;
    const waiting = this.waiting;
    this.waiting = [];
    for (const callback of waiting) callback(standing);
  }
}
