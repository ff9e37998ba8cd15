// Runs one stage in a Node of its own, shows what it says, and picks the count out of its last lines.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { repository } from "../vscode-host/paths.ts";

export interface StageResult {
  readonly exitCode: number;
  readonly passed: number;
  readonly failed: number;
}

const COUNT = /^(\d+) passed, (\d+) failed/;

export async function runStage(script: string, args: readonly string[]): Promise<StageResult> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
    // A pipe makes tools think nobody sees colours.
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  const exitCode = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", code => resolve(code ?? 1));
  });
  let passed = 0;
  let failed = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const count = COUNT.exec(line);
    // Not repeated: only the sum of all stages stands alone on a line.
    if (!count) {
      console.log(line);
      continue;
    }
    passed += Number(count[1]);
    failed += Number(count[2]);
    console.log(`  ${line}`);
  }
  return { exitCode: await exitCode, passed, failed };
}
