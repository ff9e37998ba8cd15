// Parses a whole program: constants, globals, functions, the seed.
import { Cursor, Unexpected } from "./cursor.ts";
import { tokenize } from "./lexer.ts";
import { parseLayout } from "./parse-layout.ts";
import { StatementParser } from "./parse-statement.ts";
import type { ProblemList } from "./problem.ts";
import { nearest } from "./suggest.ts";
import type { Declaration, Expression, Name, Statement, SyntaxTree } from "./syntax.ts";
import { describeToken } from "./token.ts";

/** Words that begin a declaration, for suggestions. */
export const DECLARATION_WORDS = ["fn", "global", "const", "seed"] as const;

/** Reads what can be read of a program; what can't is reported. Never throws. */
export function parseProgram(source: string, problems: ProblemList): SyntaxTree {
  const cursor = new Cursor(tokenize(source, problems), problems);
  return { declarations: new ProgramParser(cursor).declarations() };
}

/** Reads one expression and nothing else, as a debugger's user types it; undefined where there is a problem. */
export function parseSingleExpression(source: string, problems: ProblemList): Expression | undefined {
  const cursor = new Cursor(tokenize(source, problems), problems);
  try {
    cursor.skipNewlines();
    const expression = new StatementParser(cursor).expressions.expression();
    cursor.skipNewlines();
    if (!cursor.isAtEnd) cursor.fail(`expected the end of the expression, found ${describeToken(cursor.peek())}`);
    return expression;
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return undefined;
  }
}

/** Reads statements as a debugger's user types them. */
export function parseStatements(source: string, problems: ProblemList): Statement[] {
  const cursor = new Cursor(tokenize(source, problems), problems);
  const statements = new StatementParser(cursor).statements();
  if (!cursor.isAtEnd) problems.report('"}" closes nothing', cursor.peek().span);
  return statements;
}

class ProgramParser {
  private readonly cursor: Cursor;
  private readonly statements: StatementParser;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
    this.statements = new StatementParser(cursor);
  }

  declarations(): Declaration[] {
    const { cursor } = this;
    const declarations: Declaration[] = [];
    for (;;) {
      cursor.skipNewlines();
      if (cursor.isAtEnd || cursor.problems.isFull) return declarations;
      try {
        declarations.push(this.declaration());
        if (!cursor.isAtStatementEnd || cursor.isSymbol("}")) {
          cursor.fail(`expected the end of the line, found ${describeToken(cursor.peek())}`);
        }
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        this.recover();
      }
    }
  }

  /** On to the next line that begins with a declaration's word. */
  private recover(): void {
    const { cursor } = this;
    for (;;) {
      while (!cursor.isAtEnd && cursor.peek().kind !== "newline") cursor.next();
      cursor.skipNewlines();
      const { kind, text, span } = cursor.peek();
      // Constants are declared in functions too, but there they do not stand at the line's beginning.
      const begins =
        kind === "name" && (DECLARATION_WORDS as readonly string[]).includes(text) && span.start.column === 1;
      if (cursor.isAtEnd || begins) return;
    }
  }

  private declaration(): Declaration {
    const { cursor } = this;
    const token = cursor.peek();
    if (token.kind === "name") {
      switch (token.text) {
        case "fn":
          return this.function();
        case "global":
          return this.global();
        case "const": {
          const { span } = cursor.next();
          const name = cursor.expectName("a name after const");
          cursor.expectSymbol("=", `and a value after "${name.text}"`);
          const value = this.expression();
          return { kind: "const", name, value, span: cursor.spanFrom(span) };
        }
        case "seed": {
          const { span } = cursor.next();
          return { kind: "seed", value: this.expression(), span: cursor.spanFrom(span) };
        }
      }
      const meant = nearest(token.text, DECLARATION_WORDS);
      if (meant !== undefined) cursor.fail(`"${token.text}" begins no declaration (did you mean "${meant}"?)`);
    }
    return cursor.fail(
      `expected fn, global, const or seed, found ${describeToken(token)}; statements stand in functions`,
    );
  }

  private function(): Declaration {
    const { cursor } = this;
    const { span } = cursor.next();
    const name = cursor.expectName("a name after fn");
    cursor.expectSymbol("(", `after "${name.text}"`);
    const parameters: Name[] = [];
    cursor.skipNewlines();
    while (!cursor.isSymbol(")")) {
      parameters.push(cursor.expectName("the name of a parameter"));
      cursor.skipNewlines();
      if (!cursor.takeSymbol(",")) break;
      cursor.skipNewlines();
    }
    cursor.expectSymbol(")", "after the parameters");
    if (cursor.isSymbol("->")) cursor.fail('functions declare no result; write "{" here and return a value');
    const body = this.statements.block("to begin the function");
    return { kind: "function", name, parameters, body, span: cursor.spanFrom(span) };
  }

  private global(): Declaration {
    const { cursor } = this;
    const { span } = cursor.next();
    const name = cursor.expectName("a name after global");
    const layout = cursor.takeSymbol(":") ? parseLayout(cursor, this.statements.expressions) : undefined;
    const alignment = cursor.takeWord("align") ? this.expression() : undefined;
    const value = cursor.takeSymbol("=") ? this.expression() : undefined;
    return {
      kind: "global",
      name,
      ...(layout ? { layout } : {}),
      ...(alignment ? { alignment } : {}),
      ...(value ? { value } : {}),
      span: cursor.spanFrom(span),
    };
  }

  private expression(): Expression {
    return this.statements.expressions.expression();
  }
}
