// When a step is over.

import type { CompiledProgram } from "../run/code.ts";
import type { Frame, Thread } from "../run/thread.ts";

export type StepKind = "over" | "in" | "out";

/** One step, from where its thread stands when it is made. */
export class Step {
  private readonly program: CompiledProgram;
  private readonly kind: StepKind;
  private readonly thread: Thread;
  private readonly depth: number;
  private readonly frame: Frame;
  private readonly line: number | undefined;
  private readonly byStatement: boolean;

  /** @param byStatement stops at each statement, even of one line. */
  constructor(program: CompiledProgram, thread: Thread, kind: StepKind, byStatement: boolean) {
    this.program = program;
    this.thread = thread;
    this.kind = kind;
    this.byStatement = byStatement;
    this.depth = thread.frames.length;
    this.frame = thread.frame;
    this.line = this.lineOf(thread);
  }

  /** Whether it ends with `asked` coming where it is now: at a statement, or back from a call. */
  isOver(asked: Thread): boolean {
    const { thread, kind, depth } = this;
    // Nobody would come back from a thread that is gone.
    if (thread.hasEnded) return true;
    if (asked !== thread) return false;
    const now = asked.frames.length;
    if (now < depth) return true;
    const isStart = this.program.starts[asked.pc] === true;
    if (!isStart || kind === "out" || (now > depth && kind === "over")) return false;
    return now > depth || this.byStatement || asked.frame !== this.frame || this.lineOf(asked) !== this.line;
  }

  private lineOf({ pc }: Thread): number | undefined {
    return this.program.marks[pc]?.span.start.line;
  }
}
