// Which requests to a debugger can write the debuggee's memory while it stands, and which let it run.

/**
 * Requests whose answering may write: directly, or because the debugger runs a function of the program (a pretty printer,
 * an expression in a watch or a hover).
 */
const WRITING = new Set([
  "evaluate",
  "setVariable",
  "setExpression",
  "writeMemory",
  "variables",
  "completions",
  "setBreakpoints",
  "setFunctionBreakpoints",
  "setInstructionBreakpoints",
  "setDataBreakpoints",
  "setExceptionBreakpoints",
]);

const RESUMING = new Set([
  "continue",
  "next",
  "stepIn",
  "stepOut",
  "stepBack",
  "reverseContinue",
  "restartFrame",
  "goto",
  "restart",
  "disconnect",
  "terminate",
]);

export function mayWrite(command: string): boolean {
  return WRITING.has(command);
}

export function resumes(command: string): boolean {
  return RESUMING.has(command);
}
