// Compiles `expect ERROR statement`: the statement must fail, and as told.

import { Errno } from "../../kernel/errno.ts";
import { MemoryFault } from "../../kernel/simulated/system-calls.ts";
import { ArithmeticProblem } from "../language/integer.ts";
import { suggestion } from "../language/suggest.ts";
import type { Statement } from "../language/syntax.ts";
import { CallFailure, ProgramFailure } from "../run/code.ts";
import type { FunctionContext } from "./context.ts";
import { compileStatement } from "./statement.ts";

const SIGNALS = ["SIGSEGV", "SIGBUS", "SIGFPE"];

/** What can be expected to fail. */
const SIMPLE = ["let", "var", "assign", "store", "fill", "copy", "print", "assert", "expression"];

export function compileExpectation(
  context: FunctionContext,
  { failure, statement }: Extract<Statement, { kind: "expect" }>,
): void {
  const { emitter, problems } = context;
  const known = [...Object.keys(Errno), ...SIGNALS];
  if (!known.includes(failure.text)) {
    problems.report(`"${failure.text}" is no error or signal${suggestion(failure.text, known)}`, failure.span);
  }
  if (!SIMPLE.includes(statement.kind)) {
    problems.report("expect takes one simple statement: a call, a store, an assignment", statement.span);
    return;
  }
  const { here } = emitter;
  const { waits } = context;
  compileStatement(context, statement);
  if (context.waits > waits) {
    problems.report("expect takes a statement that neither waits nor runs a function of the program", statement.span);
    return;
  }
  emitter.replaceFrom(here, (instruction, end) => (r, t) => {
    let happened = "nothing failed";
    try {
      const pc = instruction(r, t);
      if (pc !== end) return pc;
    } catch (error) {
      const name = failureName(error);
      if (name === undefined) throw error;
      if (name === failure.text) return end;
      happened = error instanceof Error ? error.message : name;
    }
    throw new ProgramFailure(`expected ${failure.text} here, but ${happened}`);
  });
}

function failureName(error: unknown): string | undefined {
  if (error instanceof MemoryFault) return error.signal;
  if (error instanceof ArithmeticProblem && error.isDivision) return "SIGFPE";
  if (!(error instanceof CallFailure)) return undefined;
  return Object.entries(Errno).find(([, number]) => number === error.errno)?.[0] ?? String(error.errno);
}
