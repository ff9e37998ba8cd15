// Parses what stands behind the colon of a variable in memory: u8 to u64, u64[8], or a size in bytes.
import type { Cursor } from "./cursor.ts";
import type { ExpressionParser } from "./parse-expression.ts";
import type { Layout, Width } from "./syntax.ts";

export const INTEGER_TYPES: ReadonlyMap<string, Width> = new Map([
  ["u8", 1],
  ["u16", 2],
  ["u32", 4],
  ["u64", 8],
]);

/** @throws {Unexpected} after reporting what is wrong. */
export function parseLayout(cursor: Cursor, expressions: ExpressionParser): Layout {
  const { kind, text, span } = cursor.peek();
  const width = kind === "name" ? INTEGER_TYPES.get(text) : undefined;
  if (width !== undefined) {
    cursor.next();
    if (!cursor.takeSymbol("[")) return { kind: "integer", width, span };
    const count = expressions.expression();
    cursor.expectSymbol("]", "after the number of elements");
    return { kind: "array", element: width, size: count, span: cursor.spanFrom(span) };
  }
  const size = expressions.expression();
  return { kind: "array", element: 1, size, span: size.span };
}
