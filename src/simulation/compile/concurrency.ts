// Compiles what begins threads and processes, and what waits for them.
import type { Integer } from "../language/integer.ts";
import type { Block, Call, Expression } from "../language/syntax.ts";
import { BLOCKED, type ProgramThread } from "../run/code.ts";
import { compileCallee, frameRegisters } from "./call.ts";
import type { FunctionContext } from "./context.ts";
import { compileExpression, constantValue, emitExit, NO_VALUE, type Value } from "./expression.ts";
import { compileBlock } from "./statement.ts";

/** `spawn f(…)`: the value is the thread's number. */
export function compileSpawn(context: FunctionContext, call: Call): Value {
  if (context.refuseToDebugger("spawn", call.span)) return NO_VALUE;
  const compiled = compileCallee(context, call, "spawn");
  if (!compiled) return NO_VALUE;
  const registers = frameRegisters(compiled.callee, compiled.values);
  context.waits += 1;
  const result = context.newRegister();
  context.emitter.emit(next => (r, t) => {
    r[result] = t.spawn(compiled.callee, registers(r, t));
    return next;
  });
  return { compute: r => r[result] ?? 0 };
}

/** `join t`: the value is what the thread's function returned. */
export function compileJoin(context: FunctionContext, operand: Expression): Value {
  return waiting(context, operand, (thread, number) => thread.join(number));
}

/** `wait child`: the value is its exit code, or 128 and the signal that ended it. */
export function compileWait(context: FunctionContext, operand: Expression): Value {
  return waiting(context, operand, (thread, pid) => thread.wait(pid));
}

function waiting(
  context: FunctionContext,
  operand: Expression,
  wait: (thread: ProgramThread, number: Integer) => Integer | undefined,
): Value {
  if (context.refuseToDebugger("waiting", operand.span)) return NO_VALUE;
  const { compute } = compileExpression(context, operand);
  context.waits += 1;
  const result = context.newRegister();
  context.emitter.emit(next => (r, t) => {
    const value = wait(t, compute(r, t));
    if (value === undefined) return BLOCKED;
    r[result] = value;
    return next;
  });
  return { compute: r => r[result] ?? 0 };
}

/** `fork { … }`, `fork f(…)`, `fork()`: the value is the child's PID, and in the child of a bare fork() 0. */
export function compileFork(context: FunctionContext, fork: Extract<Expression, { kind: "fork" }>): Value {
  if (context.refuseToDebugger("fork", fork.span)) return NO_VALUE;
  const { emitter } = context;
  context.waits += 1;
  const result = context.newRegister();
  const after = emitter.label();
  emitter.emit(next => (r, t) => {
    r[result] = 0;
    const pid = t.fork(next);
    if (pid === undefined) return next - 1;
    r[result] = pid;
    return after.pc;
  });
  const { body } = fork;
  if (body) emitter.aside(() => childBlock(context, body));
  else if (fork.call) emitExit(context, compileExpression(context, fork.call));
  emitter.place(after);
  return { compute: r => r[result] ?? 0 };
}

function childBlock(context: FunctionContext, body: Block): void {
  const { loops, isInFork } = context;
  context.loops = [];
  context.isInFork = true;
  compileBlock(context, body);
  context.loops = loops;
  context.isInFork = isInFork;
  const end = body.span.end;
  context.emitter.statement({ start: { line: end.line, column: end.column - 1 }, end }, context.function);
  emitExit(context, constantValue(0));
}
