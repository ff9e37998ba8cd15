// Keeps the kernel's thread that collapses memory into huge pages from changing what is compared.
import { readFileSync, writeFileSync } from "node:fs";

const SETTING = "/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs";
const ONE_DAY = String(24 * 3600 * 1000);

/** Has khugepaged sleep while `run` runs, where the user may; says so, and puts its setting back. */
export async function withoutKhugepaged<T>(run: () => Promise<T>): Promise<T> {
  const before = readable();
  const isSet = before !== undefined && written(ONE_DAY);
  const putBack = () => {
    if (isSet) written(before);
  };
  // Also where somebody ends the run; SIGINT is the run's own affair.
  process.once("SIGTERM", () => {
    putBack();
    process.exit(1);
  });
  console.log(isSet ? "khugepaged sleeps meanwhile." : "khugepaged is left as it is (not permitted to change it).");
  try {
    return await run();
  } finally {
    putBack();
  }
}

function readable(): string | undefined {
  try {
    return readFileSync(SETTING, "utf8").trim();
  } catch {
    return undefined;
  }
}

function written(value: string): boolean {
  try {
    writeFileSync(SETTING, value);
    return true;
  } catch {
    return false;
  }
}
