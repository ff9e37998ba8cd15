// A simulated program, in this process: its own debug adapter runs it on a simulated kernel.
import { createWriteStream, existsSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { LocalAgent } from "../agent/local.ts";
import { SIMULATED } from "../debuggers/simulated/debugger.ts";
import { simulatedKernel } from "../kernel/simulated/simulated-kernel.ts";
import { SimulatorSession } from "../simulation/adapter/session.ts";
import { machineOf } from "../simulation/machines.ts";
import { InlineAdapter } from "./inline-adapter.ts";
import type { SimulatedOptions } from "./options.ts";
import type { Target } from "./target.ts";

/** @throws {Error} the program is not there, or its output can't be written. */
export function simulatedTarget(options: SimulatedOptions): Target {
  const program = resolve(options.program);
  if (!existsSync(program))
    throw new Error(`There is no program at ${program}: give --simulate the path of a .wsim file.`);
  const kernel = simulatedKernel(machineOf);
  const sink = sinkFor(options.output);
  return {
    adapter: {
      debugType: SIMULATED,
      connect: () => new InlineAdapter(new SimulatorSession(async path => readFileSync(path, "utf8"))),
      launchArguments: () => ({ ...options.simulator, program, stopOnEntry: options.break === undefined }),
    },
    agent: new LocalAgent(() => kernel),
    request: { program, args: [], cwd: process.cwd(), input: "", output: "" },
    ...(options.break === undefined ? {} : { location: locationIn(program, options.break) }),
    observe: client => {
      client.onEvent(event => {
        if (event.event === "output") pour(event as DebugProtocol.OutputEvent, sink);
      });
    },
    flush: () => flush(sink),
    dispose: () => {},
  };
}

/** A program is one file: of FILE:LINE the line is enough, and may stand alone. */
function locationIn(program: string, location: string): string {
  const line = /^(?:.+:)?(\d+)$/.exec(location)?.[1];
  return line === undefined ? location : `${program}:${line}`;
}

/** @param file where the program's output goes; absent: standard error. */
function sinkFor(file: string | undefined): Writable {
  // Opened at once: a path that can't be written is told before anything runs.
  return file === undefined ? process.stderr : createWriteStream(file, { fd: openSync(file, "w") });
}

/** The adapter's own words, to its console, are none of the program's. */
function pour({ body: { category, output } }: DebugProtocol.OutputEvent, sink: Writable): void {
  if (category === "stdout" || category === "stderr") sink.write(output);
}

async function flush(sink: Writable): Promise<void> {
  if (sink === process.stderr || sink.writableFinished) return;
  await new Promise<void>(done => sink.end(done));
}
