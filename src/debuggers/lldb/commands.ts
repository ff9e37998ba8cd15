// lldb's own commands, by whichever adapter speaks for it: nothing is compiled, no event is sent, the program writes nothing.
import type { CallContext } from "../debugger.ts";

/** A call's context, with the adapter's way to lldb's commands. */
export interface LldbContext extends CallContext {
  /** As {@link runCommand}. */
  readonly run: (context: CallContext, command: string, again?: readonly string[]) => Promise<string>;
}

/**
 * Runs one lldb command.
 * @param again while it prints one of these the command may be run anew at once, some times: for what must not wait
 *   for us. An adapter that has no such means gives the first answer.
 * @returns what it printed.
 * @throws {DapError} the adapter refused; {DeadlineError} it did not answer; {Cancelled} the context's signal was given.
 */
export function runCommand(context: LldbContext, command: string, again?: readonly string[]): Promise<string> {
  return context.run(context, command, again);
}
