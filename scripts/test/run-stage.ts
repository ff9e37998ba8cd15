// Runs one stage in a Node of its own, shows what it says, picks the count out of its last lines, and sees that it ends.
import { createInterface } from "node:readline";
import { repository } from "../vscode-host/paths.ts";
import { startGroup } from "../vscode-host/process-group.ts";

export interface StageResult {
  readonly exitCode: number;
  readonly passed: number;
  readonly failed: number;
}

export interface StageLimits {
  /** Milliseconds that the whole may take. */
  readonly whole: number;
  /** Milliseconds from its last word, the count, to its end: what is still open then was left behind. */
  readonly ending: number;
}

/** Several times what the slowest stage takes; the tests have limits of their own, and something must be badly wrong. */
const LIMITS: StageLimits = { whole: 20 * 60_000, ending: 30_000 };

const COUNT = /^(\d+) passed, (\d+) failed/;

/** @returns exit code 1 also for a stage that did not end: it is killed then, with all that it started. */
export async function runStage(
  script: string,
  args: readonly string[],
  limits: StageLimits = LIMITS,
  say: (line: string) => void = console.log,
): Promise<StageResult> {
  const group = startGroup(process.execPath, [script, ...args], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
    // A pipe makes tools think nobody sees colours.
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  let passed = 0;
  let failed = 0;
  let late: string | undefined;
  const giveUp = (milliseconds: number, what: string): NodeJS.Timeout =>
    setTimeout(() => {
      late = `${what} after ${milliseconds / 1000} s: killed.`;
      void group.stop();
    }, milliseconds);
  const timers = [giveUp(limits.whole, "Not done")];
  const { child } = group;
  if (!child.stdout) throw new Error("the stage's output is not there");
  const lines = createInterface({ input: child.stdout });
  lines.on("line", line => {
    const count = COUNT.exec(line);
    // Not repeated: only the sum of all stages stands alone on a line.
    if (!count) {
      say(line);
      return;
    }
    passed += Number(count[1]);
    failed += Number(count[2]);
    say(`  ${line}`);
    timers.push(giveUp(limits.ending, "All tests are done, but something that they left open kept it from ending"));
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": that waits for all who hold the pipe, and a debugger that hangs may hold it for ever.
    child.once("exit", code => setImmediate(resolve, code ?? 1));
  });
  for (const timer of timers) clearTimeout(timer);
  lines.close();
  child.stdout.destroy();
  await group.stop();
  if (late !== undefined) say(`  ${late}`);
  return { exitCode: late === undefined ? exitCode : 1, passed, failed };
}
