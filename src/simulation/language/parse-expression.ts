// Parses expressions by operator precedence.
import type { Cursor } from "./cursor.ts";
import { type Span, spanning } from "./problem.ts";
import { nearest } from "./suggest.ts";
import type { Argument, BinaryOperator, Block, Call, Expression, UnaryOperator } from "./syntax.ts";
import { describeToken } from "./token.ts";
import { MISTAKEN_UNITS, UNITS } from "./units.ts";

/** As in C, but comparisons bind less than the operators on bits, so that `flags & mask == 0` means what it says. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ...["||"].map(operator => [operator, 1] as const),
  ...["&&"].map(operator => [operator, 2] as const),
  ...["==", "!=", "<", "<=", ">", ">="].map(operator => [operator, 3] as const),
  ...["|"].map(operator => [operator, 4] as const),
  ...["^"].map(operator => [operator, 5] as const),
  ...["&"].map(operator => [operator, 6] as const),
  ...["<<", ">>"].map(operator => [operator, 7] as const),
  ...["+", "-"].map(operator => [operator, 8] as const),
  ...["*", "/", "%"].map(operator => [operator, 9] as const),
]);
const COMPARISON = 3;

/** Trees are walked by recursion, and `a + a + a + …` grows one too. */
const HIGHEST = 200;

/** What stands between braces is the statement parser's. */
export type ParseBlock = () => Block;

export class ExpressionParser {
  private readonly cursor: Cursor;
  private readonly parseBlock: ParseBlock;

  constructor(cursor: Cursor, parseBlock: ParseBlock) {
    this.cursor = cursor;
    this.parseBlock = parseBlock;
  }

  /** @throws {Unexpected} after reporting what is wrong. */
  expression(above = 0): Expression {
    return this.cursor.deeper(() => this.operations(above));
  }

  private operations(above: number): Expression {
    const { cursor } = this;
    let left = this.unary();
    for (;;) {
      const token = cursor.peek();
      const precedence = token.kind === "symbol" ? PRECEDENCE.get(token.text) : undefined;
      if (precedence === undefined || precedence <= above) return left;
      cursor.next();
      cursor.skipNewlines();
      if (cursor.isAtStatementEnd) cursor.fail(`expected a value after "${token.text}"`, token.span);
      const right = this.expression(precedence);
      left = this.bounded({
        kind: "binary",
        operator: token.text as BinaryOperator,
        left,
        right,
        span: spanning(left.span, right.span),
        height: Math.max(left.height, right.height) + 1,
      });
      const after = cursor.peek();
      if (precedence === COMPARISON && after.kind === "symbol" && PRECEDENCE.get(after.text) === COMPARISON) {
        cursor.fail("comparisons do not chain; join two with &&");
      }
    }
  }

  private unary(): Expression {
    const { cursor } = this;
    const { kind, text, span } = cursor.peek();
    if (kind === "symbol" && (text === "-" || text === "!" || text === "~")) {
      cursor.next();
      const operand = this.cursor.deeper(() => this.unary());
      const operator: UnaryOperator = text;
      return this.bounded({
        kind: "unary",
        operator,
        operand,
        span: cursor.spanFrom(span),
        height: operand.height + 1,
      });
    }
    if (kind === "symbol" && text === "&") {
      cursor.next();
      const after = cursor.peek();
      if (!cursor.isSymbol("(") && after.kind !== "name") cursor.expectName("the name of a variable after &");
      const operand = cursor.deeper(() => this.postfix(this.primary()));
      return this.bounded({ kind: "address", operand, span: cursor.spanFrom(span), height: operand.height + 1 });
    }
    if (kind === "symbol" && text === "*") cursor.fail("read memory by load(address), or load64(address) for 8 bytes");
    if (kind === "name") {
      const keyword = this.keyword(text, span);
      if (keyword) return keyword;
    }
    return this.postfix(this.primary());
  }

  /** The words that begin an expression of their own; as names they stay free where nothing follows them. */
  private keyword(text: string, span: Span): Expression | undefined {
    const { cursor } = this;
    if (text === "try" || text === "spawn") {
      if (cursor.peek(1).kind !== "name") return undefined;
      cursor.next();
      const call = this.call(`after ${text}`);
      return { kind: text, call, span: cursor.spanFrom(span), height: call.height + 1 };
    }
    if (text === "join" || text === "wait") {
      const after = cursor.peek(1);
      if (after.kind !== "name" && after.kind !== "number" && !cursor.isSymbol("(", 1)) return undefined;
      cursor.next();
      const operand = this.cursor.deeper(() => this.unary());
      return { kind: text, operand, span: cursor.spanFrom(span), height: operand.height + 1 };
    }
    return text === "fork" ? this.fork(span) : undefined;
  }

