// A native program, under a debugger of this computer.
import { resolve } from "node:path";
import { AgentKeeper } from "../agent/keeper.ts";
import { NO_LOG } from "../common/log.ts";
import { findAdapter } from "./adapters.ts";
import type { NativeOptions } from "./options.ts";
import { checkInput, checkProgram } from "./program-checks.ts";
import { ProgramOutput } from "./program-output.ts";
import type { Target } from "./target.ts";

/**
 * @param agentModule the agent's main module.
 * @throws {Error} the program, its input or the debugger is not there, with the remedy.
 */
export function nativeTarget(options: NativeOptions, agentModule: string): Target {
  const program = resolve(options.program);
  checkProgram(program);
  const adapter = findAdapter(options.debugger);
  const input = resolve(options.input ?? "/dev/null");
  checkInput(input);
  const output = new ProgramOutput(options.output);
  const agent = new AgentKeeper(agentModule, NO_LOG);
  return {
    adapter,
    agent,
    request: { program, args: options.args, cwd: process.cwd(), input, output: output.path },
    location: options.break,
    observe: () => {},
    flush: () => output.close(),
    dispose: () => agent.dispose(),
  };
}
