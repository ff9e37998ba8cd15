// Which mappings a process has locked in memory (mlock(2)): /proc/PID/smaps says so, at a price, which /proc/PID/status nearly always saves.
import { readFileSync } from "node:fs";
import { PAGE_SIZE } from "../../memory/page.ts";

/** See {@link Kernel.lockedMappings}. */
export function lockedMappings(pid: number): readonly number[] {
  const found: number[] = [];
  try {
    const locked = /^VmLck:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    if (locked === undefined || locked === "0") return found;
    let start = 0;
    for (const line of readFileSync(`/proc/${pid}/smaps`, "latin1").split("\n")) {
      const [, first] = /^([0-9a-f]+)-[0-9a-f]+ /.exec(line) ?? [];
      if (first !== undefined) start = Number.parseInt(first, 16) / PAGE_SIZE;
      else if (/^VmFlags:.* lo( |$)/.test(line)) found.push(start);
    }
  } catch {
    // It is gone, which the next scan tells.
  }
  return found;
}
