// A parser's place among the tokens, and its complaints.
import { type Position, type ProblemList, type Span, spanning } from "./problem.ts";
import { describeToken, type Token } from "./token.ts";

/** The parser can't go on here; caught where it can begin anew, never seen outside. */
export class Unexpected extends Error {}

const DEEPEST = 100;

export class Cursor {
  readonly problems: ProblemList;
  private readonly tokens: readonly Token[];
  private index = 0;
  private depth = 0;
  private before: Token;

  /** @param tokens at least one, the last being the text's end. */
  constructor(tokens: readonly [Token, ...Token[]] | readonly Token[], problems: ProblemList) {
    this.tokens = tokens;
    this.problems = problems;
    this.before = this.peek();
  }

  peek(ahead = 0): Token {
    const token = this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)];
    if (!token) throw new Unexpected("no tokens");
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.before = token;
    if (this.index < this.tokens.length - 1) this.index += 1;
    return token;
  }

  /** How many tokens were passed; a loop that does not move it must end. */
  get passed(): number {
    return this.index;
  }

  get isAtEnd(): boolean {
    return this.peek().kind === "end";
  }

  isSymbol(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === text;
  }

  isWord(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "name" && token.text === text;
  }

  /** Whether the statement can't go on: a line's end, a closing brace, the text's end. */
  get isAtStatementEnd(): boolean {
    const { kind } = this.peek();
    return kind === "newline" || kind === "end" || this.isSymbol("}");
  }

  takeSymbol(text: string): boolean {
    const is = this.isSymbol(text);
    if (is) this.next();
    return is;
  }

  takeWord(text: string): boolean {
    const is = this.isWord(text);
    if (is) this.next();
    return is;
  }

  expectSymbol(text: string, where: string): Token {
    if (!this.isSymbol(text)) this.fail(`expected "${text}" ${where}, found ${describeToken(this.peek())}`);
    return this.next();
  }

  expectName(what: string): { readonly text: string; readonly span: Span } {
    const token = this.peek();
    if (token.kind !== "name") this.fail(`expected ${what}, found ${describeToken(token)}`);
    const { text, span } = this.next();
    return { text, span };
  }

  skipNewlines(): void {
    while (this.peek().kind === "newline") this.next();
  }

  /** Runs `parse` one level deeper; too deep a nesting is an error in the text, and must not become one of the parser's stack. */
  deeper<T>(parse: () => T): T {
    if (this.depth >= DEEPEST) this.fail("nested too deeply");
    this.depth += 1;
    try {
      return parse();
    } finally {
      this.depth -= 1;
    }
  }

  /** Reports a problem at the next token, or where told, and gives up the statement. */
  fail(message: string, span: Span = this.peek().span): never {
    this.problems.report(message, span);
    throw new Unexpected(message);
  }

  /** From `start` to the end of the last token taken. */
  spanFrom(start: Span): Span {
    return spanning(start, this.before.span);
  }

  get end(): Position {
    return this.before.span.end;
  }

  /** After an error: on to the next line of the same block, past whole blocks in between. */
  skipStatement(): void {
    let depth = 0;
    while (!this.isAtEnd) {
      if (this.peek().kind === "newline" && depth === 0) return;
      if (this.isSymbol("}")) {
        if (depth === 0) return;
        depth -= 1;
      }
      if (this.isSymbol("{")) depth += 1;
      this.next();
    }
  }
}
