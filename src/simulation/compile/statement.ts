// Compiles statements to instructions.
import { hexadecimal } from "../language/integer.ts";
import type { Block, Statement } from "../language/syntax.ts";
import { ProgramFailure, type ProgramThread, type Registers, YIELDED } from "../run/code.ts";
import { compileAssignment } from "./assignment.ts";
import { compileCallee, frameRegisters } from "./call.ts";
import type { FunctionContext } from "./context.ts";
import { compileExpectation } from "./expectation.ts";
import {
  compileAll,
  compileConstant,
  compileExpression,
  constantValue,
  emitExit,
  isInstruction,
} from "./expression.ts";
import { compileFor, compileIf, compileLoop, compileWhile } from "./loops.ts";

/** What would leave the frame that a debugger's user looks at, or has no place in it. */
const DOES_NOT_SUIT_A_DEBUGGER: readonly Statement["kind"][] = ["return", "exit", "exec", "var", "yield"];

/** Compiles a block's statements with names of their own. */
export function compileBlock(context: FunctionContext, block: Block): void {
  context.inner(() => {
    for (const statement of block.statements) compileStatement(context, statement);
  });
}

export function compileStatement(context: FunctionContext, statement: Statement): void {
  const { emitter, problems } = context;
  const { span } = statement;
  const isNothingToRun = statement.kind === "const" || (statement.kind === "var" && !statement.value);
  if (!isNothingToRun) emitter.statement(span, context.function);
  if (DOES_NOT_SUIT_A_DEBUGGER.includes(statement.kind) && context.refuseToDebugger(statement.kind, span)) return;
  switch (statement.kind) {
    case "const": {
      const value = compileConstant(context, statement.value, "a const's value");
      context.declareConstant(statement.name, value ?? 0);
      return;
    }
    case "let":
    case "var":
    case "assign":
      compileAssignment(context, statement);
      return;
    case "store": {
      const [address, value] = compileAll(context, [statement.address, statement.value]);
      const { width } = statement;
      if (address && value) {
        emitter.emit(next => (r, t) => {
          t.store(address.compute(r, t), width, value.compute(r, t));
          return next;
        });
      }
      return;
    }
    case "fill": {
      const [address, length, value] = compileAll(context, [statement.address, statement.length, statement.value]);
      if (address && length && value) {
        emitter.emit(next => (r, t) => {
          const isDone = t.fill(address.compute(r, t), length.compute(r, t), value.compute(r, t));
          return isDone ? next : next - 1;
        });
      }
      return;
    }
    case "copy": {
      const [to, from, length] = compileAll(context, [statement.to, statement.from, statement.length]);
      if (to && from && length) {
        emitter.emit(next => (r, t) => {
          const isDone = t.copy(to.compute(r, t), from.compute(r, t), length.compute(r, t));
          return isDone ? next : next - 1;
        });
      }
      return;
    }
    case "if":
      compileIf(context, statement);
      return;
    case "while":
      compileWhile(context, statement);
      return;
    case "loop":
      compileLoop(context, statement);
      return;
    case "for":
      compileFor(context, statement);
      return;
    case "break":
    case "continue": {
      const loop = context.loops.at(-1);
      if (!loop) {
        problems.report(`${statement.kind} stands in a loop`, span);
        return;
      }
      const target = statement.kind === "break" ? loop.after : loop.again;
      emitter.emit(() => () => target.pc);
      return;
    }
    case "yield":
      emitter.emit(() => () => YIELDED);
      return;
    case "return": {
      if (context.isInFork) problems.report("return stands outside of a fork's block; the child ends by exit", span);
      const { compute } = statement.value ? compileExpression(context, statement.value) : constantValue(0);
      emitter.emit(() => (r, t) => t.leave(compute(r, t)));
      return;
    }
    case "exit":
      emitExit(context, statement.value ? compileExpression(context, statement.value) : constantValue(0));
      return;
    case "exec": {
      const compiled = compileCallee(context, statement.call, "exec");
      if (!compiled) return;
      const registers = frameRegisters(compiled.callee, compiled.values);
      emitter.emit(() => (r, t) => {
        t.exec(compiled.callee, registers(r, t));
        return compiled.callee.entry;
      });
      return;
    }
    case "print":
      compilePrint(context, statement);
      return;
    case "assert": {
      const { compute } = compileExpression(context, statement.condition);
      const message = statement.message ?? "the assertion does not hold";
      emitter.emit(next => (r, t) => {
        if (compute(r, t) === 0) throw new ProgramFailure(message);
        return next;
      });
      return;
    }
    case "expect":
      compileExpectation(context, statement);
      return;
    case "expression":
      compileEffect(context, statement);
      return;
  }
}

function compilePrint(context: FunctionContext, statement: Extract<Statement, { kind: "print" }>): void {
  const values = compileAll(
    context,
    statement.items.flatMap(item => (item.kind === "text" ? [] : [item.value])),
  );
  let used = 0;
  const parts = statement.items.map((item): ((r: Registers, t: ProgramThread) => string) => {
    if (item.kind === "text") return () => item.text;
    const compute = values[used]?.compute ?? (() => 0);
    used += 1;
    const show = item.kind === "decimal" ? String : hexadecimal;
    return (r, t) => show(compute(r, t));
  });
  context.emitter.emit(next => (r, t) => {
    t.print(`${parts.map(part => part(r, t)).join(" ")}\n`);
    return next;
  });
}

/** An expression by itself must do something. */
function compileEffect(context: FunctionContext, { value }: Extract<Statement, { kind: "expression" }>): void {
  if (!["call", "try", "spawn", "join", "wait", "fork"].includes(value.kind)) {
    const hint = value.kind === "binary" && value.operator === "==" ? "; an assignment has one =" : "";
    context.problems.report(`this computes a value and does nothing with it${hint}`, value.span);
    return;
  }
  const { compute, constant } = compileExpression(context, value);
  const call = value.kind === "try" ? value.call : value;
  // What is an instruction of its own has left its value in a register, which nobody wants.
  if (call.kind !== "call" || isInstruction(context, call)) return;
  if (constant !== undefined) {
    context.problems.report("this computes a value and does nothing with it", value.span);
    return;
  }
  context.emitter.emit(next => (r, t) => {
    compute(r, t);
    return next;
  });
}
