// How CodeLLDB is asked where an object lies.
import type { Asking } from "../debugger.ts";

/**
 * `/nat` makes it lldb's own expression, whatever kind the user has chosen ("simple" ones knew no `&` until 1.12, and none know `sizeof`).
 * A pointer would be shown as what it points to, or as a string, and numbers are shown as the user likes, but for a format of our own.
 */
export const natively: Asking = {
  address: expression => `/nat (unsigned long long)&(${bare(expression)}),x`,
  size: expression => `/nat sizeof(${bare(expression)}),u`,
};

/** Its own lists name expressions with such a prefix. */
function bare(expression: string): string {
  return expression.replace(/^\/(nat|se) /, "");
}
