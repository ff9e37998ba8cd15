// Evaluates what a debugger's user types: expressions and statements of the language, as one frame of the program sees its names.

import { FunctionContext, type Use } from "../compile/context.ts";
import { Emitter } from "../compile/emitter.ts";
import { compileExpression } from "../compile/expression.ts";
import { namesAt, programNames } from "../compile/scope.ts";
import { compileStatement } from "../compile/statement.ts";
import type { Integer } from "../language/integer.ts";
import { parseSingleExpression, parseStatements } from "../language/parser.ts";
import { ProblemList } from "../language/problem.ts";
import type { Statement } from "../language/syntax.ts";
import { BLOCKED, type CompiledFunction, type CompiledProgram, ENDED, YIELDED } from "../run/code.ts";
import { type Frame, Thread } from "../run/thread.ts";
import { debuggerCalls } from "./debugger-calls.ts";

/** A frame of a stopped thread, and the instruction it stands at. */
export interface Place {
  readonly thread: Thread;
  readonly frame: Frame;
  readonly pc: number;
}

/** It can't be evaluated; the message is for its writer. */
export class EvaluationError extends Error {}

/** What an evaluation may do before it is given up: an instruction counts 1, the kernel's work as it says (see Work). */
const MOST_WORK = 2_000_000;

/** Where a thread's frames are, innermost first: frame 0 stands where the thread stands, an outer one at its call. */
export function placesOf(thread: Thread, first = 0, end = thread.frames.length): Place[] {
  const { frames } = thread;
  const places: Place[] = [];
  for (let level = first; level < Math.min(end, frames.length); level += 1) {
    const index = frames.length - 1 - level;
    const inner = frames[index + 1];
    places.push({ thread, frame: frames[index] as Frame, pc: inner ? inner.returnPc - 1 : thread.pc });
  }
  return places;
}

/** Evaluates an expression that changes nothing. @throws {EvaluationError} */
export function look(program: CompiledProgram, place: Place, text: string): Integer {
  return new Evaluation(program, place, "look").expression(text);
}

/**
 * Runs what the user typed: an expression, or statements.
 * @returns the expression's value; undefined for statements.
 * @throws {EvaluationError}
 */
export function evaluate(program: CompiledProgram, place: Place, text: string): Integer | undefined {
  const evaluation = new Evaluation(program, place, "debugger");
  if (parseSingleExpression(text, new ProblemList())) return evaluation.expression(text);
  const problems = new ProblemList();
  const statements = parseStatements(text, problems);
  refuseProblems(problems);
  evaluation.statements(statements);
  return undefined;
}

class Evaluation {
  private readonly program: CompiledProgram;
  private readonly place: Place;
  private readonly use: Use;

  constructor(program: CompiledProgram, place: Place, use: Use) {
    this.program = program;
    this.place = place;
    this.use = use;
  }

  expression(text: string): Integer {
    const problems = new ProblemList();
    const expression = parseSingleExpression(text, problems);
    refuseProblems(problems);
    if (!expression) throw new EvaluationError("expected an expression");
    return this.run(context => {
      context.emitter.statement(expression.span, context.function);
      const { compute } = compileExpression(context, expression);
      const result = context.newRegister();
      context.emitter.emit(next => (r, t) => {
        r[result] = compute(r, t);
        return next;
      });
      return result;
    });
  }

  statements(statements: readonly Statement[]): void {
    this.run(context => {
      for (const statement of statements) compileStatement(context, statement);
      return undefined;
    });
  }

  /** Puts code behind the program's own, so that it can call its functions; runs it, and takes it away. */
  private run(compile: (context: FunctionContext) => number | undefined): Integer {
    const { code, marks, starts, constants, globals, functions } = this.program;
    const length = code.length;
    const { frame, pc } = this.place;
    const inFunction: CompiledFunction = { ...frame.function, locals: [], entry: length, end: length };
    const problems = new ProblemList();
    const scope = namesAt(programNames(constants, globals, functions), frame.function, pc);
    const emitter = new Emitter(code, marks, starts);
    try {
      const context = new FunctionContext(emitter, problems, inFunction, scope, this.use);
      const nowhere = { line: 1, column: 1 };
      emitter.statement({ start: nowhere, end: nowhere }, inFunction);
      const result = compile(context);
      emitter.emit(() => () => ENDED);
      refuseProblems(problems);
      this.execute(length);
      return result === undefined ? 0 : (frame.registers[result] ?? 0);
    } finally {
      code.length = length;
      marks.length = length;
      starts.length = length;
      frame.registers.length = frame.function.registerCount;
    }
  }

  private execute(entry: number): void {
    const { thread, frame } = this.place;
    // Below the innermost frame: what a debugger calls must spare everything that is in use.
    const top = thread.frame.top - 128;
    const mine = new Thread(thread.id, thread.process, { ...frame, top }, debuggerCalls(thread.process.kernel));
    mine.frames.push(mine.frame);
    mine.pc = entry;
    const { kernel } = thread.process;
    const { work } = kernel.machine;
    const { limit } = work;
    const { task } = kernel;
    kernel.task = mine.task;
    work.limit = work.done + MOST_WORK;
    try {
      while (!work.isSpent) {
        work.done += 1;
        const instruction = this.program.code[mine.pc];
        const next = instruction ? instruction(mine.frame.registers, mine) : ENDED;
        if (next === ENDED) return;
        if (next === BLOCKED) throw new EvaluationError("this waits for another thread, and all of them are stopped");
        mine.pc = next === YIELDED ? mine.pc + 1 : next;
      }
    } catch (error) {
      if (error instanceof EvaluationError) throw error;
      throw new EvaluationError(error instanceof Error ? error.message : String(error));
    } finally {
      work.limit = limit;
      kernel.task = task;
      mine.task.giveUp();
    }
    throw new EvaluationError("this takes too long; it was given up");
  }
}

function refuseProblems(problems: ProblemList): void {
  const first = problems.sorted()[0];
  if (first) throw new EvaluationError(first.message);
}
