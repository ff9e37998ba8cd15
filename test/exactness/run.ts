// Runs the programs: by themselves, watching themselves, and under `trace` with a debugger.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { DebuggerName } from "../../src/debuggers/launcher.ts";
import { limited } from "./limited.ts";
import { compiled } from "./programs.ts";
import { parseEvents, type TraceEvent } from "./trace-events.ts";

export interface Run {
  /** Of the program: standard output, then standard error (a trace gives both, as they came). */
  readonly output: string;
  readonly exitCode: number | undefined;
}

export interface Traced extends Run {
  readonly events: readonly TraceEvent[];
  readonly stderr: string;
}

const repository = path.resolve(import.meta.dirname, "../..");
/** A trace that takes longer than this hangs. */
const PATIENCE = 50_000;

const atMostTwo = limited(2);
const traces = new Map<string, Promise<Traced>>();

/** Steps through the whole program; the same trace serves all tests that ask for it. */
export function traced(name: string, withDebugger: DebuggerName): Promise<Traced> {
  const key = `${withDebugger} ${name}`;
  let run = traces.get(key);
  if (!run) {
    run = compiled(name).then(({ path: executable }) => atMostTwo(() => trace(executable, withDebugger)));
    // Whoever awaits it gets the failure; until then it must not end the process.
    run.catch(() => {});
    traces.set(key, run);
  }
  return run;
}

/** Runs the program with nobody watching. */
export async function alone(name: string): Promise<Run> {
  const { path: executable } = await compiled(name);
  const { stdout, stderr, exitCode } = await finished(executable, []);
  return { output: stdout + stderr, exitCode };
}

/** Runs the program watching itself. @returns its output, and what it saw. */
export async function selfChecked(name: string): Promise<Run & { readonly seen: string }> {
  const { path: executable } = await compiled(name, true);
  const { stdout, stderr, exitCode, seen } = await atMostTwo(() => finished(executable, [], "pipe"));
  return { output: stdout + stderr, exitCode, seen };
}

async function trace(executable: string, withDebugger: DebuggerName): Promise<Traced> {
  const folder = await mkdtemp(path.join(tmpdir(), "writewatch-exactness-"));
  try {
    const file = path.join(folder, "output");
    const main = path.join(repository, "src/trace/main.ts");
    const args = ["--debugger", withDebugger, "--json", "--bytes", "--output", file, "--program", executable];
    const { stdout, stderr, exitCode } = await finished(process.execPath, [main, ...args]);
    const output = await readFile(file, "utf8").catch(() => "");
    const events = parseEvents(stdout);
    const exited = events.find(event => event.event === "exited");
    if (!exited) throw new Error(`the trace ended with code ${exitCode} and no "exited" event: ${stderr}`);
    return { events, stderr, output, exitCode: exited.exitCode };
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** What came through descriptor 3. */
  readonly seen: string;
  readonly exitCode: number | undefined;
}

/** @param third the program's descriptor 3; left closed, it is the first that anyone who leaks one would take. */
async function finished(executable: string, args: readonly string[], third?: "pipe"): Promise<Finished> {
  const child = spawn(executable, args, {
    stdio: ["ignore", "pipe", "pipe", ...(third ? [third] : [])],
    timeout: PATIENCE,
  });
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", code => resolve(code ?? undefined));
  });
  const [stdout, stderr, seen, exitCode] = await Promise.all([
    allOf(child.stdio[1]),
    allOf(child.stdio[2]),
    allOf(child.stdio[3]),
    ended,
  ]);
  return { stdout, stderr, seen, exitCode };
}

function allOf(stream: ChildProcess["stdio"][3]): Promise<string> {
  return stream instanceof Readable ? text(stream) : Promise.resolve("");
}
