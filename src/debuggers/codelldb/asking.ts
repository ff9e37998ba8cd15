// How CodeLLDB is asked where an object lies.
import type { Asking } from "../debugger.ts";

/**
 * `/nat` makes it lldb's own expression, whatever kind the user has chosen ("simple" ones knew no `&` until 1.12, and none know `sizeof`).
 * The format is of need: a pointer is shown as what it points to, and numbers as the user likes.
 */
export const natively: Asking = {
  address: expression => `/nat &(${bare(expression)}),p`,
  size: expression => `/nat sizeof(${bare(expression)}),u`,
};

/** Its own lists name expressions with such a prefix. */
function bare(expression: string): string {
  return expression.replace(/^\/(nat|se) /, "");
}
