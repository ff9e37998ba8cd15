// Cuts a program's text into tokens. Never fails: what it can't read it reports and passes over.
import { type Integer, integer } from "./integer.ts";
import type { Position, ProblemList, Span } from "./problem.ts";
import { SYMBOLS, type Token } from "./token.ts";

const SPACE = /[ \t\r\f\v\u00a0\ufeff]+/y;
const COMMENT = /(?:#|\/\/)[^\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Takes letters along, so that "12ab" is one wrong number and not two right tokens. */
const NUMBER = /[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?/y;
const NUMBER_FORM = /^(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)$/;
const TEXT = /"(?:[^"\\\n]|\\[^\n])*"?/y;
const CHARACTER = /'(?:[^'\\\n]|\\x[0-9a-fA-F]{2}|\\[^\n])'/y;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["0", "\0"],
  ["\\", "\\"],
  ['"', '"'],
  ["'", "'"],
]);

/** @returns the tokens; the last one is always the text's end. */
export function tokenize(source: string, problems: ProblemList): Token[] {
  return new Lexer(source, problems).tokens();
}

class Lexer {
  private readonly source: string;
  private readonly problems: ProblemList;
  private offset = 0;
  private line = 1;
  private lineStart = 0;

  constructor(source: string, problems: ProblemList) {
    this.source = source;
    this.problems = problems;
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    while (this.offset < this.source.length) {
      const token = this.next();
      if (token) tokens.push(token);
    }
    const span = { start: this.position(), end: this.position() };
    tokens.push({ kind: "end", text: "", span });
    return tokens;
  }

  private next(): Token | undefined {
    const start = this.position();
    if (this.take(SPACE) !== undefined || this.take(COMMENT) !== undefined) return undefined;
    const first = this.source[this.offset] ?? "";
    if (first === "\n" || first === ";") {
      this.offset += 1;
      const span = { start, end: { line: start.line, column: start.column + 1 } };
      if (first === "\n") {
        this.line += 1;
        this.lineStart = this.offset;
      }
      return { kind: "newline", text: first, span };
    }
    const name = this.take(NAME);
    if (name !== undefined) return { kind: "name", text: name, span: this.spanFrom(start) };
    const number = this.take(NUMBER);
    if (number !== undefined) return this.number(number, this.spanFrom(start));
    const text = this.take(TEXT);
    if (text !== undefined) return this.text(text, this.spanFrom(start));
    const character = this.take(CHARACTER);
    if (character !== undefined) return this.character(character, this.spanFrom(start));
    return this.symbol(start);
  }

  private number(text: string, span: Span): Token {
    const token = (value: Integer): Token => ({ kind: "number", value, text, span });
    if (text.includes(".")) {
      this.problems.report(`numbers are whole here, not "${text}"; use a smaller unit`, span);
      return token(0);
    }
    if (!NUMBER_FORM.test(text) || /[xXbBoO]_*$/.test(text)) {
      const unit = /^(\d+)([A-Za-z]+)$/.exec(text);
      const hint = unit ? `; write "${unit[1]} ${unit[2]}" with a space between` : "";
      this.problems.report(`"${text}" is not a number${hint}`, span);
      return token(0);
    }
    try {
      // Longer ones do not fit anyway, and converting them takes long.
      if (text.length > 100) throw new RangeError();
      return token(integer(BigInt(text.replaceAll("_", ""))));
    } catch {
      this.problems.report("this number does not fit 64 bits", span);
      return token(0);
    }
  }

  private text(text: string, span: Span): Token {
    const isClosed = text.length > 1 && text.endsWith('"');
    if (!isClosed) this.problems.report('this text has no closing " on its line', span);
    return { kind: "text", value: this.unescape(text.slice(1, isClosed ? -1 : undefined), span), text, span };
  }

  private character(text: string, span: Span): Token {
    const value = this.unescape(text.slice(1, -1), span).codePointAt(0) ?? 0;
    return { kind: "number", value, text, span };
  }

  private unescape(text: string, span: Span): string {
    return text.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (whole, code: string) => {
      if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      const character = ESCAPES.get(code);
      if (character === undefined) this.problems.report(`"${whole}" stands for nothing; "\\\\" is a backslash`, span);
      return character ?? "";
    });
  }

  private symbol(start: Position): Token | undefined {
    const rest = this.source.slice(this.offset, this.offset + 3);
    const symbol = SYMBOLS.find(known => rest.startsWith(known));
    if (symbol !== undefined) {
      this.offset += symbol.length;
      return { kind: "symbol", text: symbol, span: this.spanFrom(start) };
    }
    const character = String.fromCodePoint(this.source.codePointAt(this.offset) ?? 0);
    this.offset += character.length;
    const message =
      character === "'" ? "a character stands between two ', as in 'x'" : `"${character}" means nothing here`;
    this.problems.report(message, this.spanFrom(start));
    return undefined;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const text = pattern.exec(this.source)?.[0];
    if (text !== undefined) this.offset += text.length;
    return text;
  }

  private position(): Position {
    return { line: this.line, column: this.offset - this.lineStart + 1 };
  }

  private spanFrom(start: Position): Span {
    return { start, end: this.position() };
  }
}
