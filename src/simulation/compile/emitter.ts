// Appends instructions to a program's code, each with the statement it belongs to.
import type { Span } from "../language/problem.ts";
import type { CompiledFunction, Instruction, Mark } from "../run/code.ts";

/** A place in the code that may not be known yet when the jump to it is made. */
export interface Label {
  pc: number;
}

export class Emitter {
  private readonly code: Instruction[];
  private readonly marks: Mark[];
  private readonly starts: boolean[];
  private mark: Mark | undefined;
  private begins = false;

  constructor(code: Instruction[], marks: Mark[], starts: boolean[]) {
    this.code = code;
    this.marks = marks;
    this.starts = starts;
  }

  /** Index of the instruction that comes next. */
  get here(): number {
    return this.code.length;
  }

  /** What follows is a new statement. */
  statement(span: Span, inFunction: CompiledFunction): void {
    this.mark = { span, function: inFunction };
    this.begins = true;
  }

  /** Runs `emit`, which may begin statements of its own; what comes after belongs to the statement that was before. */
  aside(emit: () => void): void {
    const { mark } = this;
    emit();
    this.mark = mark;
    this.begins = false;
  }

  /** Appends what `build` makes; it is told the index of the instruction behind. */
  emit(build: (next: number) => Instruction): void {
    if (!this.mark) throw new Error("an instruction outside of statements");
    this.marks.push(this.mark);
    this.starts.push(this.begins);
    this.begins = false;
    this.code.push(build(this.code.length + 1));
  }

  /** Puts others in place of the instructions from `first` on; `build` is told the index of the one behind them all. */
  replaceFrom(first: number, build: (instruction: Instruction, end: number) => Instruction): void {
    const end = this.code.length;
    for (let i = first; i < end; i += 1) this.code[i] = build(this.code[i] as Instruction, end);
  }

  label(): Label {
    return { pc: this.here };
  }

  place(label: Label): void {
    label.pc = this.here;
  }
}
