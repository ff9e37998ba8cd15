// A swap area on the live kernel while tests need one: a small file, turned on and off again.
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Pages of the swap area; plenty, so that no program fills it. */
export const SWAP_PAGES = 16_384;

/** Turns swap on. @returns what turns it off; undefined where this is not permitted. */
export function turnSwapOn(): (() => void) | undefined {
  const folder = mkdtempSync(join(tmpdir(), "writewatch-swap-"));
  const file = join(folder, "swap");
  try {
    const descriptor = openSync(file, "w", 0o600);
    // A swap file may have no holes.
    for (let mebibyte = 0; mebibyte < SWAP_PAGES / 256; mebibyte += 1) writeSync(descriptor, new Uint8Array(1 << 20));
    closeSync(descriptor);
    execFileSync("/sbin/mkswap", [file], { stdio: "pipe" });
    execFileSync("/sbin/swapon", [file], { stdio: "pipe" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return () => {
    execFileSync("/sbin/swapoff", [file]);
    rmSync(folder, { recursive: true });
  };
}
