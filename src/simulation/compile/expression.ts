// Compiles expressions: to one closure where nothing has to be waited for, with instructions before it where something has.
import { BUILTINS } from "../language/builtins.ts";
import { ArithmeticProblem, type Integer } from "../language/integer.ts";
import type { Span } from "../language/problem.ts";
import type { Call, Expression, Index, Width } from "../language/syntax.ts";
import { headerName, type Vocabulary } from "../language/words.ts";
import { INSTRUCTIONS } from "../run/builtins.ts";
import { type Compute, ENDED } from "../run/code.ts";
import { compileCall } from "./call.ts";
import { compileFork, compileJoin, compileSpawn, compileWait } from "./concurrency.ts";
import type { FunctionContext } from "./context.ts";
import { type ArithmeticOperator, binary, unary } from "./operators.ts";
import type { Binding } from "./scope.ts";

export interface Value {
  readonly compute: Compute;
  /** Where it is the same in every run. */
  readonly constant?: Integer;
}

export function constantValue(value: Integer): Value {
  return { compute: () => value, constant: value };
}

/** Stands for what could not be compiled; the problem is reported. */
export const NO_VALUE: Value = { compute: () => 0 };

/**
 * Compiles an expression. What has to wait, or runs a function, is emitted; the rest is left in the closure answered.
 * @param words short words that may stand for numbers here.
 */
export function compileExpression(context: FunctionContext, expression: Expression, words?: Vocabulary): Value {
  switch (expression.kind) {
    case "number":
      return constantValue(expression.value);
    case "text":
      return refuse(context, "a text can stand only in print, and as a path or a name", expression.span);
    case "name":
      return reference(context, expression.name, expression.span, words);
    case "address":
      return addressOfPlace(context, expression.operand);
    case "scaled": {
      const factor = constantValue(expression.factor);
      return operation(context, "*", compileExpression(context, expression.operand, words), factor, expression.span);
    }
    case "unary": {
      const operand = compileExpression(context, expression.operand, words);
      const compute = unary(expression.operator, operand.compute);
      return operand.constant === undefined ? { compute } : folded(context, compute, expression.span);
    }
    case "binary":
      return compileBinary(context, expression, words);
    case "index": {
      const { place, element } = compilePlace(context, expression);
      return { compute: (r, t) => t.load(place.compute(r, t), element) };
    }
    case "call":
      return compileCall(context, expression, false);
    case "try":
      return compileCall(context, expression.call, true);
    case "spawn":
      return compileSpawn(context, expression.call);
    case "join":
      return compileJoin(context, expression.operand);
    case "wait":
      return compileWait(context, expression.operand);
    case "fork":
      return compileFork(context, expression);
  }
}

/** Where `base[offset]` lies, and its width: of an array of larger elements those are counted, of anything else bytes. */
export function compilePlace(
  context: FunctionContext,
  { base, offset, span }: Index,
): { place: Value; element: Width } {
  const [start, index] = compileAll(context, [base, offset]);
  const element = elementOf(context, base);
  if (!start || !index) return { place: NO_VALUE, element };
  const distance = element === 1 ? index : operation(context, "*", index, constantValue(element), offset.span);
  return { place: operation(context, "+", start, distance, span), element };
}

/** Bytes of an element of `base`. */
export function elementOf(context: FunctionContext, base: Expression): Width {
  const binding = base.kind === "name" ? context.lookup(base.name) : undefined;
  return binding?.kind === "memory" || binding?.kind === "global" ? binding.element : 1;
}

/** A value that must be known when compiling; undefined, and a problem, where it is not. */
export function compileConstant(context: FunctionContext, expression: Expression, what: string): Integer | undefined {
  if (suspends(context, expression)) {
    context.problems.report(`${what} must be a constant`, expression.span);
    return undefined;
  }
  const value = compileExpression(context, expression);
  if (value === NO_VALUE) return undefined;
  if (value.constant === undefined) context.problems.report(`${what} must be a constant`, expression.span);
  return value.constant;
}

/** Compiles what must be evaluated now although something that waits comes before it is used. */
export function compileBefore(
  context: FunctionContext,
  expression: Expression,
  mustKeep: boolean,
  words?: Vocabulary,
): Value {
  const value = compileExpression(context, expression, words);
  return mustKeep && value.constant === undefined ? kept(context, value) : value;
}

/** Compiles expressions that are evaluated one after another and used together. */
export function compileAll(context: FunctionContext, expressions: readonly Expression[]): Value[] {
  const last = expressions.findLastIndex(expression => suspends(context, expression));
  return expressions.map((expression, i) => compileBefore(context, expression, i < last));
}

/** Computes the value here, into a register of its own. */
export function kept(context: FunctionContext, { compute }: Value): Value {
  const register = context.newRegister();
  context.emitter.emit(next => (r, t) => {
    r[register] = compute(r, t);
    return next;
  });
  return { compute: r => r[register] ?? 0 };
}

