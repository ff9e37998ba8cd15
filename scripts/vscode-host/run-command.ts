// Runs one command to its end and fails with everything it said.
import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Resolves with stdout. Quiet while all is well: an installer's chatter matters only when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const outcome = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  if (outcome === 0) return stdout;
  const place = options.cwd ? ` (in ${options.cwd})` : "";
  throw new Error(`${command} ${args.join(" ")}${place} ended with ${outcome}:\n${said.trim()}`);
}
