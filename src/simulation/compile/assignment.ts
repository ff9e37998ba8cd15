// Compiles what gives values to names: let, var, and assignments to variables and to place[offset].
import type { Expression, Statement, Width } from "../language/syntax.ts";
import type { Compute } from "../run/code.ts";
import type { FunctionContext } from "./context.ts";
import {
  addressOf,
  compileConstant,
  compileExpression,
  compilePlace,
  kept,
  operation,
  suspends,
  type Value,
} from "./expression.ts";
import { arraySize } from "./layout.ts";
import type { ArithmeticOperator } from "./operators.ts";
import type { Binding } from "./scope.ts";

type Assignment = Extract<Statement, { kind: "assign" }>;

export function compileAssignment(
  context: FunctionContext,
  statement: Extract<Statement, { kind: "let" | "const" | "var" | "assign" }>,
): void {
  switch (statement.kind) {
    case "let": {
      const { compute } = compileExpression(context, statement.value);
      const register = context.newRegister();
      setRegister(context, register, compute);
      context.declareRegister(statement.name, register);
      return;
    }
    case "var":
      compileVariable(context, statement);
      return;
    case "assign":
      if (statement.target.kind === "index") assignElement(context, statement, statement.target);
      else assignName(context, statement, statement.target.name);
  }
}

function setRegister(context: FunctionContext, register: number, compute: Compute): void {
  context.emitter.emit(next => (r, t) => {
    r[register] = compute(r, t);
    return next;
  });
}

function setMemory(context: FunctionContext, address: Compute, width: Width, compute: Compute): void {
  context.emitter.emit(next => (r, t) => {
    t.store(address(r, t), width, compute(r, t));
    return next;
  });
}

function compileVariable(context: FunctionContext, statement: Extract<Statement, { kind: "var" }>): void {
  const { name, layout, value } = statement;
  const compute = value && compileExpression(context, value).compute;
  if (layout?.kind === "array") {
    if (value) context.problems.report("an array has no single value; fill it", value.span);
    const size = arraySize(
      compileConstant(context, layout.size, "an array's size"),
      layout.element,
      layout.span,
      context.problems,
    );
    context.declareMemory(name, { width: 0, size, element: layout.element });
    return;
  }
  const width = layout?.width ?? 8;
  const offset = context.declareMemory(name, { width, size: width, element: 1 });
  const place: Binding = { kind: "memory", offset, width, size: width, element: 1 };
  if (compute) setMemory(context, addressOf(place), width, compute);
}

function assignName(context: FunctionContext, { target, operator, value }: Assignment, name: string): void {
  const binding = context.lookup(name);
  const report = (message: string): void => context.problems.report(message, target.span);
  if (!binding) {
    report(`nothing is called "${name}"${context.suggest(name)}; let ${name} = … declares it`);
    return;
  }
  switch (binding.kind) {
    case "constant":
      report(`"${name}" is a constant and keeps its value`);
      return;
    case "function":
      report(`"${name}" is a function`);
      return;
    case "register": {
      const now: Value = { compute: r => r[binding.index] ?? 0 };
      setRegister(context, binding.index, newValue(context, now, operator, value).compute);
      return;
    }
    default: {
      const { width } = binding;
      if (width === 0) {
        report(`"${name}" is an array and its name its address; write ${name}[0] = … or store64 ${name}, …`);
        return;
      }
      const address = addressOf(binding);
      const now: Value = { compute: (r, t) => t.load(address(r, t), width) };
      setMemory(context, address, width, newValue(context, now, operator, value).compute);
    }
  }
}

function assignElement(
  context: FunctionContext,
  { operator, value }: Assignment,
  target: Extract<Expression, { kind: "index" }>,
): void {
  const { place: at, element } = compilePlace(context, target);
  const address = (suspends(context, value) ? kept(context, at) : at).compute;
  // Computed once, though it is read and written.
  const place = context.newRegister();
  const now: Value = { compute: (r, t) => t.load(r[place] ?? 0, element) };
  if (operator !== undefined && suspends(context, value)) setRegister(context, place, address);
  const { compute } = newValue(context, now, operator, value);
  context.emitter.emit(next => (r, t) => {
    const now = address(r, t);
    r[place] = now;
    t.store(now, element, compute(r, t));
    return next;
  });
}

/** The value assigned: with an operator, of the value that is there, read before anything of the new one is computed. */
function newValue(context: FunctionContext, now: Value, operator: Assignment["operator"], value: Expression): Value {
  if (operator === undefined) return compileExpression(context, value);
  const before = suspends(context, value) ? kept(context, now) : now;
  return operation(context, operator as ArithmeticOperator, before, compileExpression(context, value), value.span);
}
