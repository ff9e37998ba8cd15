// How CodeLLDB is asked where an object lies: by lldb's Python, whatever kind of expressions the user has chosen, and however he has
// values shown. (A pointer would be shown as what it points to. `sizeof` its simple expressions do not know, nor `&` before 1.12.)
//
// lldb's own `&x` of a variable in a register is the address of a copy, made for that expression alone: variables are looked up, with
// their members and elements, which writes nothing in the program either. Only what is no such path is compiled.
import type { Asking } from "../debugger.ts";

export const byPython: Asking = {
  address: expression =>
    asked(
      expression,
      // The "load address" of a variable in a register is its value.
      '"0x%x" % value.GetLoadAddress() if (value.GetLocation() or "").startswith("0x") else "it is not in memory"',
      "&",
    ),
  size: expression => asked(expression, "value.GetByteSize()", "sizeof"),
};

/**
 * @param found Python's words for what is asked of `value`, the object that a path leads to.
 * @param operator of C, which is asked of any other expression; its words stand in the place of the answer where it refuses.
 */
function asked(expression: string, found: string, operator: "&" | "sizeof"): string {
  const path = "frame.GetValueForVariablePath(text, lldb.eNoDynamicValues)";
  const object = `(lambda value: value.Dereference() if value.IsValid() and value.GetType().IsReferenceType() else value)(${path})`;
  const number = operator === "&" ? '"0x%x" % result.GetValueAsUnsigned()' : "result.GetValueAsUnsigned()";
  // What is read by its digits must not be misled by those of a refusal.
  const refusal = '__import__("re").sub("[0-9]+", "#", result.GetError().GetCString() or "it can not be evaluated")';
  const compiled = `(lambda result: ${number} if result.GetError().Success() else ${refusal})(frame.EvaluateExpression("${operator}(%s)" % text))`;
  const answer = `(lambda value: (${found}) if value.IsValid() and value.GetError().Success() else ${compiled})(${object})`;
  return `/py "%s" % (lambda frame, text: ${answer})(lldb.frame, ${JSON.stringify(bare(expression))}),s`;
}

/** Its own lists name expressions with such a prefix. */
function bare(expression: string): string {
  return expression.replace(/^\/(nat|se) /, "");
}