/** Whether evaluating it takes more than one instruction: it runs a function, waits for another thread, or may be interrupted. */
export function suspends(context: FunctionContext, expression: Expression): boolean {
  switch (expression.kind) {
    case "spawn":
    case "join":
    case "wait":
    case "fork":
      return true;
    case "try":
      return suspends(context, expression.call);
    case "call":
      if (isInstruction(context, expression)) return true;
      return expression.arguments.some(({ value }) => suspends(context, value));
    case "scaled":
    case "unary":
    case "address":
      return suspends(context, expression.operand);
    case "binary":
      return suspends(context, expression.left) || suspends(context, expression.right);
    case "index":
      return suspends(context, expression.base) || suspends(context, expression.offset);
    default:
      return false;
  }
}

/** Whether the call is an instruction, or several, whose value is in a register afterwards. */
export function isInstruction(context: FunctionContext, { callee }: Call): boolean {
  return context.lookup(callee.text)?.kind === "function" || INSTRUCTIONS.has(callee.text);
}

/** Reports and answers a stand-in. */
export function refuse(context: FunctionContext, message: string, span: Span): Value {
  context.problems.report(message, span);
  return NO_VALUE;
}

/** The operation on two values, done at once where both are constants. */
export function operation(
  context: FunctionContext,
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  span: Span,
): Value {
  const compute = binary(operator, left.compute, right.compute);
  if (left.constant === undefined || right.constant === undefined) return { compute };
  return folded(context, compute, span);
}

function folded(context: FunctionContext, compute: Compute, span: Span): Value {
  try {
    // Constants look at neither.
    return constantValue((compute as () => Integer)());
  } catch (error) {
    if (!(error instanceof ArithmeticProblem)) throw error;
    return refuse(context, error.message, span);
  }
}

function compileBinary(
  context: FunctionContext,
  { operator, left, right, span }: Extract<Expression, { kind: "binary" }>,
  words: Vocabulary | undefined,
): Value {
  const isWaitedFor = suspends(context, right);
  if (operator !== "&&" && operator !== "||") {
    const first = compileExpression(context, left, words);
    const before = isWaitedFor && first.constant === undefined ? kept(context, first) : first;
    return operation(context, operator, before, compileExpression(context, right, words), span);
  }
  const first = compileExpression(context, left);
  if (!isWaitedFor) return { compute: binary(operator, first.compute, compileExpression(context, right).compute) };
  // The second operand runs only where the first leaves the matter open.
  const { emitter } = context;
  const register = context.newRegister();
  const decided = operator === "&&" ? 0 : 1;
  const after = emitter.label();
  emitter.emit(next => (r, t) => {
    const truth = first.compute(r, t) === 0 ? 0 : 1;
    r[register] = truth;
    return truth === decided ? after.pc : next;
  });
  const second = compileExpression(context, right);
  emitter.emit(next => (r, t) => {
    r[register] = second.compute(r, t) === 0 ? 0 : 1;
    return next;
  });
  emitter.place(after);
  return { compute: r => r[register] ?? 0 };
}

function reference(context: FunctionContext, name: string, span: Span, words: Vocabulary | undefined): Value {
  const binding = context.lookup(name);
  if (binding && binding.kind !== "function") return read(binding);
  if (binding) return refuse(context, `"${name}" is a function; call it: ${name}(…)`, span);
  const word = words?.get(name);
  if (word !== undefined) return constantValue(word);
  if (BUILTINS.has(name)) return refuse(context, `"${name}" is a function; call it: ${name}(…)`, span);
  const header = headerName(name);
  const hint = header && !words ? `; outside of a call's flags write ${header}` : "";
  return refuse(context, `nothing is called "${name}"${hint || context.suggest(name, words?.keys())}`, span);
}

function read(binding: Exclude<Binding, { kind: "function" }>): Value {
  switch (binding.kind) {
    case "constant":
      return constantValue(binding.value);
    case "register": {
      const { index } = binding;
      return { compute: r => r[index] ?? 0 };
    }
    default: {
      const place = addressOf(binding);
      const { width } = binding;
      return width === 0 ? { compute: place } : { compute: (r, t) => t.load(place(r, t), width) };
    }
  }
}

/** Computes where a variable in memory lies. */
export function addressOf(binding: Extract<Binding, { kind: "memory" | "global" }>): Compute {
  const { offset } = binding;
  return binding.kind === "memory" ? (_r, t) => t.frame.base - offset : (_r, t) => t.data + offset;
}

function addressOfPlace(context: FunctionContext, operand: Expression): Value {
  if (operand.kind === "name") return address(context, operand.name, operand.span);
  if (operand.kind === "index") return compilePlace(context, operand).place;
  return refuse(context, "only a variable and an element have an address: &name, &name[index]", operand.span);
}

function address(context: FunctionContext, name: string, span: Span): Value {
  const binding = context.lookup(name);
  switch (binding?.kind) {
    case "memory":
    case "global":
      return { compute: addressOf(binding) };
    case "register":
      return refuse(context, `"${name}" is in a register; declare it by var to give it an address`, span);
    case "constant":
      return refuse(context, `"${name}" is a constant and has no address`, span);
    case "function":
      return refuse(context, `"${name}" is a function; functions have no address here`, span);
    default:
      return refuse(context, `nothing is called "${name}"${context.suggest(name)}`, span);
  }
}

/** Ends the process with the code, for a fork's child at the end of its block. */
export function emitExit(context: FunctionContext, code: Value): void {
  context.emitter.emit(() => (r, t) => {
    t.exit(code.compute(r, t));
    return ENDED;
  });
}
