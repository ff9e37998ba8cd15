// The operators of expressions as closures over the closures of their operands.

import type { Integer } from "../language/integer.ts";
import * as integers from "../language/integer.ts";
import type { BinaryOperator, UnaryOperator } from "../language/syntax.ts";
import type { Compute } from "../run/code.ts";

type Operation = (a: Integer, b: Integer) => Integer;

/** All but && and ||, which may leave out their second operand. */
export type ArithmeticOperator = Exclude<BinaryOperator, "&&" | "||">;

const OPERATIONS: Readonly<Record<ArithmeticOperator, Operation>> = {
  "+": integers.add,
  "-": integers.subtract,
  "*": integers.multiply,
  "/": integers.divide,
  "%": integers.remainder,
  "<<": integers.shiftLeft,
  ">>": integers.shiftRight,
  "&": integers.and,
  "|": integers.or,
  "^": integers.exclusiveOr,
  "==": (a, b) => (a === b ? 1 : 0),
  "!=": (a, b) => (a === b ? 0 : 1),
  "<": (a, b) => (a < b ? 1 : 0),
  "<=": (a, b) => (a <= b ? 1 : 0),
  ">": (a, b) => (a > b ? 1 : 0),
  ">=": (a, b) => (a >= b ? 1 : 0),
};

const UNARY: Readonly<Record<UnaryOperator, (a: Integer) => Integer>> = {
  "-": a => integers.subtract(0, a),
  "!": a => (a === 0 ? 1 : 0),
  "~": integers.complement,
};

export function unary(operator: UnaryOperator, operand: Compute): Compute {
  const operation = UNARY[operator];
  return (registers, thread) => operation(operand(registers, thread));
}

/** One closure an operator: the engine makes a direct call of each, which one for all of them would not be. */
export function binary(operator: BinaryOperator, left: Compute, right: Compute): Compute {
  switch (operator) {
    case "&&":
      return (r, t) => (left(r, t) === 0 ? 0 : right(r, t) === 0 ? 0 : 1);
    case "||":
      return (r, t) => (left(r, t) !== 0 ? 1 : right(r, t) === 0 ? 0 : 1);
    case "+":
      return (r, t) => integers.add(left(r, t), right(r, t));
    case "-":
      return (r, t) => integers.subtract(left(r, t), right(r, t));
    case "*":
      return (r, t) => integers.multiply(left(r, t), right(r, t));
    case "<":
      return (r, t) => (left(r, t) < right(r, t) ? 1 : 0);
    case "==":
      return (r, t) => (left(r, t) === right(r, t) ? 1 : 0);
    default: {
      const operation = OPERATIONS[operator];
      return (r, t) => operation(left(r, t), right(r, t));
    }
  }
}
