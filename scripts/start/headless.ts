// The same job without a window: compiles the sample, debugs it, and prints a line for each step.
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, repository, sampleFolder } from "../vscode-host/paths.ts";
import { runCommand } from "../vscode-host/run-command.ts";

export async function traceSample(steps: string): Promise<number> {
  const folder = join(cacheFolder, "sample");
  await mkdir(folder, { recursive: true });
  const program = join(folder, "main");
  await runCommand("gcc", ["-std=gnu17", "-g", "-O0", "-o", program, join(sampleFolder, "main.c")]);
  const trace = join(repository, "src/trace/main.ts");
  const child = spawn(process.execPath, [trace, "--program", program, "--steps", steps], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", code => resolve(code ?? 1));
  });
}
