// For tests: runs the trace command as a user would, and what it said.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The command itself, for a Node. */
export const traceMain = fileURLToPath(new URL("../../src/trace/main.ts", import.meta.url));

export interface Said {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TraceCommand {
  readonly args: readonly string[];
  /** Runs the command through another, such as one that takes system calls away. */
  readonly through?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Runs this with the arguments, instead of the trace command. */
  readonly command?: string;
}

export async function runTrace({ args, through = [], env, command: other }: TraceCommand): Promise<Said> {
  const [command, ...rest] = other ? [other, ...args] : [...through, process.execPath, traceMain, ...args];
  const child = spawn(command ?? process.execPath, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: env ?? process.env,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stdout, stderr };
}
