// Runs simulated programs for the tests, and writes down what they call.
import type { Process } from "../../../src/kernel/simulated/process.ts";
import type { SystemCalls } from "../../../src/kernel/simulated/system-calls.ts";
import { pageOf } from "../../../src/memory/page.ts";
import { PageSet } from "../../../src/memory/page-set.ts";
import { compileProgram } from "../../../src/simulation/compile/program.ts";
import { Execution, type ExecutionOptions } from "../../../src/simulation/run/execution.ts";
import type { Fault } from "../../../src/simulation/run/fault.ts";

export interface Run {
  readonly output: string;
  readonly code: number;
  readonly fault: Fault | undefined;
  /** Where it stood when it met with the fault. */
  readonly line: number | undefined;
  readonly statements: number;
}

/** More work than any test's program does. */
const MOST = 50_000_000;

/** Runs a program to its end. */
export function run(source: string, options: ExecutionOptions = {}): Run {
  let output = "";
  const execution = new Execution(compileProgram(source), {
    ...options,
    output: text => {
      output += text;
    },
  });
  let fault: Fault | undefined;
  let line: number | undefined;
  for (;;) {
    const outcome = execution.run(undefined, MOST);
    if (outcome.kind === "exited") {
      return { output, code: outcome.code, fault, line, statements: execution.statements };
    }
    if (outcome.kind !== "fault") throw new Error("the program does not end");
    fault = outcome.fault;
    line = execution.program.marks[outcome.thread.pc]?.span.start.line;
  }
}

/** Runs statements as main's body; the lines are counted from its first. */
export function runMain(body: string, options?: ExecutionOptions): Run {
  return run(`fn main() {${body}\n}`, options);
}

/** What the program printed, for programs that end well. */
export function outputOf(source: string, options?: ExecutionOptions): string {
  const { output, fault } = run(source, options);
  if (fault) throw new Error(fault.message);
  return output;
}

/** Stands between a program and its processes, and keeps which pages it stored to itself. */
export class Recorder {
  readonly calls: string[] = [];
  private stored: [number, number][] = [];

  readonly wrap = (process: Process): SystemCalls => {
    const recorder = this;
    return new Proxy(process, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          recorder.note(String(name), args);
          return value.apply(target, args);
        };
      },
    });
  };

  /** The pages stored to since this was asked last. */
  written(): PageSet {
    const written = PageSet.from(this.stored);
    this.stored = [];
    return written;
  }

  private note(name: string, args: readonly unknown[]): void {
    this.calls.push(name);
    if (name !== "store") return;
    const [address, bytes] = args as [number, Uint8Array];
    this.stored.push([pageOf(address), pageOf(address + bytes.length - 1) + 1]);
  }
}
