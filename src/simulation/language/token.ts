// The pieces a program's text is cut into.
import type { Integer } from "./integer.ts";
import type { Span } from "./problem.ts";

export type Token =
  | { readonly kind: "number"; readonly value: Integer; readonly text: string; readonly span: Span }
  | { readonly kind: "text"; readonly value: string; readonly text: string; readonly span: Span }
  | { readonly kind: "name" | "symbol"; readonly text: string; readonly span: Span }
  /** The end of a line, a semicolon, or the end of the text. */
  | { readonly kind: "newline" | "end"; readonly text: string; readonly span: Span };

/** Longest first, so that the lexer takes the longest that fits. */
export const SYMBOLS = [
  ...["<<=", ">>="],
  ...[
    "..",
    "&&",
    "||",
    "==",
    "!=",
    "<=",
    ">=",
    "<<",
    ">>",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "&=",
    "|=",
    "^=",
    "++",
    "--",
    "->",
  ],
  ..."(){}[],:=<>+-*/%&|^~!.?@",
] as const;

/** A token as an error message names it. */
export function describeToken(token: Token): string {
  if (token.kind === "newline") return token.text === ";" ? '";"' : "the end of the line";
  if (token.kind === "end") return "the end of the program";
  return token.kind === "text" ? "a text" : `"${token.text}"`;
}
