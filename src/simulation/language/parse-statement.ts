// Parses statements and blocks; after an error it goes on with the next line.
import { type Cursor, Unexpected } from "./cursor.ts";
import { ExpressionParser } from "./parse-expression.ts";
import { parseLayout } from "./parse-layout.ts";
import type { Span } from "./problem.ts";
import { nearest } from "./suggest.ts";
import type { BinaryOperator, Block, Branch, Expression, PrintItem, Statement, Width } from "./syntax.ts";
import { describeToken } from "./token.ts";

const STORES: ReadonlyMap<string, Width> = new Map([
  ["store", 1],
  ["store8", 1],
  ["store16", 2],
  ["store32", 4],
  ["store64", 8],
]);

/** Words that begin a statement, for suggestions. */
export const STATEMENT_WORDS: readonly string[] = [
  ...["let", "var", "const", "if", "while", "loop", "for", "break", "continue", "return", "exit", "exec", "yield"],
  ...["print", "assert", "expect", "fill", "copy", ...STORES.keys()],
];

const ASSIGNMENTS = ["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="];

export class StatementParser {
  readonly expressions: ExpressionParser;
  private readonly cursor: Cursor;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.expressions = new ExpressionParser(cursor, () => this.block("after fork"));
  }

  /** Statements between braces. Problems within are reported and passed over. */
  block(where: string): Block {
    const { cursor } = this;
    const opening = cursor.expectSymbol("{", where);
    const statements = this.statements();
    if (!cursor.isSymbol("}")) {
      cursor.fail(`the "{" of line ${opening.span.start.line} is never closed: expected "}"`, opening.span);
    }
    cursor.next();
    return { statements, span: cursor.spanFrom(opening.span) };
  }

  /** Statements up to a closing brace or the text's end. */
  statements(): Statement[] {
    const { cursor } = this;
    const statements: Statement[] = [];
    for (;;) {
      cursor.skipNewlines();
      if (cursor.isAtEnd || cursor.isSymbol("}") || cursor.problems.isFull) return statements;
      const before = cursor.passed;
      try {
        const statement = cursor.deeper(() => this.statement());
        // A name declared on a line with an error is declared still.
        if (statement.kind !== "expression") statements.push(statement);
        this.expectEnd();
        if (statement.kind === "expression") statements.push(statement);
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        cursor.skipStatement();
        if (cursor.passed === before && !cursor.isSymbol("}")) cursor.next();
      }
    }
  }

  private expectEnd(): void {
    const { cursor } = this;
    if (!cursor.isAtStatementEnd) {
      cursor.fail(`expected the end of the line, found ${describeToken(cursor.peek())}`);
    }
  }

  private statement(): Statement {
    const { cursor } = this;
    const { kind, text, span } = cursor.peek();
    const width = kind === "name" ? STORES.get(text) : undefined;
    if (width !== undefined && !this.isAssignment(1)) return this.store(width);
    if (kind !== "name" || this.isAssignment(1)) return this.simple();
    switch (text) {
      case "let":
      case "const":
        return this.declaration(text);
      case "var":
        return this.variable();
      case "if":
        return this.conditional();
      case "while": {
        cursor.next();
        const condition = this.expressions.expression();
        const head = cursor.spanFrom(span);
        return { kind: "while", condition, body: this.block("after the condition"), span: head };
      }
      case "loop":
        cursor.next();
        return { kind: "loop", body: this.block("after loop"), span };
      case "for":
        return this.forLoop();
      case "break":
      case "continue":
      case "yield":
        cursor.next();
        return { kind: text, span };
      case "return":
      case "exit": {
        cursor.next();
        const value = cursor.isAtStatementEnd ? undefined : this.expressions.expression();
        return { kind: text, ...(value ? { value } : {}), span: cursor.spanFrom(span) };
      }
      case "exec": {
        cursor.next();
        const call = this.expressions.call("after exec");
        return { kind: "exec", call, span: cursor.spanFrom(span) };
      }
      case "print":
        return this.print();
      case "assert":
        return this.assertion();
      case "expect":
        return this.expectation();
      case "fill":
      case "copy": {
        cursor.next();
        const [first, second, third] = this.operands(
          text,
          text === "fill" ? "address, length, value" : "to, from, length",
        );
        if (text === "fill") {
          return { kind: text, address: first, length: second, value: third, span: cursor.spanFrom(span) };
        }
        return { kind: text, to: first, from: second, length: third, span: cursor.spanFrom(span) };
      }
      case "global":
      case "fn":
      case "seed":
        if (cursor.peek(1).kind === "name") cursor.fail(`${text} stands outside of functions`);
    }
    return this.simple();
  }

  /** An assignment, or an expression by itself. */
  private simple(): Statement {
    const { cursor } = this;
    const first = cursor.peek();
    if (first.kind === "name" && ["name", "number", "text"].includes(cursor.peek(1).kind)) {
      const meant = nearest(first.text, STATEMENT_WORDS);
      const isUnitOrWord = ["try", "spawn", "join", "wait", "fork"].includes(first.text);
      if (!isUnitOrWord && meant !== undefined) {
        cursor.fail(`"${first.text}" begins no statement (did you mean "${meant}"?)`, first.span);
      }
    }
    const target = this.expressions.expression();
    const { kind, text } = cursor.peek();
    if (kind === "symbol" && ASSIGNMENTS.includes(text)) {
      if (target.kind !== "name" && target.kind !== "index") {
        return cursor.fail("only a variable or place[offset] can be assigned to", target.span);
      }
      cursor.next();
      const value = this.expressions.expression();
      const operator = text === "=" ? undefined : (text.slice(0, -1) as BinaryOperator);
      return { kind: "assign", target, ...(operator ? { operator } : {}), value, span: cursor.spanFrom(first.span) };
    }
    return { kind: "expression", value: target, span: cursor.spanFrom(first.span) };
  }

  private isAssignment(ahead: number): boolean {
    const { kind, text } = this.cursor.peek(ahead);
    return kind === "symbol" && (ASSIGNMENTS.includes(text) || text === "[" || text === "++" || text === "--");
  }

  private declaration(kind: "let" | "const"): Statement {
    const { cursor } = this;
    const { span } = cursor.next();
    const name = cursor.expectName(`a name after ${kind}`);
    if (cursor.isSymbol(":")) cursor.fail(`${kind} takes no size: its value has no place in memory; write var instead`);
    cursor.expectSymbol("=", `and a value after "${name.text}"`);
    const value = this.expressions.expression();
    return { kind, name, value, span: cursor.spanFrom(span) };
  }

  private variable(): Statement {
    const { cursor } = this;
    const { span } = cursor.next();
    const name = cursor.expectName("a name after var");
    const layout = cursor.takeSymbol(":") ? parseLayout(cursor, this.expressions) : undefined;
    const value = cursor.takeSymbol("=") ? this.expressions.expression() : undefined;
    return {
      kind: "var",
      name,
      ...(layout ? { layout } : {}),
      ...(value ? { value } : {}),
      span: cursor.spanFrom(span),
    };
  }

  private store(width: Width): Statement {
    const { cursor } = this;
    const { span, text } = cursor.next();
    const address = this.expressions.expression();
    if (!cursor.takeSymbol(",")) cursor.fail(`${text} takes an address, a comma and a value`);
    cursor.skipNewlines();
    const value = this.expressions.expression();
    return { kind: "store", width, address, value, span: cursor.spanFrom(span) };
  }

  private operands(word: string, form: string): [Expression, Expression, Expression] {
    const { cursor } = this;
    const operand = (): Expression => {
      if (!cursor.takeSymbol(",")) cursor.fail(`${word} takes three values: ${word} ${form}`);
      cursor.skipNewlines();
      return this.expressions.expression();
    };
    return [this.expressions.expression(), operand(), operand()];
  }

  private conditional(): Statement {
    const { cursor } = this;
    const { span } = cursor.next();
    const branches: Branch[] = [this.branch(span)];
    for (;;) {
      // An else may stand on the line after the closing brace.
      let ahead = 0;
      while (cursor.peek(ahead).kind === "newline" && cursor.peek(ahead).text !== ";") ahead += 1;
      if (!cursor.isWord("else", ahead)) return { kind: "if", branches, span };
      cursor.skipNewlines();
      const word = cursor.next();
      if (!cursor.takeWord("if")) {
        return { kind: "if", branches, otherwise: this.block("after else"), span };
      }
      branches.push(this.branch(word.span));
    }
  }

  private branch(start: Span): Branch {
    const condition = this.expressions.expression();
    const span = this.cursor.spanFrom(start);
    return { condition, body: this.block("after the condition"), span };
  }

  private forLoop(): Statement {
    const { cursor, expressions } = this;
    const { span } = cursor.next();
    const name = cursor.expectName("a name after for");
    if (!cursor.takeWord("in")) cursor.fail(`expected "in" after "${name.text}": for ${name.text} in 0..10 { … }`);
    const from = expressions.expression();
    cursor.expectSymbol("..", "between the first value and the end");
    const to = expressions.expression();
    const step = cursor.takeWord("step") ? expressions.expression() : undefined;
    const head = cursor.spanFrom(span);
    const body = this.block("after the values");
    return { kind: "for", name, from, to, ...(step ? { step } : {}), body, span: head };
  }

  private print(): Statement {
    const { cursor } = this;
    const { span } = cursor.next();
    const items: PrintItem[] = [];
    while (!cursor.isAtStatementEnd) {
      items.push(this.printItem());
      if (!cursor.takeSymbol(",")) break;
      cursor.skipNewlines();
    }
    return { kind: "print", items, span: cursor.spanFrom(span) };
  }

  private printItem(): PrintItem {
    const { cursor } = this;
    const token = cursor.peek();
    if (token.kind === "text") {
      cursor.next();
      return { kind: "text", text: token.value };
    }
    const value = this.expressions.expression();
    if (value.kind === "call" && value.callee.text === "hex" && value.arguments.length === 1 && value.arguments[0]) {
      return { kind: "hexadecimal", value: value.arguments[0].value };
    }
    return { kind: "decimal", value };
  }

  private assertion(): Statement {
    const { cursor } = this;
    const { span } = cursor.next();
    const condition = this.expressions.expression();
    let message: string | undefined;
    if (cursor.takeSymbol(",")) {
      const token = cursor.peek();
      if (token.kind !== "text") cursor.fail(`expected a message in quotes, found ${describeToken(token)}`);
      cursor.next();
      if (token.kind === "text") message = token.value;
    }
    return { kind: "assert", condition, ...(message === undefined ? {} : { message }), span: cursor.spanFrom(span) };
  }

  private expectation(): Statement {
    const { cursor } = this;
    const { span } = cursor.next();
    const failure = cursor.expectName('an error or a signal after expect, as in "expect EINVAL munmap(1, page)"');
    const statement = cursor.deeper(() => this.statement());
    return { kind: "expect", failure, statement, span: cursor.spanFrom(span) };
  }
}
