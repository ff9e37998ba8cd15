// The trace command's arguments.
import { parseArgs } from "node:util";
import { DEBUGGERS, type DebuggerName } from "../debuggers/launcher.ts";
import type { MissWay } from "../tracker/watches/reports.ts";

/** The longest time that a timer runs (2^31 milliseconds), seconds. */
const MOST_SECONDS = 2_147_483;

/** Kernels that can be simulated. */
export const KERNELS = ["6.18", "6.12", "6.7"] as const;
export type KernelName = (typeof KERNELS)[number];

export const USAGE = `Usage: npm run --silent trace -- [options] --program PATH [-- ARGS...]
       npm run --silent trace -- [options] --simulate FILE

Runs a program under a debugger, step by step, and prints which pages of memory each step wrote.

  --program PATH         the program to run, built with -g
  --debugger NAME        lldb-dap (default), gdb, gdb-dap (its own adapter) or codelldb
  --break LOCATION       where to begin: a function, or FILE:LINE (default: main;
                         of a simulated program also a line, default the first that runs)
  --steps N              let the program run on after N steps (default: step to its end)
  --stop-at-write WHAT   run, instead of stepping, and stop before each store into WHAT: an expression
                         that names an object at the break, or 0xSTART..0xEND; may be given several times
  --hits N               let the program run on after N of them (default: all)
  --misses WAY           what becomes of stores beside WHAT, in the same pages: step (each is let through alone, which
                         costs some milliseconds), pass (at once: a store into WHAT within microseconds of one is
                         told after it is done) or auto (default: step, as long as that takes little of the time)
  --bytes                tell which bytes each step changed, and what they were before
  --record FILE          write a recording (.writewatch) to FILE, too, with the changed bytes (as --bytes);
                         "npm run --silent recording" answers questions about it
  --json                 print JSON Lines instead of text
  --output FILE          the program's own output goes to FILE (default: standard error)
  --input FILE           the program reads FILE as its standard input (default: nothing)
  --simulate FILE        run this simulated program (.wsim) on the simulated kernel, without a debugger
  --seed N               where a simulated program's random numbers begin (default: as the program says, or 1)
  --kernel VERSION       which kernel is simulated: ${KERNELS.join(", ")} (default: ${KERNELS[0]})
  --timeout SECONDS      give up on a step that takes longer (default: 60)
`;

