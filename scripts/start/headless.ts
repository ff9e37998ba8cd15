// The same job without a window: debugs a sample and prints a line for each step.
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, repository, sampleFolder } from "../vscode-host/paths.ts";
import { runCommand } from "../vscode-host/run-command.ts";
import { simulatedSample } from "./samples.ts";

/** Compiles the C sample first. */
export async function traceSample(steps: string): Promise<number> {
  const folder = join(cacheFolder, "sample");
  await mkdir(folder, { recursive: true });
  const program = join(folder, "main");
  await runCommand("gcc", ["-std=gnu17", "-g", "-O0", "-o", program, join(sampleFolder, "main.c")]);
  return trace("--program", program, "--steps", steps);
}

export async function traceSimulated(steps: string): Promise<number> {
  const { folder, file } = simulatedSample;
  return trace("--simulate", join(folder, file), "--steps", steps);
}

async function trace(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [join(repository, "src/trace/main.ts"), ...args], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", code => resolve(code ?? 1));
  });
}
