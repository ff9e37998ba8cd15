// The suite as VS Code starts it: runs Mocha over the bundled tests inside the extension host.
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import { drive, hasDriver } from "./driver.ts";

const TEST_TIMEOUT_MS = 60_000;

export async function run(): Promise<void> {
  const { default: Mocha } = await import("mocha");
  const reports: Promise<unknown>[] = [];
  if (hasDriver()) {
    // The browser's console takes VS Code's own messages too; the bridge takes the report alone.
    Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => {
      reports.push(drive({ do: "report", line: format(...parts) }));
    };
  }
  const grep = process.env.WRITEWATCH_TEST_GREP;
  const mocha = new Mocha({
    ui: "bdd",
    color: process.env.WRITEWATCH_TEST_COLOR === "1",
    timeout: TEST_TIMEOUT_MS,
    ...(grep ? { grep } : {}),
  });
  for (const file of readdirSync(__dirname).sort()) {
    if (file.endsWith(".test.cjs")) mocha.addFile(join(__dirname, file));
  }
  const stats = await new Promise<Mocha.Stats | undefined>(resolve => {
    const runner = mocha.run(() => resolve(runner.stats));
    runner.on("fail", test => {
      if (hasDriver()) reports.push(drive({ do: "screenshot", path: pictureOf(test) }).catch(() => {}));
    });
  });
  const { passes = 0, failures = 0, pending = 0 } = stats ?? {};
  if (hasDriver()) {
    await Promise.all(reports);
    await drive({ do: "result", passed: passes, failed: failures, skipped: pending });
  }
  if (failures > 0) throw new Error(`${failures} workbench tests failed.`);
  if (passes === 0) throw new Error("No workbench test ran.");
}

function pictureOf(test: Mocha.Runnable): string {
  const name = test.fullTitle().replace(/\W+/g, "-").toLowerCase();
  return join(process.env.WRITEWATCH_TEST_OUTPUT ?? tmpdir(), `failed-${name}.png`);
}
