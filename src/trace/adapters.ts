// The debug adapters the trace command can start: where they are found and how each is told to launch a program.
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import type { AdapterLink } from "./adapter-link.ts";
import { AdapterProcess } from "./adapter-process.ts";

export const DEBUGGERS = ["lldb-dap", "gdb"] as const;
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

export interface Adapter {
  /** The debug type its dialect goes by. */
  readonly debugType: string;
  /** Starts it. */
  connect(): AdapterLink;
  launchArguments(request: LaunchRequest): object;
}

/** Marks the line that tells the exit code where the adapter has no `exited` event. */
export const EXIT_MARK = "writewatch-exit-code";

/**
 * Finds a debugger on PATH.
 * @throws {Error} where there is none, with the command that installs it.
 */
export function findAdapter(name: DebuggerName): Adapter {
  return name === "lldb-dap" ? findLldb() : findGdb();
}

function findLldb(): Adapter {
  const path = onPath(/^lldb-dap(-\d+)?$/) ?? onPath(/^lldb-vscode(-\d+)?$/);
  if (!path) {
    throw new Error(
      "No lldb-dap on PATH. Install it (Debian, Ubuntu: apt-get install lldb-19, any version from 16 on), or use --debugger gdb.",
    );
  }
  return {
    debugType: "lldb-dap",
    connect: () => new AdapterProcess({ command: path, args: [] }),
    launchArguments: ({ program, args, cwd, input, output }) => ({
      program,
      args,
      cwd,
      stopOnEntry: false,
      initCommands: [
        `settings set target.input-path ${quoteLldb(input)}`,
        `settings set target.output-path ${quoteLldb(output)}`,
        `settings set target.error-path ${quoteLldb(output)}`,
      ],
      postRunCommands: [AT_FIRST_INSTRUCTION],
    }),
  };
}

/**
 * Run before the program's first instruction. The program would inherit from lldb-dap that SIGPIPE is ignored: back to its default.
 * And lldb maps the memory that it needs for calls now, when no signal can be pending: one would be lost and the mapping with it
 * (seen in lldb-server 19.1.7, which then takes the number of mmap for the new mapping's address).
 */
const AT_FIRST_INSTRUCTION = [
  "expression -l c -- long r; long action[4]; action[0] = action[1] = action[2] = action[3] = 0;",
  'register long size __asm__("r10") = 8;',
  '__asm__ volatile("syscall" : "=a"(r) : "0"(13L), "D"(13L), "S"(action), "d"(0L), "r"(size) : "rcx", "r11", "memory"); r',
].join(" ");

function findGdb(): Adapter {
  const gdb = onPath(/^gdb$/);
  if (!gdb)
    throw new Error("No gdb on PATH. Install it (Debian, Ubuntu: apt-get install gdb), or use --debugger lldb-dap.");
  return gdbVersion(gdb) >= 14 ? gdbOwnAdapter(gdb) : gdbThroughCdt(gdb);
}

/** gdb's own adapter, from 14 on. Written by its documentation; no gdb of that age was at hand to run it on. */
function gdbOwnAdapter(gdb: string): Adapter {
  // It quotes arguments itself, redirections too; the wrapper is a way round that.
  const wrapper = `/bin/sh -c 'i=$WRITEWATCH_IN o=$WRITEWATCH_OUT; unset WRITEWATCH_IN WRITEWATCH_OUT; exec "$0" "$@" <"$i" >"$o" 2>&1'`;
  return {
    debugType: "gdb-dap",
    connect: () =>
      new AdapterProcess({
        command: gdb,
        args: ["-q", "-iex", `set exec-wrapper ${wrapper}`, "-i=dap"],
        env: gdbEnvironment(),
      }),
    launchArguments: ({ program, args, cwd, input, output }) => ({
      program,
      args,
      cwd,
      env: { ...process.env, WRITEWATCH_IN: input, WRITEWATCH_OUT: output },
      stopAtBeginningOfMainSubprogram: false,
    }),
  };
}

function gdbThroughCdt(gdb: string): Adapter {
  const script = createRequire(import.meta.url).resolve("cdt-gdb-adapter/dist/debugAdapter.js");
  return {
    debugType: "gdb",
    connect: () => new AdapterProcess({ command: process.execPath, args: [script], env: gdbEnvironment() }),
    launchArguments: ({ program, args, cwd, input, output }) => ({
      gdb,
      program,
      cwd,
      arguments: [...args.map(quoteLine), `< ${quoteShell(input)}`, `> ${quoteShell(output)}`, "2>&1"].join(" "),
      initCommands: [
        ...ownEnvironment(),
        `python gdb.events.exited.connect(lambda e: print("${EXIT_MARK} %d" % (e.exit_code if hasattr(e, "exit_code") else 128 + int(gdb.convenience_variable("_exitsignal")))))`,
      ],
    }),
  };
}

/** gdb starts programs through $SHELL, which redirects and must understand our quotes: not every login shell does. */
function gdbEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, SHELL: "/bin/sh" };
}

/** Commands that give the program the environment it has without gdb, which adds the size of a terminal. */
function ownEnvironment(): string[] {
  return ["SHELL", "LINES", "COLUMNS"].map(name => {
    const value = process.env[name];
    return value === undefined ? `unset environment ${name}` : `set environment ${name} = ${value}`;
  });
}

/**
 * Checks a program before a debugger meets it, whose own words for these cases are harder to act on.
 * @throws {Error} missing, a directory, not executable, or no ELF file.
 */
export function checkProgram(path: string): void {
  if (!existsSync(path)) throw new Error(`There is no program at ${path}: give --program the path of an executable.`);
  if (statSync(path).isDirectory())
    throw new Error(`${path} is a directory: give --program the path of an executable.`);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`${path} is not executable: run 'chmod +x ${path}', or give --program another file.`);
  }
  if (readFileSync(path).subarray(0, 4).toString("latin1") !== "\x7fELF") {
    throw new Error(`${path} is no ELF program (a script, perhaps): give --program the program that runs it.`);
  }
}

/** The program on PATH whose name matches: one without a version in its name, else the newest. */
function onPath(name: RegExp): string | undefined {
  const found = (process.env.PATH ?? "").split(delimiter).flatMap(folder => {
    try {
      return readdirSync(folder)
        .filter(file => name.test(file))
        .map(file => join(folder, file));
    } catch {
      return [];
    }
  });
  return found.sort((a, b) => version(b) - version(a))[0];
}

function version(path: string): number {
  return Number(/-(\d+)$/.exec(path)?.[1] ?? Number.MAX_SAFE_INTEGER);
}

function gdbVersion(gdb: string): number {
  const text = execFileSync(gdb, ["--version"], { encoding: "utf8" });
  return Number(/(\d+)\.\d+/.exec(text)?.[1] ?? 0);
}

function quoteShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command to gdb ends with its line. */
function quoteLine(text: string): string {
  if (/[\r\n]/.test(text)) {
    throw new Error("gdb can't pass an argument with a line break to a program: use --debugger lldb-dap.");
  }
  return quoteShell(text);
}

function quoteLldb(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
