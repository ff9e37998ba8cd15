// The trace command's arguments.
import { parseArgs } from "node:util";
import { DEBUGGERS, type DebuggerName } from "./adapters.ts";

export const USAGE = `Usage: npm run --silent trace -- [options] --program PATH [-- ARGS...]

Runs a program under a debugger, step by step, and prints which pages of memory each step wrote.

  --program PATH         the program to run, built with -g
  --debugger NAME        lldb-dap (default) or gdb
  --break LOCATION       where to begin: a function, or FILE:LINE (default: main)
  --steps N              let the program run on after N steps (default: step to its end)
  --json                 print JSON Lines instead of text
  --output FILE          the program's own output goes to FILE (default: standard error)
  --input FILE           the program reads FILE as its standard input (default: nothing)
  --timeout SECONDS      give up on a step that takes longer (default: 60)
`;

export interface TraceOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly debugger: DebuggerName;
  readonly break: string;
  readonly steps: number;
  readonly json: boolean;
  readonly output?: string;
  readonly input?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** The command line can't be understood; the message is for its writer. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function parseOptions(argv: readonly string[]): TraceOptions | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  if (!values.program) throw new UsageError("--program PATH is missing.");
  const name = values.debugger ?? "lldb-dap";
  const known = DEBUGGERS.find(debuggerName => debuggerName === name);
  if (!known) throw new UsageError(`--debugger ${name}: there are ${DEBUGGERS.join(" and ")}.`);
  return {
    program: values.program,
    args: positionals,
    debugger: known,
    break: values.break ?? "main",
    steps: values.steps === undefined ? Number.POSITIVE_INFINITY : wholeNumber("--steps", values.steps),
    json: values.json ?? false,
    ...(values.output ? { output: values.output } : {}),
    ...(values.input ? { input: values.input } : {}),
    timeout: wholeNumber("--timeout", values.timeout ?? "60") * 1000,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        program: { type: "string" },
        debugger: { type: "string" },
        break: { type: "string" },
        steps: { type: "string" },
        json: { type: "boolean" },
        output: { type: "string" },
        input: { type: "string" },
        timeout: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} ${text}: a whole number is wanted.`);
  return Number(text);
}
