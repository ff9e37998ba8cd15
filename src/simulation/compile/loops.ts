// Compiles branches and loops.

import { add, type Integer } from "../language/integer.ts";
import type { Block, Statement } from "../language/syntax.ts";
import { ProgramFailure } from "../run/code.ts";
import type { FunctionContext, Loop } from "./context.ts";
import type { Label } from "./emitter.ts";
import { compileAll, compileExpression, constantValue, type Value } from "./expression.ts";
import { compileBlock } from "./statement.ts";

export function compileIf(context: FunctionContext, { branches, otherwise }: Extract<Statement, { kind: "if" }>): void {
  const { emitter } = context;
  const after = emitter.label();
  branches.forEach(({ condition, body, span }, i) => {
    const isLast = i === branches.length - 1 && !otherwise;
    if (i > 0) emitter.statement(span, context.function);
    const next = emitter.label();
    jumpUnless(context, compileExpression(context, condition), next);
    compileBlock(context, body);
    if (!isLast) emitter.emit(() => () => after.pc);
    emitter.place(next);
  });
  if (otherwise) compileBlock(context, otherwise);
  emitter.place(after);
}

export function compileWhile(
  context: FunctionContext,
  { condition, body }: Extract<Statement, { kind: "while" }>,
): void {
  const { emitter } = context;
  const loop: Loop = { again: emitter.label(), after: emitter.label() };
  jumpUnless(context, compileExpression(context, condition), loop.after);
  compileBody(context, body, loop);
  emitter.emit(() => () => loop.again.pc);
  emitter.place(loop.after);
}

export function compileLoop(context: FunctionContext, { body }: Extract<Statement, { kind: "loop" }>): void {
  const { emitter } = context;
  const loop: Loop = { again: emitter.label(), after: emitter.label() };
  // A statement of its own, so that an empty loop is seen to go round.
  emitter.emit(next => () => next);
  compileBody(context, body, loop);
  emitter.emit(() => () => loop.again.pc);
  emitter.place(loop.after);
}

/** The values are computed once. A step below 0 counts down, to a value above the end. */
export function compileFor(
  context: FunctionContext,
  { name, from, to, step, body, span }: Extract<Statement, { kind: "for" }>,
): void {
  const { emitter } = context;
  const [first, end] = compileAll(context, [from, to]);
  const by = step ? compileExpression(context, step) : constantValue(1);
  if (by.constant === 0) context.problems.report("a step of 0 gets nowhere", step?.span ?? span);
  const [index, limit, stride] = [context.newRegister(), context.newRegister(), context.newRegister()];
  const loop: Loop = { again: emitter.label(), after: emitter.label() };
  emitter.emit(next => (r, t) => {
    const start = first?.compute(r, t) ?? 0;
    const last = end?.compute(r, t) ?? 0;
    const increment = by.compute(r, t);
    if (increment === 0) throw new ProgramFailure("a step of 0 gets nowhere");
    r[index] = start;
    r[limit] = last;
    r[stride] = increment;
    return isWithin(start, last, increment) ? next : loop.after.pc;
  });
  const top = emitter.label();
  context.inner(() => {
    context.declareRegister(name, index);
    compileBody(context, body, loop);
    emitter.place(loop.again);
    emitter.statement(span, context.function);
    emitter.emit(next => r => {
      const increment = r[stride] as Integer;
      const value = add(r[index] as Integer, increment);
      r[index] = value;
      return isWithin(value, r[limit] as Integer, increment) ? top.pc : next;
    });
  });
  emitter.place(loop.after);
}

function isWithin(value: Integer, end: Integer, step: Integer): boolean {
  return step > 0 ? value < end : value > end;
}

function compileBody(context: FunctionContext, body: Block, loop: Loop): void {
  context.loops.push(loop);
  compileBlock(context, body);
  context.loops.pop();
}

function jumpUnless(context: FunctionContext, { compute }: Value, label: Label): void {
  context.emitter.emit(next => (r, t) => (compute(r, t) === 0 ? label.pc : next));
}
