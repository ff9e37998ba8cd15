// The processes of this computer, as /proc lists them.
import { readdirSync, readFileSync } from "node:fs";

export interface ListedProcess {
  readonly pid: number;
  readonly name: string;
  /** With its arguments. */
  readonly command: string;
}

/** All processes with memory of their own, newest numbers first; none where there is no /proc. */
export function listProcesses(): ListedProcess[] {
  const found: ListedProcess[] = [];
  for (const entry of entries()) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      // Kernel threads have no command line, and no memory of their own.
      if (command === "") continue;
      found.push({ pid: Number(entry), name: readFileSync(`/proc/${entry}/comm`, "utf8").trim(), command });
    } catch {
      // Ended while we looked.
    }
  }
  return found.sort((a, b) => b.pid - a.pid);
}

function entries(): string[] {
  try {
    return readdirSync("/proc");
  } catch {
    return [];
  }
}