  private fork(span: Span): Expression | undefined {
    const { cursor } = this;
    if (cursor.isSymbol("{", 1)) {
      cursor.next();
      const body = cursor.deeper(this.parseBlock);
      return { kind: "fork", body, span: cursor.spanFrom(span), height: 1 };
    }
    if (cursor.isSymbol("(", 1)) {
      cursor.next();
      cursor.next();
      cursor.expectSymbol(")", 'after "fork("');
      return { kind: "fork", span: cursor.spanFrom(span), height: 1 };
    }
    if (cursor.peek(1).kind !== "name") return undefined;
    cursor.next();
    const call = this.call("after fork");
    return { kind: "fork", call, span: cursor.spanFrom(span), height: call.height + 1 };
  }

  /** A call and nothing else. */
  call(where: string): Call {
    const { cursor } = this;
    const callee = cursor.expectName(`a call ${where}`);
    if (!cursor.isSymbol("(")) {
      cursor.fail(`expected "(" and arguments after "${callee.text}", found ${describeToken(cursor.peek())}`);
    }
    return this.cursor.deeper(() => this.arguments(callee));
  }

  private primary(): Expression {
    const { cursor } = this;
    const token = cursor.peek();
    switch (token.kind) {
      case "number":
        cursor.next();
        return { kind: "number", value: token.value, span: token.span, height: 1 };
      case "text":
        cursor.next();
        return { kind: "text", value: token.value, span: token.span, height: 1 };
      case "name": {
        if (cursor.isSymbol("(", 1)) return this.call("here");
        cursor.next();
        return { kind: "name", name: token.text, span: token.span, height: 1 };
      }
      case "symbol":
        if (token.text === "(") {
          cursor.next();
          cursor.skipNewlines();
          const inner = this.expression();
          cursor.skipNewlines();
          cursor.expectSymbol(")", "to close the parenthesis");
          return inner;
        }
    }
    return cursor.fail(`expected a value, found ${describeToken(token)}`);
  }

  /** Units and indexes behind a value. */
  private postfix(first: Expression): Expression {
    const { cursor } = this;
    let operand = first;
    for (;;) {
      const token = cursor.peek();
      const { height } = operand;
      if (token.kind === "name") {
        const factor = UNITS.get(token.text);
        if (factor === undefined) {
          this.refuseMistakenUnit(token.text, token.span);
          return operand;
        }
        cursor.next();
        operand = { kind: "scaled", operand, factor, span: spanning(operand.span, token.span), height: height + 1 };
      } else if (cursor.isSymbol("[")) {
        cursor.next();
        cursor.skipNewlines();
        const offset = this.expression();
        cursor.skipNewlines();
        cursor.expectSymbol("]", "after the offset");
        const span = cursor.spanFrom(operand.span);
        operand = { kind: "index", base: operand, offset, span, height: Math.max(height, offset.height) + 1 };
      } else if (cursor.isSymbol("++") || cursor.isSymbol("--")) {
        return cursor.fail(`there is no ${token.text}; write ${token.text[0]}= 1`);
      } else {
        return operand;
      }
      this.bounded(operand);
    }
  }

  private refuseMistakenUnit(text: string, span: Span): void {
    const unit = MISTAKEN_UNITS.get(text) ?? nearest(text, UNITS.keys());
    if (unit !== undefined) this.cursor.fail(`"${text}" is no unit; did you mean "${unit}"?`, span);
  }

  private arguments(callee: { text: string; span: Span }): Call {
    const { cursor } = this;
    cursor.expectSymbol("(", "before the arguments");
    const list: Argument[] = [];
    let height = 1;
    cursor.skipNewlines();
    while (!cursor.isSymbol(")")) {
      const name = cursor.isSymbol(":", 1) && cursor.peek().kind === "name" ? cursor.expectName("a name") : undefined;
      if (name) cursor.next();
      const value = this.expression();
      list.push({ ...(name ? { name } : {}), value });
      height = Math.max(height, value.height + 1);
      cursor.skipNewlines();
      if (!cursor.takeSymbol(",")) break;
      cursor.skipNewlines();
    }
    cursor.expectSymbol(")", `to end the arguments of ${callee.text}`);
    const { text, span } = callee;
    return { kind: "call", callee: { text, span }, arguments: list, span: cursor.spanFrom(span), height };
  }

  private bounded<E extends Expression>(expression: E): E {
    if (expression.height > HIGHEST) this.cursor.fail("this expression is too long; split it", expression.span);
    return expression;
  }
}
