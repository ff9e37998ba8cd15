// How a debugger of this computer is started, and told to launch a program; for the trace command, which is its own VS Code.

import type { CallContext, Debugger } from "./debugger.ts";

/** The debuggers that can be started here, by the names their users know; "gdb" is by whichever adapter there is for it. */
export const DEBUGGERS = ["lldb-dap", "gdb", "gdb-dap", "codelldb"] as const;
export type DebuggerName = (typeof DEBUGGERS)[number];

export interface LaunchRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** File the program reads as its standard input. */
  readonly input: string;
  /** File (a FIFO) that takes the program's standard output and error. */
  readonly output: string;
}

export interface AdapterCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface Launcher {
  readonly debugger: Debugger;
  /** The debug type its debugger goes by. */
  readonly debugType: string;
  /** The process that speaks DAP over its standard streams. */
  readonly command: AdapterCommand;
  /** Arguments of the `launch` request. @throws {Error} the debugger can't pass them on, with the remedy. */
  launchArguments(request: LaunchRequest): object;
  /** What has to be done at the program's first instruction, where the launch stops then. @throws {Error} as any call. */
  atFirstInstruction?(context: CallContext): Promise<void>;
}
