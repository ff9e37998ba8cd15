// Which signals lldb passes on to the program without stopping, or a word: its server is told their numbers (QPassSignals).

import { signalNumber } from "../signal-numbers.ts";
import { type LldbContext, runCommand } from "./commands.ts";

export async function passedSignals(context: LldbContext): Promise<number[]> {
  return parsePassed(await runCommand(context, "process handle"));
}

/** @param table what `process handle` prints: NAME PASS STOP NOTIFY. */
export function parsePassed(table: string): number[] {
  const passed = [...table.matchAll(/^(SIG\S+)\s+true\s+false\s+false\s*$/gm)];
  return passed.map(([, name = ""]) => signalNumber(name)).filter(number => number !== undefined);
}
