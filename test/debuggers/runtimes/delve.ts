// For tests: how Go programs are built, and delve is started.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Start } from "./program.ts";

const RELAY = fileURLToPath(new URL("tcp-adapter.ts", import.meta.url));

/** Debian's own, which fit each other; newer ones by environment. */
const DLV = process.env.WRITEWATCH_DLV ?? "dlv";
const GO = process.env.WRITEWATCH_GO ?? "/usr/bin/go";

export function goBuild(source: string, path: string, ...flags: readonly string[]): void {
  execFileSync(GO, ["build", "-o", path, ...flags, source], { env: { ...process.env, GO111MODULE: "off" } });
}

/** @param output file that takes what delve and the program print. */
export function delveStart(output: string, configuration: Start["configuration"]): Omit<Start, "breakpoints"> {
  return {
    debugType: "go",
    command: {
      command: process.execPath,
      args: [RELAY, "0", output, DLV, "dap", "--listen=127.0.0.1:PORT", "--check-go-version=false"],
    },
    configuration,
  };
}