interface Common {
  readonly program: string;
  readonly steps: number;
  readonly json: boolean;
  /** Whether to tell changed bytes, too. */
  readonly bytes: boolean;
  /** A file to write the recording to. */
  readonly record?: string;
  /** Present where it is to run, and to stop at writes. */
  readonly stopAtWrite?: StopAtWrite;
  readonly output?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface StopAtWrite {
  /** Expressions, and ranges as 0xSTART..0xEND. */
  readonly what: readonly string[];
  readonly hits: number;
  readonly misses: MissWay;
}

export interface NativeOptions extends Common {
  readonly args: readonly string[];
  readonly debugger: DebuggerName;
  readonly break: string;
  readonly input?: string;
}

export interface SimulatedOptions extends Common {
  readonly simulator: { readonly seed?: number; readonly kernel: KernelName };
  /** Absent: the program's first line. */
  readonly break?: string;
}

export type TraceOptions = NativeOptions | SimulatedOptions;

/** The command line can't be understood; the message is for its writer. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function parseOptions(argv: readonly string[]): TraceOptions | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  const common = {
    steps: values.steps === undefined ? Number.POSITIVE_INFINITY : wholeNumber("--steps", values.steps),
    json: values.json ?? false,
    // A recording without them would answer little.
    bytes: values.bytes === true || values.record !== undefined,
    ...(values.record ? { record: values.record } : {}),
    ...stopAtWrite(values),
    ...(values.output ? { output: values.output } : {}),
    timeout: seconds("--timeout", values.timeout ?? "60"),
  };
  if (values.simulate !== undefined) {
    const native = ["program", "debugger", "input"].filter(name => name in values);
    if (native.length > 0) throw new UsageError(`--simulate goes without --${native[0]}.`);
    if (positionals.length > 0) throw new UsageError("A simulated program takes no arguments.");
    const simulator = {
      ...(values.seed === undefined ? {} : { seed: wholeNumber("--seed", values.seed) }),
      kernel: oneOf("--kernel", values.kernel ?? KERNELS[0], KERNELS),
    };
    const at = values.break === undefined ? {} : { break: oneLine("--break", values.break) };
    return { ...common, ...at, program: values.simulate, simulator };
  }
  const simulated = ["seed", "kernel"].filter(name => name in values);
  if (simulated.length > 0) throw new UsageError(`--${simulated[0]} goes with --simulate.`);
  if (!values.program) throw new UsageError("--program PATH is missing.");
  return {
    ...common,
    program: oneLine("--program", values.program),
    args: positionals,
    debugger: oneOf("--debugger", values.debugger ?? "lldb-dap", DEBUGGERS),
    break: oneLine("--break", values.break ?? "main"),
    ...(values.input ? { input: oneLine("--input", values.input) } : {}),
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
        bytes: { type: "boolean" },
        record: { type: "string" },
        "stop-at-write": { type: "string", multiple: true },
        hits: { type: "string" },
        misses: { type: "string" },
        output: { type: "string" },
        input: { type: "string" },
        timeout: { type: "string" },
        simulate: { type: "string" },
        seed: { type: "string" },
        kernel: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function stopAtWrite(values: ReturnType<typeof parse>["values"]): { readonly stopAtWrite?: StopAtWrite } {
  const what = values["stop-at-write"]?.map(text => oneLine("--stop-at-write", text));
  if (!what) {
    for (const name of ["hits", "misses"] as const)
      if (values[name] !== undefined) throw new UsageError(`--${name} goes with --stop-at-write.`);
    return {};
  }
  if (values.steps !== undefined)
    throw new UsageError("--stop-at-write runs the program instead of stepping: it goes without --steps.");
  if (what.some(text => text.trim() === ""))
    throw new UsageError("--stop-at-write wants an expression, or 0xSTART..0xEND.");
  for (const text of what) rangeIn(text);
  const hits = values.hits === undefined ? Number.POSITIVE_INFINITY : wholeNumber("--hits", values.hits);
  return { stopAtWrite: { what, hits, misses: missWay(values.misses ?? "auto") } };
}

function missWay(text: string): MissWay {
  if (text === "auto" || text === "step" || text === "pass") return text;
  throw new UsageError(`--misses takes auto, step or pass, not ${text}.`);
}

/**
 * Addresses [start, end) of a text "0xSTART..0xEND"; undefined where it is an expression.
 * @throws {UsageError} they are none.
 */
export function rangeIn(text: string): { readonly start: number; readonly end: number } | undefined {
  const [, from, to] = /^\s*(0x[0-9a-f]+)\s*\.\.\s*(0x[0-9a-f]+)\s*$/i.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const [start, end] = [Number(from), Number(to)];
  if (start >= end || !Number.isSafeInteger(end))
    throw new UsageError(`--stop-at-write ${text}: the end must lie behind the start.`);
  return { start, end };
}

function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find(name => name === value);
  if (!found) throw new UsageError(`${option} ${value}: there are ${known.join(" and ")}.`);
  return found;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} ${text}: a whole number is wanted.`);
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new UsageError(`${option} ${text}: that is too large.`);
  return number;
}

/** @returns milliseconds. */
function seconds(option: string, text: string): number {
  const number = wholeNumber(option, text);
  if (number < 1 || number > MOST_SECONDS) {
    throw new UsageError(`${option} ${text}: from 1 to ${MOST_SECONDS} seconds can be waited.`);
  }
  return number * 1000;
}

/** To a debugger a line break ends one command and begins another. */
function oneLine(option: string, text: string): string {
  const { length } = [...text].filter(character => character < " " || character === "\x7f");
  if (length > 0) throw new UsageError(`${option} ${JSON.stringify(text)}: no control characters can be in it.`);
  return text;
}
