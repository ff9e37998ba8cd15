// A simulated program, in this process: its own debug adapter runs it on a simulated kernel.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { LocalAgent } from "../agent/local.ts";
import { SIMULATED, simulated } from "../debuggers/simulated/debugger.ts";
import { simulatedKernel } from "../kernel/simulated/simulated-kernel.ts";
import { SimulatorSession } from "../simulation/adapter/session.ts";
import { machineOf } from "../simulation/machines.ts";
import { InlineAdapter } from "./inline-adapter.ts";
import type { SimulatedOptions } from "./options.ts";
import { OutputFile } from "./output-file.ts";
import { checkSimulatedProgram } from "./program-checks.ts";
import type { Target } from "./target.ts";

/** @throws {Error} the program is not there, or its output can't be written. */
export function simulatedTarget(options: SimulatedOptions): Target {
  const program = resolve(options.program);
  checkSimulatedProgram(program);
  const kernel = simulatedKernel(machineOf);
  // Opened at once: a path that can't be written is told before anything runs.
  const output = new OutputFile(options.output);
  return {
    adapter: {
      debugger: simulated,
      debugType: SIMULATED,
      connect: () => new InlineAdapter(new SimulatorSession(async path => readFileSync(path, "utf8"))),
      launchArguments: () => ({ ...options.simulator, program, stopOnEntry: options.break === undefined }),
    },
    agent: new LocalAgent(() => kernel),
    request: { program, args: [], cwd: process.cwd(), input: "", output: "" },
    ...(options.break === undefined ? {} : { location: locationIn(program, options.break) }),
    observe: client => {
      client.onEvent(event => {
        if (event.event === "output") pour(event as DebugProtocol.OutputEvent, output);
      });
    },
    flush: () => output.end(),
    dispose: () => {},
  };
}

/** A program is one file: of FILE:LINE the line is enough, and may stand alone. */
function locationIn(program: string, location: string): string {
  const line = /^(?:.+:)?(\d+)$/.exec(location)?.[1];
  return line === undefined ? location : `${program}:${line}`;
}

/** The adapter's own words, to its console, are none of the program's. */
function pour({ body: { category, output } }: DebugProtocol.OutputEvent, file: OutputFile): void {
  if (category === "stdout" || category === "stderr") file.write(output);
}
